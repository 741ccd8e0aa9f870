"""The secret files of a container, and what in them is to be found nowhere else."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from smoke_tests import stack
from smoke_tests.container_files import files
from smoke_tests.deployment import Deployment

KEY_FOLDER = "/run/key"
"""Where those who make backups find the key of the repository."""
NOT_SECRET = (f"{KEY_FOLDER}/repository",)
"""It says of which repository the key is, and restic tells that to everybody."""
ASSIGNED = re.compile(r"[A-Z][A-Z0-9_]*=(.*)")
CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
PRIVATE_KEY = re.compile("-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL)
RANDOM = re.compile(r"[A-Za-z0-9]{16,}")
PLAIN_WORD = re.compile(r"(?=.{0,15}$)[A-Za-z]+([-_.][A-Za-z]+)*[-_.]?\d{0,2}")
"""A user's name, a region: short, and nothing but words with a number at most."""
SHORTEST = 8


@dataclass(frozen=True)
class Secret:
    """A value that no message shows."""

    value: str = field(repr=False)


def password(deployment: Deployment, service: str) -> str:
    """What the stack's client logs in to a service with."""
    path = deployment.outputs.services[service].password_file
    return files(deployment.container(deployment.outputs.client), path)[PurePosixPath(path).name].strip()


def all_secrets(deployment: Deployment) -> set[Secret]:
    """Every secret value in a file of any container of the stack, and those that Pulumi alone has."""
    in_files = {value for text in secret_files(deployment).values() for value in values(text)}
    return {Secret(value) for value in in_files | stack.passwords(deployment.stack)}


def secret_files(deployment: Deployment) -> dict[str, str]:
    """What the secret files of all containers hold, by who has one; a volume that several see is read once."""
    folders = {str(PurePosixPath(store.password_file).parent) for store in deployment.stores.values()} | {KEY_FOLDER}
    volumes = {
        mount["Name"]: (container, mount["Destination"])
        for container in deployment.all_containers()
        for mount in container.attrs["Mounts"]
        if mount["Type"] == "volume" and mount["Destination"] in folders
    }
    return {
        f"{container.name}: {folder}/{name}": text
        for container, folder in volumes.values()
        for name, text in files(container, folder).items()
        if f"{folder}/{name}" not in NOT_SECRET
    }


def values(text: str) -> set[str]:
    """What is secret in a file: its lines, what they assign, and what is long and random; no certificate, no word."""
    rest = CERTIFICATE.sub("", text)
    found = {line for key in PRIVATE_KEY.findall(rest) for line in key.split()}
    found.update(_values_of_lines(PRIVATE_KEY.sub("", rest).strip().splitlines()))
    return {value for value in found if len(value) >= SHORTEST and not PLAIN_WORD.fullmatch(value)}


def _values_of_lines(lines: list[str]) -> Iterator[str]:
    """A line with blanks is a sentence about something secret, unless it is all there is."""
    for line in map(str.strip, lines):
        if assigned := ASSIGNED.fullmatch(line):
            yield assigned[1].strip("'\"")
        elif len(lines) == 1 or not re.search(r"\s", line):
            yield line
        yield from RANDOM.findall(line)
