"""Prometheus' image, and the rules in the words of its own promtool: silent when all is well, firing, silent again."""

import subprocess
from collections.abc import Callable, Iterator

import pytest
import yaml

from images.tests.engine import Engine
from monitoring.rules import rules
from monitoring.scraping import Addresses, Job, prometheus
from monitoring.tests.cases import CASES, DAY, STACK, WITHOUT_EDGE
from monitoring.watched import Stack

WHERE = Addresses("alertmanager:9093", "blackbox-exporter:9115", "http://edge:8080/")
JOBS = [Job("api", "api:9464", replicas=True), Job("redis", "redis-exporter:9121")]


@pytest.fixture(scope="module")
def promtool(image: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """Run the image's promtool on files by name; AssertionError with its output when it complains."""
    built = image("prometheus")

    def run(files: dict[str, str], *command: str) -> str:
        folder = tmp_path_factory.mktemp("rules")
        for name, text in files.items():
            (folder / name).write_text(text)
        folder.chmod(0o755)
        mount = f"{folder}:/run/configuration:ro"
        words = ["docker", "run", "--rm", "--network", "none", "-v", mount, "--entrypoint", "promtool", built, *command]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    yield run


def test_the_image_runs_as_nobody(engine: Engine, image: Callable[[str], str]) -> None:
    assert engine.client.images.get(image("prometheus")).attrs["Config"]["User"] == "65534:65534"


@pytest.mark.parametrize("stack", [STACK, WITHOUT_EDGE], ids=["edge", "no edge"])
def test_the_files_are_in_order(promtool: Callable[..., str], stack: Stack) -> None:
    files = {
        "rules.yml": rules(stack),
        "prometheus.yml": prometheus(JOBS, WHERE, seconds=15, stack="dev"),
    }
    assert "SUCCESS" in promtool(files, "check", "config", "--lint=all", "/run/configuration/prometheus.yml")


def only(alert: str) -> str:
    """The rules with this alert alone, and the ratios that it may look at."""
    content = yaml.safe_load(rules(STACK))
    for group in content["groups"]:
        group["rules"] = [rule for rule in group["rules"] if rule.get("alert", alert) == alert]
    return yaml.safe_dump({"groups": [group for group in content["groups"] if group["rules"]]})


def test_each_alert_is_silent_then_fires_and_then_is_silent_again(promtool: Callable[..., str]) -> None:
    """All in one run: a container for each would take most of the time."""
    files: dict[str, str] = {}
    for number, case in enumerate(CASES):
        hasty = case.minutes[0] < DAY
        files[f"{case.alert}.rules.yml"] = only(case.alert)
        files[f"{case.alert}-{number}.test.yml"] = yaml.safe_dump(
            {
                "rule_files": [f"{case.alert}.rules.yml"],
                "evaluation_interval": "1m" if hasty else "4m",
                "tests": [case.test],
            }
        )
    tests = [f"/run/configuration/{name}" for name in files if name.endswith(".test.yml")]
    assert promtool(files, "test", "rules", *tests).count("SUCCESS") == len(CASES)
