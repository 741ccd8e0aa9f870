"""`python -m market_research` runs the server."""

from market_research.telemetry import folder

if __name__ == "__main__":
    folder.prepare()
    from market_research.server import serve

    serve()
