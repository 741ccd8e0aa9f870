"""What every step of the toolchain can do."""

from collections.abc import Callable
from typing import Protocol

Say = Callable[[str], None]


class Step(Protocol):
    """One thing that the machine needs."""

    @property
    def name(self) -> str:
        """What is put in place, in a word or two."""

    def present(self) -> str | None:
        """Return what is in place in a few words, None when there is something to do."""

    def install(self, say: Say) -> str:
        """Put it in place and return what was done. Raises StepError."""
