"""The health check's command against a server that says what a test wants."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from market_research import probe


@contextmanager
def server(status: int, body: bytes) -> Iterator[tuple[str, int]]:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        yield "127.0.0.1", http.server_port
        http.shutdown()


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1), (500, 1)])
def test_only_200_is_healthy_and_the_body_is_printed_either_way(
    status: int, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with server(status, b'{"status":"x"}') as address:
        monkeypatch.setattr(probe, "ADDRESS", address)
        assert probe.main() == code
    assert capsys.readouterr().out == '{"status":"x"}\n'


def test_without_a_server_it_fails_with_the_cause(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(probe, "ADDRESS", ("127.0.0.1", 1))
    assert probe.main() == 1
    assert "Connection refused" in capsys.readouterr().out
