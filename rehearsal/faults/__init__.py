"""Faults on a live stack, and whether the right people are told: `make alerts`."""
