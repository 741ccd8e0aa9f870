"""A stand-in for what Pulumi asks of HashiCorp Vault: the transit engine, which encrypts and decrypts by a key."""

import base64
import http.server
import json
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

PREFIX = "vault:v1:"


class Transit(http.server.BaseHTTPRequestHandler):
    """PUT /v1/transit/encrypt/<key> and .../decrypt/<key>; what it was given stays here, under a name."""

    kept: ClassVar[dict[str, str]] = {}
    token: ClassVar[str] = secrets.token_hex(8)

    def do_PUT(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.headers["x-vault-token"] != self.token:
            self._answer(403, {"errors": ["permission denied"]})
        elif self.path.startswith("/v1/transit/encrypt/"):
            name = base64.b64encode(secrets.token_bytes(12)).decode()
            self.kept[name] = asked["plaintext"]
            self._answer(200, {"data": {"ciphertext": PREFIX + name}})
        else:
            self._answer(200, {"data": {"plaintext": self.kept[asked["ciphertext"].removeprefix(PREFIX)]}})

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def transit() -> Iterator[dict[str, str]]:
    """The environment in which Pulumi finds it."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Transit) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield {"VAULT_SERVER_URL": f"http://127.0.0.1:{server.server_port}", "VAULT_SERVER_TOKEN": Transit.token}
        server.shutdown()
        thread.join()
