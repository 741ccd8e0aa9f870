"""A server over stores that are up, with one slow route: `python -m tests.slow_server <port> <drain seconds>`."""

import sys

import anyio
import uvicorn
from market_research.app import create_app

from tests.conftest import FakeStores, parts

SLOW_SECONDS = 4


def main(port: int, drain_seconds: float) -> None:
    app = create_app(parts(FakeStores().doctor()), drain_seconds)

    @app.get("/api/slow")
    async def slow() -> str:
        await anyio.sleep(SLOW_SECONDS)
        return "done"

    uvicorn.run(app, port=port, log_level="critical")


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
