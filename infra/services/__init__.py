"""One file a service: its facts, what it needs, what it offers."""
