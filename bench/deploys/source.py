"""A side's own copy of the images' sources, and the changes that are made to it."""

import shutil
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "images/api/market_research"
BROKEN = 'raise SystemExit("broken on purpose")\n'


@dataclass(frozen=True)
class Source:
    """The sources in `folder`/images. No mark is used twice: what one side built is no cache for the other."""

    folder: Path

    @classmethod
    def copied(cls, original: Path, folder: Path) -> "Source":
        """The same sources in another folder."""
        shutil.copytree(original / "images", folder / "images")
        return cls(folder)

    def mark(self, text: str) -> None:
        """Change a line of the API."""
        with (self.folder / PACKAGE / "__init__.py").open("a") as file:
            file.write(f"\nMARK = {text!r}\n")

    def damage(self) -> None:
        """Let the API end as soon as it starts."""
        start = self.folder / PACKAGE / "__main__.py"
        start.write_text(BROKEN + start.read_text())

    def mend(self) -> None:
        """Take the damage back."""
        start = self.folder / PACKAGE / "__main__.py"
        start.write_text(start.read_text().removeprefix(BROKEN))
