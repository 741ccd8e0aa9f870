"""Alertmanager's image, and the routes in the words of its own amtool."""

import subprocess
from collections.abc import Callable, Iterator

import pytest

from monitoring.routing import Mail, Told, alertmanager
from monitoring.watched import Pace

TOLD = Told(
    slack=True, slack_channel="#ops", mail=Mail("a@example.com", "b@example.com", "smtp:25", "c"), heartbeat=True
)

Amtool = Callable[..., str]


@pytest.fixture(scope="module")
def amtool(image: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Amtool]:
    """Run the image's amtool on a configuration; AssertionError with its output when it complains."""
    built = image("alertmanager")

    def run(told: Told, *command: str) -> str:
        folder = tmp_path_factory.mktemp("routes")
        (folder / "alertmanager.yml").write_text(alertmanager(told, Pace(), "dev"))
        folder.chmod(0o755)
        mount = f"{folder}:/run/configuration:ro"
        words = ["docker", "run", "--rm", "--network", "none", "-v", mount, "--entrypoint", "amtool", built, *command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run


@pytest.mark.parametrize("told", [TOLD, Told(), Told(slack=True)], ids=["everybody", "nobody", "slack"])
def test_the_file_is_in_order(amtool: Amtool, told: Told) -> None:
    assert "SUCCESS" in amtool(told, "check-config", "/run/configuration/alertmanager.yml")


@pytest.mark.parametrize(
    ("labels", "receiver"),
    [
        (["alertname=Watchdog", "severity=none"], "heartbeat"),
        (["alertname=PostgresDown", "severity=page", "service=postgres"], "people"),
        (["alertname=MemoryNearLimit", "severity=ticket", "service=api"], "people"),
    ],
    ids=["watchdog", "page", "ticket"],
)
def test_an_alert_goes_where_it_belongs(amtool: Amtool, labels: list[str], receiver: str) -> None:
    routes = ["config", "routes", "test", "--config.file=/run/configuration/alertmanager.yml"]
    assert amtool(TOLD, *routes, f"--verify.receivers={receiver}", *labels).strip() == receiver


def test_a_wrong_receiver_would_be_noticed(amtool: Amtool) -> None:
    routes = ["config", "routes", "test", "--config.file=/run/configuration/alertmanager.yml"]
    with pytest.raises(AssertionError, match="WARNING"):
        amtool(TOLD, *routes, "--verify.receivers=heartbeat", "alertname=PostgresDown")
