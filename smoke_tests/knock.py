"""Who answers at addresses, as seen from where this runs: in a guest, with `host:port` arguments.

A refusal is an answer too: somebody was reached.
"""

import json
import socket
import sys
from concurrent.futures import ThreadPoolExecutor

ANSWER, SILENCE, NO_ROUTE, UNKNOWN_NAME = "answer", "silence", "no route", "unknown name"
PATIENCE_SECONDS = 1


def knock(address: str) -> str:
    """What comes back from an address."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS).close()
    except ConnectionRefusedError:
        return ANSWER
    except socket.gaierror:
        return UNKNOWN_NAME
    except TimeoutError:
        return SILENCE
    except OSError:
        return NO_ROUTE
    return ANSWER


if __name__ == "__main__":
    addresses = sys.argv[1:]
    with ThreadPoolExecutor(len(sys.argv)) as pool:
        json.dump(dict(zip(addresses, pool.map(knock, addresses), strict=True)), sys.stdout)
