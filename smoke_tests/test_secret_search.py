"""The search for secrets finds one that is planted, everywhere it looks."""

import io
import secrets
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from docker.models.containers import Container
from docker.models.images import Image

from smoke_tests import secret_search
from smoke_tests.deployment import Deployment
from smoke_tests.guest import HARMLESS, LABEL
from smoke_tests.imported_image import imported
from smoke_tests.secret_files import Secret, values
from smoke_tests.secret_search import showing

PLANTED = Secret(secrets.token_hex(16))
ECHO = "import sys; print(sys.argv[1], flush=True); input()"


@pytest.fixture(scope="module")
def careless(deployment: Deployment) -> Iterator[Container]:
    """A container that is told a secret as it must not be, and repeats it."""
    client = deployment.container(deployment.outputs.client)
    container = deployment.engine.containers.create(
        client.attrs["Image"],
        entrypoint=["python", "-I", "-c", ECHO, PLANTED.value],
        environment={"PLANTED": PLANTED.value},
        labels={LABEL: ""},
        network_mode="none",
        stdin_open=True,
        **{**HARMLESS, "log_config": {"type": "json-file"}},
    )
    try:
        container.start()
        container.reload()
        yield container
    finally:
        container.remove(force=True)


@pytest.fixture
def leaking(deployment: Deployment) -> Iterator[Image]:
    """An image with a secret in one of its files."""
    files = {tarfile.TarInfo("first"): b"nothing", tarfile.TarInfo("etc/leak"): PLANTED.value.encode()}
    with imported(deployment.engine, files) as image:
        yield image


CREDENTIALS = """# of the other house
RESTIC_REST_USERNAME=keeper
RESTIC_REST_PASSWORD=Tr0ub4dor&3-horse
AWS_DEFAULT_REGION=eu-central-1
AWS_SECRET_ACCESS_KEY="ab/cd+ef gh"
"""
PEM = """-----BEGIN CERTIFICATE-----
c2hvd24gdG8gZXZlcnlib2R5
-----END CERTIFICATE-----
-----BEGIN PRIVATE KEY-----
c2hvd24gdG8gbm/ib2R5+A==
-----END PRIVATE KEY-----
"""


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("q7V0mB2xT9sK4wZc\n", {"q7V0mB2xT9sK4wZc"}),
        ("sk-proj-AbC_dEf-gHiJkL_mNoP-qRs\n", {"sk-proj-AbC_dEf-gHiJkL_mNoP-qRs"}),
        ("six words that nobody guesses: 7", {"six words that nobody guesses: 7"}),
        (CREDENTIALS, {"Tr0ub4dor&3-horse", "ab/cd+ef gh"}),
        ("user api on #0123456789abcdef ~*\nuser default off\n", {"0123456789abcdef"}),
        ("api_a/q7V0mB2xT9sK4wZc", {"api_a/q7V0mB2xT9sK4wZc", "q7V0mB2xT9sK4wZc"}),
        (PEM, {"c2hvd24gdG8gbm/ib2R5+A=="}),
        ("keeper\n", set()),
        ("a1-b2c3", set()),
    ],
    ids=["random", "dashes", "a sentence", "assigned", "lines", "a name before", "a key", "a word", "short"],
)
def test_what_is_searched_for(text: str, secret: set[str]) -> None:
    assert values(text) == secret


@pytest.mark.parametrize("shown", ['a&b<c"d', r"a&b<c\"d", r"a\u0026b\u003cc\"d"], ids=["plain", "JSON", "Go's JSON"])
def test_however_it_is_spelled(shown: str) -> None:
    assert showing([secret_search.text("here", f'"{shown}"')], [Secret('a&b<c"d')]) == ["here"]


def test_in_settings(careless: Container) -> None:
    assert showing(secret_search.settings([careless]), [PLANTED]) == [f"docker inspect {careless.name}"]


def test_in_processes(careless: Container) -> None:
    assert showing(secret_search.processes([careless]), [PLANTED]) == [f"a process of {careless.name}"]


def test_in_an_environment_alone(deployment: Deployment, careless: Container) -> None:
    told = careless.top(ps_args=secret_search.ENVIRONMENT_AND_ARGUMENTS)
    assert f"PLANTED={PLANTED.value}" in str(told)


def test_in_logs(careless: Container) -> None:
    for _ in range(100):
        if found := showing(secret_search.logs([careless]), [PLANTED]):
            break
    assert found == [f"docker logs {careless.name}"]


def test_in_a_layer(deployment: Deployment, leaking: Image) -> None:
    found = showing(secret_search.image(deployment.engine, leaking), [PLANTED])
    assert len(found) == 1
    assert found[0].endswith("etc/leak")


def test_in_the_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / ".pulumi" / "history" / "project" / "planted"
    kept.mkdir(parents=True)
    (kept / "planted-1.checkpoint.json").write_text(PLANTED.value)
    monkeypatch.setattr("smoke_tests.stack.backend", lambda: f"file://{tmp_path}")
    monkeypatch.setattr("smoke_tests.stack.state", lambda _: PLANTED.value)
    found = showing(secret_search.state("planted"), [PLANTED])
    assert found == ["the stored state", str(kept / "planted-1.checkpoint.json")]


def test_in_a_checkout_and_in_its_past(tmp_path: Path) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(PLANTED.value)
    assert showing(secret_search.checkout(tmp_path), [PLANTED]) == [str(file)], "where there is no git"

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    assert showing(secret_search.checkout(tmp_path), [PLANTED]) == [str(file)], "before it is committed"
    git("add", ".")
    git("commit", "-m", "settings")
    file.write_text("removed")
    (where,) = showing(secret_search.checkout(tmp_path), [PLANTED])
    assert where.startswith("git object "), "after it was removed"


def test_across_the_chunks_of_a_large_file() -> None:
    content = b"." * (secret_search.CHUNK - 5) + PLANTED.value.encode()
    assert showing([("large", io.BytesIO(content))], [PLANTED]) == ["large"]
    assert not showing([("large", io.BytesIO(content))], [Secret("another")])
