"""A scanner that could not ask has checked nothing, and nobody may read that as `none`."""

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from supply import __main__ as supply
from supply import images
from supply.__main__ import FOUND, NOT_CHECKED, verdict
from supply.vulnerabilities import CANARY, MOST_PAGES, Finding, Grype, Osv
from toolchain.machine import checkout

COMPONENTS = [
    {"purl": "pkg:deb/debian/libssl3t64@3.5.7-1?arch=amd64&distro=debian-13&upstream=openssl"},
    {"purl": "pkg:maven/org.neo4j/neo4j-io@5.26.30"},
    {"purl": "pkg:generic/busybox@1.37.0"},
]
NOTHING: dict[str, Any] = {}
VULNERABLE = {"vulns": [{"id": "GHSA-1"}, {"id": "GHSA-2"}]}
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    file = tmp_path / "redis.cdx.json"
    file.write_text(json.dumps({"bomFormat": "CycloneDX", "components": COMPONENTS}))
    return file


@contextmanager
def database(answer: Any, status: int = 200) -> Iterator[tuple[str, list[Any]]]:
    """The address of a database with one answer, or what it comes to when asked, and what it was asked."""
    asked: list[Any] = []

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.extend(json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"])
            self.send_response(status)
            self.end_headers()
            now = answer() if callable(answer) else answer
            self.wfile.write(now if isinstance(now, bytes) else json.dumps(now).encode())

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    server = HTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def in_pages(*pages: Any) -> Iterator[tuple[str, list[Any]]]:
    """A database with an answer for each time that it is asked, the last one from then on."""
    left = list(pages)
    with database(lambda: left.pop(0) if len(left) > 1 else left[0]) as found:
        yield found


def test_packages_are_asked_for_as_the_database_names_them(bill: Path):
    with database({"results": [VULNERABLE, NOTHING, NOTHING]}) as (url, asked):
        finding = Osv(url).look(bill)
    assert asked == [
        CANARY,
        {"package": {"name": "openssl", "ecosystem": "Debian:13"}, "version": "3.5.7-1"},
        {"package": {"name": "org.neo4j:neo4j-io", "ecosystem": "Maven"}, "version": "5.26.30"},
    ]
    assert (finding.advisories, finding.not_checked, finding.left_out) == ({}, "", 1)
    assert str(finding) == "OSV knows of none (1 packages are of kinds that it does not know)"
    assert verdict([finding]) == 0


def test_what_is_known_is_told_by_package(bill: Path):
    with database({"results": [VULNERABLE, VULNERABLE, NOTHING]}) as (url, _):
        finding = Osv(url).look(bill)
    assert finding.advisories == {"libssl3t64 3.5.7-1": ("GHSA-1", "GHSA-2")}
    assert verdict([finding, Finding("other", {}, "away")]) == FOUND


def test_what_it_leaves_for_a_next_page_is_asked_for(bill: Path):
    first = {"results": [VULNERABLE, {"next_page_token": "more"}, {**VULNERABLE, "next_page_token": "of neo4j"}]}
    second = {"results": [{**VULNERABLE, "next_page_token": "the last"}, {"vulns": [{"id": "GHSA-3"}]}]}
    with in_pages(first, second, {"results": [NOTHING]}) as (url, asked):
        finding = Osv(url).look(bill)
    openssl, neo4j = asked[1:3]
    assert asked[3:] == [
        {**openssl, "page_token": "more"},
        {**neo4j, "page_token": "of neo4j"},
        {**openssl, "page_token": "the last"},
    ]
    assert finding.advisories == {
        "libssl3t64 3.5.7-1": ("GHSA-1", "GHSA-2"),
        "org.neo4j/neo4j-io 5.26.30": ("GHSA-1", "GHSA-2", "GHSA-3"),
    }


def test_pages_without_an_end_are_not_checked(bill: Path):
    endless = {"next_page_token": "again"}
    with in_pages({"results": [VULNERABLE, endless, NOTHING]}, {"results": [endless]}) as (url, asked):
        finding = Osv(url).look(bill)
    assert str(finding) == f"not checked by OSV: ValueError: it has more than {MOST_PAGES} pages"
    assert len(asked) == 3 + MOST_PAGES - 1
    assert verdict([finding]) == NOT_CHECKED


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (b"", 200),
        (b"<html>captive portal</html>", 200),
        ({"results": []}, 200),
        ({"results": [VULNERABLE, NOTHING]}, 200),
        ({"results": [NOTHING, NOTHING, NOTHING]}, 200),
        ({"message": "internal"}, 500),
        ([], 200),
    ],
    ids=["nothing", "a page", "no answers", "too few answers", "knows nothing of what is known", "an error", "a list"],
)
def test_an_answer_that_is_none_is_not_checked(bill: Path, answer: Any, status: int):
    with database(answer, status) as (url, _):
        finding = Osv(url).look(bill)
    assert str(finding).startswith("not checked by OSV: ")
    assert "none" not in str(finding)
    assert verdict([finding]) == NOT_CHECKED


