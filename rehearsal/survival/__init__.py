"""Faults on a live stack, and whether it comes through by itself without losing a write: `make faults`."""
