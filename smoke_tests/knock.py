"""Who answers at addresses, as seen from where this runs: in a guest, with `host:port` arguments.

A refusal is an answer too: somebody was reached, though nothing listens there.
"""

import asyncio
import json
import socket
import sys

ANSWER, REFUSAL, SILENCE, NO_ROUTE, UNKNOWN_NAME = "answer", "refusal", "silence", "no route", "unknown name"
REACHED = (ANSWER, REFUSAL)
PATIENCE_SECONDS = 1


async def knock(address: str) -> str:
    """What comes back from an address."""
    host, _, port = address.rpartition(":")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, writer = await asyncio.open_connection(*found[0][4][:2])
    except ConnectionRefusedError:
        return REFUSAL
    except socket.gaierror:
        return UNKNOWN_NAME
    except TimeoutError:
        return SILENCE
    except OSError:
        return NO_ROUTE
    writer.close()
    return ANSWER


async def knock_everywhere(addresses: list[str]) -> dict[str, str]:
    """What comes back from each; all are asked at once."""
    return dict(zip(addresses, await asyncio.gather(*map(knock, addresses)), strict=True))


if __name__ == "__main__":
    json.dump(asyncio.run(knock_everywhere(sys.argv[1:])), sys.stdout)
