"""What stands on PATH for ssh: it forwards to an engine that echoes, apart from pings. The real one is in rehearsal/.

Its own argument is a folder: there is what the engine answers to a ping (`answer`), and there it writes down how it was
called (`called`) and the process ID of each that went into the background (`started`), and that one let go (`ended`).
"""

import json
import os
import socket
import sys
import threading
import time
from pathlib import Path

GOODBYE_SECONDS = 0.1
"""How long it is still there once it has taken the order to end, as ssh is that first tells the host."""


def main(folder: Path, words: list[str]) -> None:
    """As ssh with -f, which stays in the background until it is told -O exit."""
    control = words[words.index("-S") + 1]
    if "-O" in words:
        with socket.socket(socket.AF_UNIX) as order:
            order.connect(control)
            order.recv(1)
        return
    given = [Path(word.rpartition("=")[2]) for word in words if word.endswith(("/key", "/known_hosts"))]
    files = {file.name: [file.read_text(), file.stat().st_mode & 0o777] for file in given}
    (folder / "called").write_text(json.dumps([words, files]))
    engine = listening(words[words.index("-L") + 1].partition(":")[0])
    orders = listening(control)
    if process := os.fork():
        with (folder / "started").open("a") as started:
            started.write(f"{process}\n")
        return
    os.setsid()
    threading.Thread(target=forward, args=[engine, folder / "answer"], daemon=True).start()
    orders.accept()[0].sendall(b".")
    time.sleep(GOODBYE_SECONDS)
    (folder / "ended").touch()
    Path(control).unlink()


def listening(path: str) -> socket.socket:
    """A socket there."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    server.listen(100)
    return server


def forward(engine: socket.socket, answer: Path) -> None:
    """Take all connections."""
    while True:
        threading.Thread(target=serve, args=[engine.accept()[0], answer], daemon=True).start()


def serve(connection: socket.socket, answer: Path) -> None:
    """Send back what comes, until it is a ping."""
    while asked := connection.recv(1000):
        if asked.startswith(b"GET "):
            connection.sendall(f"HTTP/1.0 {answer.read_text()}\r\n\r\n".encode())
            break
        connection.sendall(asked)
    connection.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
