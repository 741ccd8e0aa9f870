"""A copy of the checkout that may keep secrets."""

import re
import secrets

from rehearsal.project import Project


class OwnPassphrase(Project):
    """A copy whose secrets are encrypted with a passphrase that nobody else knows."""

    @property
    def environment(self) -> dict[str, str]:
        """As the copy's, with that passphrase."""
        return {**super().environment, "PULUMI_CONFIG_PASSPHRASE_FILE": str(self.folder / "own.passphrase")}

    def first_settings(self) -> str:
        """As dev's, without the salt that goes with the published passphrase."""
        (self.folder / "own.passphrase").write_text(secrets.token_urlsafe(24))
        return re.sub(r"(?m)^encryptionsalt:.*\n", "", self.first_file())

    def first_file(self) -> str:
        """What the stack's file is made from."""
        return super().first_settings()

    def keep_secret(self, name: str, value: str) -> None:
        """Put a secret into the stack's file."""
        result = self.run("pulumi", "config", "set", "--secret", "--stack", self.stack, "--", name, value)
        assert result.code == 0, result.text
