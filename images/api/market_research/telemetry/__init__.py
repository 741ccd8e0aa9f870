"""What the API tells those who watch it: metrics and traces."""
