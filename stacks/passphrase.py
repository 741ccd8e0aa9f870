"""Whether a stack's secrets are encrypted with the passphrase that is published in this folder."""

from collections.abc import Mapping
from pathlib import Path

PUBLISHED = Path(__file__).with_name("evaluation.passphrase")


def uses_published_passphrase(checkout: Path, stack: str, environment: Mapping[str, str]) -> bool:
    """Look at the passphrase that Pulumi was given; a stack with another secrets provider needs none."""
    stack_file = checkout / f"Pulumi.{stack}.yaml"
    if stack_file.exists() and "\nsecretsprovider:" in f"\n{stack_file.read_text()}":
        return False
    given = environment.get("PULUMI_CONFIG_PASSPHRASE")
    if given is None:
        file = Path(environment.get("PULUMI_CONFIG_PASSPHRASE_FILE", ""))
        given = file.read_text() if file.is_file() else ""
    return given.strip() == PUBLISHED.read_text().strip()
