"""What both sides of the comparison can do."""

from typing import Protocol

from docker.models.containers import Container

from bench.deploys.source import Source
from rehearsal.project import Result


class SideError(Exception):
    """A deploy that must succeed did not; the message holds the end of its output."""


class Side(Protocol):
    """A stack that one tool deploys from files of its own."""

    name: str
    source: Source

    @property
    def port(self) -> int:
        """Where the stack is published on this machine."""

    def up(self) -> Result:
        """Bring the stack to what its files say."""

    def up_alone(self) -> Result:
        """The same without the job that has ended already, where the tool would run it again."""

    def set_value(self, value: str) -> None:
        """Change one value of the API's environment in the stack's file."""

    def down(self) -> Result:
        """Take the stack down, without its data."""

    def forget(self) -> None:
        """Remove the data of a stack that is down."""

    def clean(self) -> None:
        """Leave nothing behind."""

    def containers(self, service: str) -> list[Container]:
        """The running containers of a service."""


def succeeded(side: Side, result: Result) -> Result:
    """The result. Raises SideError when it is a failure."""
    if result.code != 0:
        end = "\n".join(result.text.splitlines()[-30:])
        raise SideError(f"{side.name} ended with {result.code}:\n{end}")
    return result
