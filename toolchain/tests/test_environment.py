"""environment.sh, as the shells of people source it."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "environment.sh"
SHELLS = [shell for shell in ("dash", "bash", "zsh", "sh") if shutil.which(shell)]
EVALUATION = "/checkout/stacks/evaluation.passphrase"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ({}, f"unset {EVALUATION}"),
        ({"PULUMI_CONFIG_PASSPHRASE": ""}, "set none"),
        ({"PULUMI_CONFIG_PASSPHRASE": "mine"}, "set none"),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": "/mine"}, "unset /mine"),
        ({"PULUMI_CONFIG_PASSPHRASE_FILE": f"/gone{EVALUATION}"}, f"unset {EVALUATION}"),
    ],
    ids=["nothing set", "empty passphrase", "own passphrase", "own file", "file of another checkout"],
)
def test_the_evaluation_passphrase_is_the_last_resort(shell: str, before: dict[str, str], expected: str) -> None:
    told = f'set -eu; . "{SCRIPT}"; echo ${{PULUMI_CONFIG_PASSPHRASE+set}} ${{PULUMI_CONFIG_PASSPHRASE_FILE:-none}}'
    shown = subprocess.run(
        [str(shutil.which(shell)), "-c", told],
        env={"VIRTUAL_ENV": "/checkout/.venv", **before},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()

    assert shown == expected.removeprefix("unset ")
