"""A look by the public address."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest

from operations import verification
from operations.exit_codes import OperationError
from operations.verification import verify


class Page(http.server.BaseHTTPRequestHandler):
    """The health page: the status and the body that the test wants."""

    status = 200
    body: Any = None

    def do_GET(self) -> None:
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.body).encode())

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def stack(*, health: str = "healthy", local: bool = True) -> Any:
    state = {"Status": "running", "Health": {"Status": health}}
    replica = Mock(state="running", facts={"State": state})
    replica.name = "dev-api-1"
    found = Mock(replicas=lambda: [replica])
    found.name, found.engine.is_local = "dev", local
    return found


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "ANSWERS_WITHIN_SECONDS", 0)


def test_a_stack_that_tells_its_version_works(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Page, "body", {"status": "ok", "version": "1.2"})
    assert verify(stack(), url) == "1.2"


@pytest.mark.parametrize(
    ("status", "body", "reason"),
    [
        (200, {"status": "ok"}, "it tells no version"),
        (200, [], "no version"),
        (503, {"version": "1"}, "HTTP Error 503"),
    ],
)
def test_one_that_does_not_is_refused_with_the_reason(
    url: str, monkeypatch: pytest.MonkeyPatch, status: int, body: Any, reason: str
):
    monkeypatch.setattr(Page, "status", status)
    monkeypatch.setattr(Page, "body", body)
    with pytest.raises(OperationError, match=reason):
        verify(stack(), url)


def test_one_with_a_sick_container_is_refused_by_its_name_before_anybody_asks():
    with pytest.raises(OperationError, match="dev-api-1 is unhealthy"):
        verify(stack(health="unhealthy"), "http://127.0.0.1:1")


def test_the_address_of_another_host_for_itself_is_not_asked_here():
    assert "only for that host" in verify(stack(local=False), "http://127.0.0.1:1")
