"""A stack whose secrets are encrypted by a key elsewhere, and come from a file and from the environment."""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.project import Project, Result
from rehearsal.transit import transit

KEY = secrets.token_hex(16)
WEBHOOK = f"https://hooks.example.com/{secrets.token_hex(16)}"


class Elsewhere(Project):
    """A project whose stack knows no passphrase."""

    vault: dict[str, str]

    def first_settings(self) -> str:
        return re.sub(r"(?m)^encryptionsalt: .*\n", "", super().first_settings())

    def pulumi(self, *arguments: str, **environment: str) -> Result:
        provider = ["--secrets-provider", "hashivault://stack"] if arguments[:2] == ("stack", "init") else []
        return super().pulumi(*arguments, *provider, **environment)

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, "PULUMI_CONFIG_PASSPHRASE_FILE": "/nowhere", **self.vault}


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Elsewhere]:
    with transit() as vault:
        folder: Path = tmp_path_factory.mktemp("elsewhere")
        project = Elsewhere(folder, f"elsewhere-{secrets.token_hex(3)}")
        project.vault = vault
        project.prepare()
        (folder / "key").write_text(KEY)
        shell = f"pulumi config set --secret llm_api_key --stack {project.stack} <{folder}/key"
        from_file = project.run("bash", "-c", shell)
        assert from_file.code == 0, from_file.text
        shell = f'printf %s "$HOOK" | pulumi config set --secret slack_webhook_url --stack {project.stack}'
        from_environment = project.run("bash", "-c", shell, HOOK=WEBHOOK)
        assert from_environment.code == 0, from_environment.text
        yield project
        project.clean()


def test_the_program_gets_them_and_shows_none(elsewhere: Elsewhere) -> None:
    elsewhere.set("llm", {"url": "https://llm.example.com/v1", "model": "small"})
    elsewhere.set("monitoring", {"slack_channel": "#ops"})
    result = elsewhere.pulumi("preview", "--diff")
    assert result.code == 0, result.text
    assert "LLM_URL=https://llm.example.com/v1" in result.text
    for secret in (KEY, WEBHOOK):
        assert secret not in result.text
        assert not [path for path in elsewhere.folder.parent.rglob("*") if path.name != "key" and holds(path, secret)]


def holds(path: Path, secret: str) -> bool:
    return path.is_file() and not path.is_symlink() and secret.encode() in path.read_bytes()


def test_without_the_key_elsewhere_nothing_is_decrypted(elsewhere: Elsewhere) -> None:
    result = elsewhere.pulumi("preview", VAULT_SERVER_TOKEN="of somebody else")
    assert result.code != 0
    assert "permission denied" in result.text
    assert KEY not in result.text
