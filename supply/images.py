"""The images that this checkout builds."""

from collections.abc import Iterable
from pathlib import Path

from supply.bill import SUFFIX
from supply.syft import Syft
from toolchain.command import Command, StepError
from toolchain.machine import checkout
from toolchain.report import StepLine

ADVICE = "`docker buildx build --progress=plain --builder=default images/<name>` shows all of it."


def names(wanted: Iterable[str] = ()) -> list[str]:
    """Those that are wanted, or all. StepError for one that does not exist."""
    known = sorted(file.parent.name for file in (checkout() / "images").glob("*/Dockerfile"))
    if unknown := sorted(set(wanted) - set(known)):
        raise StepError(f"no image {', '.join(unknown)}; there are {', '.join(known)}")
    return sorted(wanted) or known


def build(name: str, *, anew: bool = False) -> str:
    """Build one as a deploy does and return its ID: `anew` without what earlier builds left. Raises StepError."""
    command = ["docker", "buildx", "build", "--builder", "default", "--load", "--quiet"]
    return Command([*command, *(["--no-cache"] if anew else []), checkout() / "images" / name], ADVICE).run()


def write_bills(wanted: Iterable[str], folder: Path, *, anew: bool = False) -> None:
    """Build images and write the bills of their materials into a folder; those of others stay. Raises StepError."""
    syft = Syft()
    with StepLine(syft.name) as line:
        line.done(syft.present() or syft.install(line.say))
    folder.mkdir(parents=True, exist_ok=True)
    for name in wanted:
        file = folder / f"{name}{SUFFIX}"
        file.unlink(missing_ok=True)
        with StepLine(name) as line:
            line.say("building")
            image = build(name, anew=anew)
            line.say("listing its packages")
            syft.list_packages(name, image, file)
            line.done(image)
