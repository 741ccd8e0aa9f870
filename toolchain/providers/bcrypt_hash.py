"""The bcrypt hash of a password, by the system's own crypt library."""

from __future__ import annotations

import base64
import ctypes
import secrets
from ctypes.util import find_library
from threading import Lock

from toolchain.providers.failures import ProviderError

_ROUNDS = 10
_LONGEST = 72
_SALT_BYTES = 16
_SALT_LENGTH = 22
_HASH_LENGTH = 60
_TO_BCRYPT = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
)
# crypt(3) answers in memory of its own, which the next call overwrites.
_lock = Lock()


def bcrypt_hash(password: str) -> str:
    """Return the hash in the official plugin's dialect: its cost, and only the first 72 bytes count."""
    salt = base64.b64encode(secrets.token_bytes(_SALT_BYTES)).decode().translate(_TO_BCRYPT)[:_SALT_LENGTH]
    # The last character of a salt carries two bits alone; these four are the ones without stray bits.
    salt = salt[:-1] + secrets.choice(".Oeu")
    with _lock:
        hashed = crypt(password.encode()[:_LONGEST], f"$2a${_ROUNDS}${salt}".encode())
    if hashed is None or len(hashed) != _HASH_LENGTH:
        raise ProviderError("the system's libcrypt cannot hash with bcrypt: install libcrypt1 (Debian) or libxcrypt")
    return hashed.decode()


def crypt(password: bytes, setting: bytes) -> bytes | None:
    """Return what crypt(3) makes of a password and a setting; None where there is no such library."""
    library = find_library("crypt")
    if library is None:
        return None
    function = ctypes.CDLL(library).crypt
    function.restype = ctypes.c_char_p
    found: bytes | None = function(password, setting)
    return found
