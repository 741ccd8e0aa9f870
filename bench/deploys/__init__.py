"""What deploys cost: the same images and limits, driven by Docker Compose and by this project, side by side."""
