"""What a wrong environment is told."""

from pathlib import Path

import pytest
from market_research.settings import MigrationPasswords, Passwords, Settings, SettingsError

GOOD = {
    "POSTGRES_URL": "postgresql://app@postgres:5432/market_research",
    "REDIS_URL": "redis://app@redis:6379/0",
    "NEO4J_URL": "bolt://neo4j@neo4j:7687",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def mistake(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        Settings.load()
    return str(error.value)


def test_addresses_are_read_into_their_parts() -> None:
    settings = Settings.load()
    postgres = settings.postgres_url
    assert (postgres.user, str(postgres), postgres.database) == ("app", "postgres:5432", "market_research")
    assert (settings.neo4j_url.user, settings.neo4j_url.database) == ("neo4j", "")


@pytest.mark.parametrize(
    "value",
    [
        "mysql://app@h:1/d",
        "postgresql://h:1/d",
        "postgresql://app@h/d",
        "postgresql://app@h:1",
        "postgresql://app@h:x/d",
    ],
)
def test_an_incomplete_address_names_the_variable_and_the_form(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    expected = "POSTGRES_URL: write postgresql://<user>@<host>:<port>/<database>"
    assert mistake(monkeypatch, "POSTGRES_URL", value) == expected


def test_a_language_model_without_a_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert mistake(monkeypatch, "LLM_URL", "http://llm:9000/v1").startswith("LLM_URL: needs LLM_MODEL")
    monkeypatch.setenv("LLM_MODEL", "small")
    assert Settings.load().llm_model == "small"


def test_a_password_in_an_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    text = mistake(monkeypatch, "REDIS_URL", "redis://app:hunter2@redis:6379/0")
    assert text.startswith("REDIS_URL: no password here")
    assert "hunter2" not in text


def test_every_missing_variable_has_a_line_with_its_form(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NEO4J_URL")
    monkeypatch.delenv("REDIS_URL")
    with pytest.raises(SettingsError) as error:
        Settings.load()
    lines = str(error.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["REDIS_URL", "NEO4J_URL"]
    assert lines[1] == "NEO4J_URL: not set: write bolt://<user>@<host>:<port>"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("WORKERS", "0", "greater than or equal to 1"),
        ("WORKERS", "1000", "less than or equal to 32"),
        ("WORKERS", "two", "valid integer"),
        ("POSTGRES_POOL_SIZE", "0", "greater than or equal to 1"),
        ("DRAIN_SECONDS", "-1", "greater than or equal to 0"),
    ],
)
def test_a_silly_number_names_the_variable_and_the_bound(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    text = mistake(monkeypatch, name, value)
    assert text.startswith(f"{name}: ")
    assert allowed in text


def test_passwords_come_from_files_without_their_line_end(tmp_path: Path) -> None:
    for name in ("postgres_password", "redis_password", "neo4j_password"):
        (tmp_path / name).write_text(f"{name}-value\n")
    passwords = Passwords.load(tmp_path)
    assert passwords.redis_password.get_secret_value() == "redis_password-value"
    assert "value" not in repr(passwords)


def test_a_password_in_the_environment_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "neo4j_password").write_text("x")
    monkeypatch.setenv("POSTGRES_PASSWORD", "hunter2")
    with pytest.raises(SettingsError) as error:
        MigrationPasswords.load(tmp_path)
    assert str(error.value) == f"{tmp_path}/postgres_password: no such file"


def test_an_empty_secret_file_is_a_mistake(tmp_path: Path) -> None:
    for name in ("postgres_password", "redis_password", "neo4j_password"):
        (tmp_path / name).write_text("" if name == "redis_password" else "x")
    with pytest.raises(SettingsError, match=r"redis_password: .*at least 1"):
        Passwords.load(tmp_path)


@pytest.mark.parametrize("key", ["two\nlines", "kłucz", "a\x00b"])
def test_a_key_that_cannot_be_sent_is_a_mistake_that_does_not_repeat_it(tmp_path: Path, key: str) -> None:
    for name in ("postgres_password", "redis_password", "neo4j_password"):
        (tmp_path / name).write_text("x")
    (tmp_path / "llm_api_key").write_text(f"{key}\n")
    with pytest.raises(SettingsError) as error:
        Passwords.load(tmp_path)
    assert str(error.value) == f"{tmp_path}/llm_api_key: a key is one line of printable ASCII characters"


def test_a_missing_secrets_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="nowhere: no such folder; mount the secret files"):
        Passwords.load(tmp_path / "nowhere")
