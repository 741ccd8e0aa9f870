"""Checks of a stack's backups: whether there are fresh ones, and whether anybody could open them elsewhere."""

from collections.abc import Iterator

from operations.audit import recorded
from operations.finding import Finding
from operations.patient import Patient
from operations.shelf import Shelf


def fresh(patient: Patient) -> Iterator[Finding]:
    """Whether every store has a fresh backup."""
    stack = patient.file.stack
    if patient.file.settings.backup is None:
        yield Finding("OK", "none are made")
        return
    shelf = Shelf(patient.engine, patient.file)
    missing = shelf.missing()
    if missing:
        yield Finding("WARN", f"no fresh one of {missing}", f"`research backup run -s {stack}`")
    else:
        yield Finding("OK", "every store has a fresh one")


def key(patient: Patient) -> Iterator[Finding]:
    """Whether somebody on this machine was shown the key since it was last exchanged."""
    stack = patient.file.stack
    if patient.file.settings.backup is None:
        yield Finding("OK", "none is needed")
        return
    done = [entry["detail"] for entry in recorded(patient.file) if entry["action"] == "backup key"]
    if done and done[-1] == "shown":
        yield Finding("OK", "it was shown, to be kept elsewhere")
    else:
        yield Finding(
            "WARN",
            "nobody was shown it on this machine: without it the copy elsewhere is lost with the engine's host",
            f"`research backup key -s {stack}`, and keep it where the host is not",
        )
