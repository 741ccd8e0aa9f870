"""One TCP connection as frames on a stream of bytes, so that each side can say when it has nothing more to send.

Docker carries a command's input and output but not the end of one direction alone (nor can TLS). A frame is its length
in four bytes, then its bytes; an empty one ends that direction. Both ends run this file: the tunnel imports it, and a
throw-away container gets it as `python -c`, where the first line of the input is the address to connect to.
"""

import contextlib
import socket
import sys
import threading
from collections.abc import Callable

CHUNK = 65536
CONNECT_SECONDS = 10


def send(source: socket.socket, write: Callable[[bytes], object]) -> None:
    """Frame what the socket receives until it ends; a broken connection is an end too."""
    with contextlib.suppress(OSError):
        while chunk := source.recv(CHUNK):
            write(len(chunk).to_bytes(4, "big") + chunk)
    with contextlib.suppress(OSError):
        write(bytes(4))


def receive(read: Callable[[int], bytes], target: socket.socket) -> None:
    """Pass frames on to the socket until their end; a broken stream is an end too."""
    with contextlib.suppress(OSError):
        while size := int.from_bytes(read(4), "big"):
            target.sendall(read(size))
        target.shutdown(socket.SHUT_WR)


def connect(host: str, port: int) -> None:
    """Carry this process's input and output over one connection."""
    output = sys.stdout.buffer
    with socket.create_connection((host, port), timeout=CONNECT_SECONDS) as service:
        service.settimeout(None)
        service.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        incoming = threading.Thread(target=receive, args=(sys.stdin.buffer.read, service), daemon=True)
        incoming.start()
        send(service, lambda frame: (output.write(frame), output.flush()))
        incoming.join()


if __name__ == "__main__":
    wanted_host, _, wanted_port = sys.stdin.buffer.readline().decode().strip().rpartition(":")
    try:
        connect(wanted_host, int(wanted_port))
    except OSError as error:
        sys.exit(f"{wanted_host}:{wanted_port} does not answer: {error}")
