"""What brings Pulumi, its plugins and a Docker engine onto a machine."""
