"""A mistake in a setting, a secret or a request is told in one line that says where it is and what is allowed."""

import json
from pathlib import Path

import pytest
from backup import settings
from backup.settings import Address, Request, SettingsError


def test_an_address_names_host_and_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSTGRES_ADDRESS", "postgres:5432")
    assert settings.address("POSTGRES_ADDRESS") == Address("postgres", 5432)


@pytest.mark.parametrize(
    "text", ["postgres", "postgres:", "postgres:70000", "http://postgres:5432", "user:hunter2@h:1"]
)
def test_another_form_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("POSTGRES_ADDRESS", text)
    with pytest.raises(SettingsError, match=r"^POSTGRES_ADDRESS: allowed is host:port") as caught:
        settings.address("POSTGRES_ADDRESS")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["-1", "0", "a", "1.5", "123456"])
def test_a_number_of_days_is_a_whole_number(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("KEEP_DAYS", text)
    with pytest.raises(SettingsError, match="KEEP_DAYS: allowed is a whole number from 1"):
        settings.number("KEEP_DAYS", 1)


def test_credentials_are_of_known_names_only_and_not_repeated(tmp_path: Path) -> None:
    file = tmp_path / "credentials"
    assert settings.off_site_credentials(file) == {}
    file.write_text("RESTIC_REST_USERNAME=stack\n\nRESTIC_REST_PASSWORD=a=b\n")
    assert settings.off_site_credentials(file) == {"RESTIC_REST_USERNAME": "stack", "RESTIC_REST_PASSWORD": "a=b"}
    file.write_text("LD_PRELOAD=hunter2")
    with pytest.raises(SettingsError, match="allowed are lines KEY=VALUE") as caught:
        settings.off_site_credentials(file)
    assert "hunter2" not in str(caught.value)


def test_a_request_is_read_and_what_it_has_for_others_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "request.json"
    assert settings.request(file) == Request()
    file.write_text(json.dumps({"backup": "20261130T033000Z", "stores": ["redis"], "swap": False, "else": 1}))
    assert settings.request(file) == Request(backup="20261130T033000Z", stores=("redis",), swap=False)
    with pytest.raises(SettingsError, match=r"request\.json: store is missing"):
        settings.request(file).need("store")


@pytest.mark.parametrize("text", ["", "[]", '{"backup": 7}', '{"swap": "no"}'])
def test_a_request_of_another_form_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "request.json"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r"request\.json: "):
        settings.request(file)
