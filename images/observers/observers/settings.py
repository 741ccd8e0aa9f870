"""What the environment and the secret files tell an exporter; a mistake names the place and what is allowed."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

SECRETS = Path("/run/secrets")
LAST_PORT = 65535


class SettingsError(Exception):
    """A setting is missing or wrong; the text never repeats a secret."""


@dataclass(frozen=True)
class Address:
    """Where a service listens, and as whom to log in there."""

    host: str
    port: int
    user: str = ""

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def address(variable: str, scheme: str, *, user: bool = False) -> Address:
    """The address in an environment variable, `scheme://host:port` or with a user `scheme://user@host:port`."""
    form = f"{scheme}://{'user@' if user else ''}host:port"
    text = os.environ.get(variable)
    if not text:
        raise SettingsError(f"{variable}: not set; write {form}")
    who = r"(?P<user>[^\s:/@]+)@" if user else "(?P<user>)"
    parts = re.fullmatch(rf"{scheme}://{who}(?P<host>[A-Za-z0-9._-]+):(?P<port>[0-9]{{1,5}})", text)
    if parts is None or not 0 < int(parts["port"]) <= LAST_PORT:
        raise SettingsError(f"{variable}: allowed is {form}, with a port up to {LAST_PORT} and without a password")
    return Address(parts["host"], int(parts["port"]), parts["user"])


def name(variable: str) -> str:
    """The text of an environment variable that must be set."""
    text = os.environ.get(variable, "").strip()
    if not text:
        raise SettingsError(f"{variable}: not set")
    return text


def secret(file: str, folder: Path = SECRETS) -> str:
    """The password in a secret file."""
    path = folder / file
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
