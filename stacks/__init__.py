"""The contract of a stack: what it may choose (settings) and what it promises (outputs)."""
