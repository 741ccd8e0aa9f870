"""Exporters of what has none of its own: the stack's containers, and Neo4j Community."""
