"""`python -m market_research` runs the server."""

from market_research.server import serve

if __name__ == "__main__":
    serve()
