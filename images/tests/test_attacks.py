"""What attackers send, and what comes back: an answer for people with a code of theirs, never a mistake of ours."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import requests

from images.tests.api_members import PNG, Member, first_member, furnish
from images.tests.api_stand import Stand as ApiStand
from images.tests.edge_stand import Edge
from images.tests.edge_stand import Stand as EdgeStand

pytestmark = pytest.mark.docker
SECONDS = 20
SQL = [
    "' OR '1'='1",
    "'; DROP TABLE account; --",
    "1) UNION SELECT password FROM account --",
    "\\'; SELECT pg_sleep(9); --",
]
CYPHER = ["'}) DETACH DELETE n //", "`] MATCH (n) DETACH DELETE n //"]
TRAVERSAL = ["../../etc/passwd", "..\\..\\windows\\win.ini", "/etc/passwd", "a/../../b.png", "%2e%2e%2fetc%2fpasswd"]
SPLITTING = ["a.png\r\nSet-Cookie: session=evil", 'a.png"; filename="evil.html', "<script>alert(1)</script>.png"]


@pytest.fixture(scope="module")
def member(full_stand: ApiStand) -> Iterator[Member]:
    """Somebody who is logged in, and means harm."""
    with full_stand.api() as api:
        api.wait_for(code=200, neo4j="up")
        yield first_member(api)


@pytest.fixture(scope="module")
def edge(behind_edge: EdgeStand) -> Iterator[Edge]:
    """An edge before an API that writes down what reaches it."""
    with behind_edge.backend("api", "api") as api, behind_edge.backend("frontend", "page"), behind_edge.edge() as edge:
        edge.running.wait_until(edge.serves, within=15)
        yield edge
        assert "smuggled" not in api.logs(), "a request inside a request must never arrive as one of its own"


def nested(depth: int) -> bytes:
    return b'{"name": ' + b"[" * depth + b"]" * depth + b"}"


PROJECTS = "/api/projects"
JSON = "application/json"
BODIES: dict[str, tuple[bytes, str, int]] = {
    "no JSON": (b"{", JSON, 422),
    "nothing": (b"", JSON, 422),
    "not UTF-8": (b'{"name": "\xff\xfe"}', JSON, 400),
    "NUL": (b'{"name": "a\\u0000b"}', JSON, 422),
    "half of a pair": (b'{"name": "\\ud800"}', JSON, 422),
    "nested 1,000 deep": (nested(1000), JSON, 422),
    "nested 30,000 deep": (nested(30_000), JSON, 400),
    "no number": (b'{"name": NaN}', JSON, 422),
    "a number of 5,000 digits": (b'{"name": ' + b"9" * 5000 + b"}", JSON, 400),
    "a list": (b"[]", JSON, 422),
    "a name of 60,000 letters": (json.dumps({"name": "x" * 60_000}).encode(), JSON, 422),
    "larger than 64 KB": (json.dumps({"name": "x" * 66_000}).encode(), JSON, 413),
    "10 MB": (b'{"name": "' + b"x" * 10_000_000 + b'"}', JSON, 413),
    "4,000 keys": (json.dumps({f"key{n}": 1 for n in range(4000)}).encode(), JSON, 422),
    "a form": (b"name=x", "application/x-www-form-urlencoded", 422),
    "plain text, as a form of another site can send it": (b'{"name": "x"}', "text/plain", 422),
    "XML with an entity": (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "application/xml", 422),
    "no content type that there is": (b'{"name": "x"}', "x/y; charset=\xff".encode("latin-1").decode("latin-1"), 422),
}


@pytest.mark.parametrize("attack", BODIES)
def test_a_bad_body_is_refused(member: Member, attack: str) -> None:
    body, content_type, expected = BODIES[attack]
    answer = member.http.post(
        f"{member.api.url}{PROJECTS}", body, headers={"Content-Type": content_type}, timeout=SECONDS
    )
    assert answer.status_code == expected, answer.text[:500]
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("text", [*SQL, *CYPHER, *TRAVERSAL, *SPLITTING])
def test_text_stays_text(member: Member, text: str) -> None:
    project = member.post(PROJECTS, {"name": text})
    assert project["name"] == text
    persona = {"name": text, "age": 40, "occupation": text, "location": text, "description": text}
    assert member.post("/api/personas", persona)["name"] == " ".join(text.split())
    assert member.ask(f"/api/personas?query={quote(text)}").status_code == 200
    refused = member.http.post(
        f"{member.api.url}/api/session", json={"email": f"{text}@example.com", "password": text}, timeout=SECONDS
    )
    assert refused.status_code in {401, 422}
    assert member.http.delete(f"{member.api.url}{PROJECTS}/{project['id']}", timeout=SECONDS).status_code == 204


@pytest.mark.parametrize("text", SQL + CYPHER)
def test_text_goes_through_a_whole_focus_group_and_its_graph(member: Member, text: str) -> None:
    known = furnish(member, text)
    assert member.get(f"/api/focus-groups/{known['group_id']}")["state"] == "finished"
    assert member.ask(f"/api/focus-groups/{known['group_id']}/analysis").status_code in {200, 409, 503}
    assert member.get("/api/personas")["total"] > 0


@pytest.mark.parametrize("name", [*TRAVERSAL, *SPLITTING])
def test_the_name_of_an_upload_is_a_label_and_no_path_or_header(member: Member, name: str) -> None:
    project = member.post(PROJECTS, {"name": "Uploads"})["id"]
    picture = {"data": PNG, "headers": {"content-type": "image/png"}}
    stimulus = member.post(f"{PROJECTS}/{project}/stimuli?name={quote(name, safe='')}", **picture)
    answer = member.ask(f"/api/stimuli/{stimulus['id']}")
    assert (answer.status_code, answer.content) == (200, PNG)
    assert "set-cookie" not in answer.headers
    assert answer.headers["content-type"] == "image/png"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert len(member.api.running.exec("python", "-c", "import os; print(*os.listdir('/srv/files'))").split()) > 0


HTML = b"<html><script>alert(1)</script></html>"
UPLOADS = {
    "a page that is called a picture": (HTML, "image/png", 415),
    "a page": (HTML, "text/html", 415),
    "SVG": (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "image/svg+xml", 415),
    "nothing": (b"", "image/png", 415),
    "10 MB and a byte": (PNG + bytes(10 * 2**20), "image/png", 413),
}


@pytest.mark.parametrize("attack", UPLOADS)
def test_an_upload_that_is_no_picture_is_refused(member: Member, attack: str) -> None:
    body, content_type, expected = UPLOADS[attack]
    project = member.post(PROJECTS, {"name": "Uploads"})["id"]
    url = f"{member.api.url}{PROJECTS}/{project}/stimuli?name=x.png"
    answer = member.http.post(url, body, headers={"Content-Type": content_type}, timeout=SECONDS)
    assert answer.status_code == expected, answer.text


HEADERS: dict[str, tuple[dict[str, str], int]] = {
    "a cookie of 16 kB": ({"Cookie": "session=" + "x" * 16_000}, 401),
    "a cookie of another kind": ({"Cookie": "session=\x01\x02; session=; =; ;;"}, 400),
    "a token with a NUL": ({"Cookie": "session=00000000000040008000000000000000.%00"}, 401),
    "another method by header": ({"X-HTTP-Method-Override": "DELETE"}, 401),
    "another site's page": ({"Origin": "https://evil.example"}, 403),
    "no page that there is": ({"Origin": "null"}, 403),
}


@pytest.mark.parametrize("attack", HEADERS)
def test_a_bad_header_is_refused(member: Member, attack: str) -> None:
    headers, expected = HEADERS[attack]
    answer = requests.post(f"{member.api.url}{PROJECTS}", json={"name": "x"}, headers=headers, timeout=SECONDS)
    assert answer.status_code == expected, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/api/projects/1",
        "/api/projects/%00",
        "/api/projects/..%2f..%2fetc%2fpasswd",
        "/api/stimuli/../../etc/passwd",
        "/api/focus-groups/' OR 1=1/events",
        "/api/personas?limit=-1",
        "/api/personas?limit=99999999999999999999",
        "/api/personas?query=%00",
        f"/api/personas?query={'x' * 5000}",
        "/docs",
        "/openapi.json",
        "/api/../../etc/passwd",
    ],
)
def test_a_bad_path_or_query_is_refused(member: Member, path: str) -> None:
    request = requests.Request("GET", member.api.url, cookies=member.http.cookies).prepare()
    request.url = member.api.url + path  # as it is written
    answer = member.http.send(request, timeout=SECONDS)
    assert answer.status_code in {400, 404, 422}, answer.text


def ask_raw(edge: Edge, request: bytes) -> bytes:
    """All that comes back for these bytes, until the connection is closed or silent."""
    received = b""
    with socket.create_connection((edge.address, 8080), timeout=3) as connection:
        try:
            connection.sendall(request)
            while part := connection.recv(65536):
                received += part
        except (TimeoutError, ConnectionError):
            pass
    return received


SMUGGLED = b"GET /api/smuggled HTTP/1.1\r\nHost: edge\r\n\r\n"
HOST = b"Host: edge\r\n"
GET = b"GET /api/x HTTP/1.1\r\n"
POST = b"POST /api/x HTTP/1.1\r\n" + HOST
TWO_WAYS: dict[str, bytes] = {
    "two lengths": POST + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "two lengths in one": POST + b"Content-Length: 0, %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED,
    "a length with a sign": POST + b"Content-Length: +5\r\n\r\nhello",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n",
    "chunks of another kind": POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks and another kind": POST + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "chunks in chunks": POST + 2 * b"Transfer-Encoding: chunked\r\n" + b"\r\n0\r\n\r\n" + SMUGGLED,
    "a space before the colon": POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a chunk of no size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "a chunk of negative size": POST + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
    "NUL in a header": POST + b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n",
    "a return in a header": POST + b"X-A: a\rX-B: b\r\nContent-Length: 0\r\n\r\n",
    "a header without a name": POST + b": x\r\nContent-Length: 0\r\n\r\n",
    "two hosts": GET + HOST + b"Host: evil\r\n\r\n",
    "another host in the line": b"GET http://evil/api/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "a method with a control character": b"GE\x01T /api/x HTTP/1.1\r\n" + HOST + b"\r\n",
    "a path with a space": b"GET /api/x y HTTP/1.1\r\n" + HOST + b"\r\n",
    "a line of 64 kB": b"GET /api/" + b"x" * 65536 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
    "a header of 64 kB": GET + HOST + b"X-A: " + b"x" * 65536 + b"\r\n\r\n",
    "1,000 headers": GET + HOST + b"X-A: b\r\n" * 1000 + b"\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a tunnel": b"CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n",
}
MADE_PLAIN: dict[str, bytes] = {
    "length and chunks": POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SMUGGLED,
    "a folded header": POST + b"X-A: b\r\n Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
    "lines without a return": b"POST /api/x HTTP/1.1\nHost: edge\nContent-Length: 0\n\n",
    "HTTP of the future": b"POST /api/x HTTP/9.9\r\n" + HOST + b"Content-Length: 0\r\n\r\n",
}


def answers(received: bytes) -> list[bytes]:
    return [line.split()[1] for line in received.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize("attack", TWO_WAYS)
def test_a_request_that_two_servers_could_read_in_two_ways_is_refused(edge: Edge, attack: str) -> None:
    received = ask_raw(edge, TWO_WAYS[attack])
    assert answers(received) == [b"400"], received[:500]


@pytest.mark.parametrize("attack", MADE_PLAIN)
def test_what_is_let_through_reaches_the_api_in_one_way_and_alone(edge: Edge, attack: str) -> None:
    received = ask_raw(edge, MADE_PLAIN[attack])
    assert answers(received) == [b"200"], received[:500]
    reached = json.loads(received.partition(b"\r\n\r\n")[2])
    assert (reached["asked"], reached["body"]) == ("/api/x", 0)
    assert len({"content-length", "transfer-encoding"} & reached["headers"].keys()) == 1


def test_the_edge_serves_on_after_all_of_this(edge: Edge) -> None:
    reached: Any = edge.reached()
    assert reached["who"] == "api"