def test_a_database_out_of_reach_is_not_checked(bill: Path):
    finding = Osv(NOWHERE).look(bill)
    assert str(finding).startswith("not checked by OSV: URLError")
    assert verdict([finding, Finding("grype", {}, "it is not on PATH")]) == NOT_CHECKED


def test_offline_the_command_says_not_checked_and_ends_with_a_code_of_its_own(bill: Path):
    code = (
        "import pathlib, sys; from supply import __main__ as s, vulnerabilities as v;"
        f"s.SCANNERS = (v.Osv({NOWHERE!r}), v.Grype()); s.BILLS = pathlib.Path({str(bill.parent)!r});"
        "sys.argv[1:] = ['scan', 'redis']; sys.exit(s.main())"
    )
    offline = {"PATH": "/nowhere", "PYTHONPATH": str(checkout())}
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=offline, check=False)
    assert ended.returncode == NOT_CHECKED, ended.stderr
    assert ended.stdout.splitlines()[-1] == "redis: not checked by grype: it is not on PATH"
    assert "none" not in ended.stdout


@pytest.mark.parametrize("components", [[], COMPONENTS[2:]], ids=["nothing", "kinds that it does not have"])
def test_a_bill_that_leaves_nothing_to_ask_for_is_not_checked(bill: Path, components: list[dict[str, str]]):
    bill.write_text(json.dumps({"bomFormat": "CycloneDX", "components": components}))
    with database({"results": [VULNERABLE]}) as (url, asked):
        finding = Osv(url).look(bill)
    assert asked == []
    told = f"not checked by OSV: of the {len(components)} packages in redis.cdx.json it knows the kind of none"
    assert str(finding) == told
    assert verdict([finding]) == NOT_CHECKED


def test_an_image_without_a_bill_is_not_checked(
    bill: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(supply, "BILLS", bill.parent)
    monkeypatch.setattr(images, "names", lambda wanted=(): list(wanted) or ["api", "redis"])
    with database({"results": [VULNERABLE, NOTHING, NOTHING]}) as (url, _):
        monkeypatch.setattr(supply, "SCANNERS", (Osv(url),))
        assert supply.scan(["redis"]) == 0
        assert supply.scan([]) == NOT_CHECKED
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == f"api: not checked: {bill.parent} has no bill of it; `make sbom IMAGES=api` writes one"


def grype(folder: Path, script: str) -> None:
    file = folder / "grype"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'no database' >&2; exit 1", "not checked by grype: exit code 1: no database"),
        ("echo nonsense", "not checked by grype: Expecting value"),
        ("echo '{}'", "not checked by grype: 'matches'"),
        ("""echo '{"matches": []}'""", "grype knows of none"),
        (
            """echo '{"matches": [{"vulnerability": {"id": "CVE-1"}, "artifact": {"name": "a", "version": "1"}}]}'""",
            "grype knows of 1 vulnerable packages\n  a 1: CVE-1",
        ),
    ],
)
def test_grype_is_believed_only_when_it_ended_well(
    bill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, told: str
):
    grype(tmp_path, script)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert str(Grype().look(bill)).startswith(told)


def test_grype_is_not_asked_about_nothing(bill: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    grype(tmp_path, """echo '{"matches": []}'""")
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    bill.write_text(json.dumps({"bomFormat": "CycloneDX", "components": []}))
    assert str(Grype().look(bill)) == "not checked by grype: redis.cdx.json names no package"
