"""What a running stack carries: people who use it all at once, and what that takes."""
