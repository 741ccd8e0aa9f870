"""`python -m observers.graph`: NEO4J_URL is where to ask and as whom; /run/secrets/neo4j_password is the password."""

import asyncio
import sys

from observers.exposition import listen, main
from observers.graph import tables
from observers.graph.collector import Graph
from observers.graph.server import Server
from observers.settings import address, secret

PORT = 9474


def run() -> None:
    """Answer; the questions run in this thread's loop."""
    tables.forget()
    server = Server(address("NEO4J_URL", "bolt", user=True), secret("neo4j_password"))
    asyncio.run(_serve(server))


async def _serve(server: Server) -> None:
    listen(Graph(server, asyncio.get_running_loop()), PORT)
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main(run))
