"""A throw-away stack, taken through everything that a real one goes through."""
