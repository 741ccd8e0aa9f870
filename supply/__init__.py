"""What the images are made of: lists of their packages, what changed between two of them, and what is known of it."""
