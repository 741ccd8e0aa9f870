"""Neo4j Community, which has no metrics endpoint, as it answers questions over Bolt."""
