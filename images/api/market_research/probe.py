"""The health check's command: print what /health says and succeed if it is 200. It runs often: no imports."""

import _socket
import sys

ADDRESS = ("127.0.0.1", 8000)
SECONDS = 3
REQUEST = b"GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n"


def main() -> int:
    """0 when the API is healthy; its answer goes to Docker's health log either way."""
    answer = b""
    connection = _socket.socket()
    connection.settimeout(SECONDS)
    try:
        connection.connect(ADDRESS)
        connection.send(REQUEST)
        while received := connection.recv(65536):
            answer += received
    except OSError as error:
        sys.stdout.write(f"no answer from the API: {error}\n")
        return 1
    finally:
        connection.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    sys.stdout.write(body.decode() + "\n")
    return 0 if head.partition(b" ")[2].startswith(b"200 ") else 1


if __name__ == "__main__":
    sys.exit(main())
