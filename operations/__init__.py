"""What people do to a running stack, as one command line: `research`."""
