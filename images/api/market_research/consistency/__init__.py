"""`python -m market_research.consistency`: whether the stores are of one moment, as after a restore they may not be."""
