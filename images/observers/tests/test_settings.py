"""A mistake in a setting is told in one line that says where it is and what is allowed."""

from pathlib import Path

import pytest
from observers.settings import Address, SettingsError, address, name, secret


@pytest.mark.parametrize(
    ("text", "meant"),
    [("bolt://neo4j@neo4j:7687", Address("neo4j", 7687, "neo4j")), ("bolt://a.b@h-1.x:1", Address("h-1.x", 1, "a.b"))],
)
def test_an_address_names_host_port_and_user(monkeypatch: pytest.MonkeyPatch, text: str, meant: Address) -> None:
    monkeypatch.setenv("NEO4J_URL", text)
    assert address("NEO4J_URL", "bolt", user=True) == meant


@pytest.mark.parametrize(
    "text",
    ["neo4j:7687", "bolt://neo4j:7687", "bolt://u:hunter2@h:1", "http://u@h:1", "bolt://u@h:70000", "bolt://u@h:0"],
)
def test_another_form_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("NEO4J_URL", text)
    with pytest.raises(SettingsError, match=r"^NEO4J_URL: allowed is bolt://user@host:port") as caught:
        address("NEO4J_URL", "bolt", user=True)
    assert "hunter2" not in str(caught.value)


def test_what_is_not_set_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setenv("STACK", " ")
    with pytest.raises(SettingsError, match="DOCKER_HOST: not set; write tcp://host:port"):
        address("DOCKER_HOST", "tcp")
    with pytest.raises(SettingsError, match="STACK: not set"):
        name("STACK")


def test_a_secret_is_its_file_without_the_end_of_the_line(tmp_path: Path) -> None:
    (tmp_path / "password").write_text(" żółć \n")
    assert secret("password", tmp_path) == " żółć "


def test_a_secret_file_that_is_of_no_use_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    (tmp_path / "folder").mkdir()
    for file, complaint in {
        "none": "no such file",
        "empty": "empty",
        "binary": "not UTF-8",
        "folder": "directory",
    }.items():
        with pytest.raises(SettingsError, match=rf"{tmp_path}/{file}: .*{complaint}"):
            secret(file, tmp_path)
