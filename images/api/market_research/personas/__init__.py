"""The people of the focus groups: made up, kept, and found by meaning."""
