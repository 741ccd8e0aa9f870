"""The alerts, by what they watch."""
