"""What is watched and who is told: configuration of Prometheus and Alertmanager, made from a stack's settings."""
