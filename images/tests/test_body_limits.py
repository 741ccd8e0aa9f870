"""How large a request may be is said by the API; what stands before it only keeps out what is far larger."""

import ast
import re
from pathlib import Path

from images.tests.engine import IMAGES

API = IMAGES / "api" / "market_research"
UNITS = {"k": 2**10, "m": 2**20}


def constant(file: Path, name: str) -> int:
    """The number that a module gives to a name."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return int(eval(ast.unparse(node.value), {}))
    raise AssertionError(f"{file} has no {name}")


def only(pattern: str, file: Path) -> str:
    (found,) = re.findall(pattern, file.read_text())
    return str(found)


def size(text: str) -> int:
    return int(text[:-1]) * UNITS[text[-1]]


HAPROXY = IMAGES / "edge" / "haproxy" / "haproxy.cfg"
NGINX = IMAGES / "frontend" / "nginx" / "nginx.conf"
LOCATIONS = IMAGES / "frontend" / "nginx" / "templates" / "api.conf.template"


def test_edge_and_frontend_let_the_same_through_and_the_api_takes_less() -> None:
    largest_json = constant(API / "app.py", "LARGEST_JSON_BYTES")
    edge, frontend = (
        int(only(r" !upload { req.body_size gt (\d+) }", HAPROXY)),
        size(only(r"client_max_body_size (\d+m);", NGINX)),
    )
    assert edge == frontend > largest_json


def test_the_same_goes_for_uploads_which_all_know_by_the_same_path() -> None:
    largest_file = constant(API / "projects" / "shelf.py", "LARGEST_BYTES")
    edge = int(only(r" upload { req.body_size gt (\d+) }", HAPROXY))
    assert edge == size(only(r"client_max_body_size (\d\d+m);", LOCATIONS)) > largest_file
    assert only(r"acl upload path_reg (\S+)", HAPROXY) == only(r"location ~ (\S+stimuli\S+) {", LOCATIONS)


def test_what_is_said_of_a_request_that_is_too_large_is_so() -> None:
    largest_file = constant(API / "projects" / "shelf.py", "LARGEST_BYTES")
    for answers in (
        IMAGES / "edge" / "haproxy" / "answers" / "file_too_large.json",
        LOCATIONS.parents[1] / "answers" / "too_large.json",
    ):
        assert f"{largest_file // 2**20} MB" in answers.read_text()
    largest = int(only(r" !upload { req.body_size gt (\d+) }", HAPROXY))
    assert f"{largest // 2**20} MB" in (IMAGES / "edge" / "haproxy" / "answers" / "too_large.json").read_text()
    assert "larger than 64 KB" in (API / "access.py").read_text()
    assert constant(API / "app.py", "LARGEST_JSON_BYTES") == 64 * 2**10
