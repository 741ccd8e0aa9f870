"""`python -m market_research` runs the server."""

from market_research.telemetry import exposition

if __name__ == "__main__":
    exposition.prepare()
    from market_research.server import serve

    serve()
