"""What the environment, the secret files and a request tell a command; a mistake names the place and the rule."""

import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path("/repository")
WORK = Path("/work")
EXCHANGE = Path("/exchange")
FILES = Path("/files")
WAL = Path("/wal")
SECRETS = Path("/run/secrets")

GIVEN_KEY = SECRETS / "backup_key"
KEPT_KEY = Path("/run/key/backup_key")
"""Made by the scheduler in a volume that outlives the stack, as the repository does."""
REPOSITORY_ID = KEPT_KEY.with_name("repository")
"""Whose loss is to be seen: it lies in another volume than the repository."""
KEY = GIVEN_KEY if GIVEN_KEY.exists() else KEPT_KEY
OFF_SITE_CREDENTIALS = SECRETS / "off_site_credentials"
OFF_SITE_NAMES = ("RESTIC_REST_USERNAME", "RESTIC_REST_PASSWORD", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
LAST_PORT = 65535


class SettingsError(Exception):
    """A setting, an argument or a request is missing or wrong; the text never repeats a secret."""


class JobError(Exception):
    """What was to be done failed; the text says in one line what, why, and what to do."""


class StoppedError(JobError):
    """SIGTERM came."""


@dataclass(frozen=True)
class Address:
    """Where a store listens."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def address(variable: str) -> Address:
    """The address in an environment variable, `host:port`."""
    text = name(variable)
    parts = re.fullmatch(r"([A-Za-z0-9._-]+):([0-9]{1,5})", text)
    if parts is None or not 0 < int(parts[2]) <= LAST_PORT:
        raise SettingsError(f"{variable}: allowed is host:port, with a port up to {LAST_PORT}")
    return Address(parts[1], int(parts[2]))


def name(variable: str) -> str:
    """The text of an environment variable that must be set."""
    text = os.environ.get(variable, "").strip()
    if not text:
        raise SettingsError(f"{variable}: not set")
    return text


def number(variable: str, least: int = 0) -> int:
    """The whole number in an environment variable that must be set."""
    text = name(variable)
    if not re.fullmatch(r"[0-9]{1,5}", text) or int(text) < least:
        raise SettingsError(f"{variable}: allowed is a whole number from {least} to 99999")
    return int(text)


def secret(path: Path) -> str:
    """The password in a secret file."""
    try:
        text = path.read_text().strip("\n")
    except FileNotFoundError:
        raise SettingsError(f"{path}: no such file; mount the folder that holds it, read-only") from None
    except OSError as error:
        raise SettingsError(f"{path}: {error.strerror}; let it be readable by user {os.getuid()}") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path}: not UTF-8; allowed is a file with one password in it") from None
    if not text:
        raise SettingsError(f"{path}: empty; write the password into it")
    return text


def off_site() -> str:
    """restic's address of the off-site copy; empty when there is none."""
    return os.environ.get("OFF_SITE", "").strip()


def off_site_credentials(path: Path = OFF_SITE_CREDENTIALS) -> dict[str, str]:
    """The variables by which restic logs in off-site; none when there is no such file."""
    if not path.exists():
        return {}
    found = {}
    for line in secret(path).splitlines():
        key, separator, value = line.strip().partition("=")
        if not line.strip():
            continue
        if not separator or key not in OFF_SITE_NAMES:
            raise SettingsError(f"{path}: allowed are lines KEY=VALUE with a key of {', '.join(OFF_SITE_NAMES)}")
        found[key] = value
    return found


@dataclass(frozen=True)
class Request:
    """What the next job is to do: /work/request.json."""

    backup: str | None = None
    store: str | None = None
    database: str | None = None
    until: str | None = None
    """Point in time to recover to, ISO with a zone; none is the newest there is."""
    stores: tuple[str, ...] = ()
    swap: bool = True
    whole: bool = False
    force: bool = False
    """Forget, although the clock is doubtful."""

    def need(self, field: str) -> str:
        """The text of a field that this job cannot do without."""
        value = getattr(self, field)
        if not value:
            raise SettingsError(f"{WORK / 'request.json'}: {field} is missing")
        return str(value)


def request(path: Path | None = None) -> Request:
    """The request that was left for this job; an empty one when there is none."""
    path = path or WORK / "request.json"
    try:
        read: Any = json.loads(path.read_text())
    except FileNotFoundError:
        return Request()
    except (ValueError, OSError) as error:
        raise SettingsError(f"{path}: not readable as JSON ({error}); write it anew") from None
    kinds: dict[str, type] = dict.fromkeys(("backup", "store", "database", "until"), str)
    kinds |= {"stores": list, "swap": bool, "whole": bool, "force": bool}
    if not isinstance(read, dict):
        raise SettingsError(f"{path}: allowed is a JSON object")
    for key, value in read.items():
        # Others may leave word for others in the same file.
        if key in kinds and not isinstance(value, kinds[key]):
            raise SettingsError(f"{path}: {key}: allowed is {kinds[key].__name__}")
    known: dict[str, Any] = {
        key: tuple(value) if key == "stores" else value for key, value in read.items() if key in kinds
    }
    return Request(**known)
