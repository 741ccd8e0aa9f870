"""What a deployed stack promises, asked of the stack itself; nothing but its outputs is known here."""
