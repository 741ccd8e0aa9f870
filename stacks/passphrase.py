"""Whether everybody knows the passphrase of a stack: the one that is published in this folder, or an empty one."""

import re
from collections.abc import Mapping
from pathlib import Path

PUBLISHED = Path(__file__).with_name("evaluation.passphrase")
ELSEWHERE = re.compile(r"^secretsprovider:.*://", re.MULTILINE)
"""A stack file with a key that is kept elsewhere; `passphrase` and `default` name none."""


def passphrase_is_known(checkout: Path, stack: str, environment: Mapping[str, str]) -> bool:
    """Look at the passphrase that Pulumi was given; a stack whose key is kept elsewhere needs none.

    One that was typed at Pulumi's prompt cannot be looked at: nobody can say that it is not known.
    """
    stack_file = checkout / f"Pulumi.{stack}.yaml"
    if stack_file.exists() and ELSEWHERE.search(stack_file.read_text()):
        return False
    given = environment.get("PULUMI_CONFIG_PASSPHRASE")
    if given is None:
        file = Path(environment.get("PULUMI_CONFIG_PASSPHRASE_FILE", ""))
        given = file.read_text() if file.is_file() else ""
    return given.strip() in ("", PUBLISHED.read_text().strip())
