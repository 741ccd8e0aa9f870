"""Backups of the stores: jobs that fill a restic repository, restores, drills, and what starts them."""
