"""The certificate that a server shows in a TLS handshake."""

import socket
import ssl
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography import x509

TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Served:
    """Whom a certificate is for, and until when it is good."""

    name: str
    ends: datetime

    @property
    def days(self) -> int:
        """Whole days that are left; below zero when it has expired."""
        return (self.ends - datetime.now(UTC)).days


def served(address: str, port: int, hostname: str) -> Served | None:
    """The certificate for a name, whoever signed it; None when nobody speaks TLS there."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((address, port), TIMEOUT_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=hostname) as connection,
        ):
            shown = connection.getpeercert(binary_form=True)
    except OSError:
        return None
    return read(shown) if shown else None


def read(der: bytes) -> Served:
    """Names and end of a certificate."""
    certificate = x509.load_der_x509_certificate(der)
    return Served(", ".join(_names(certificate)) or "no name", certificate.not_valid_after_utc)


def _names(certificate: x509.Certificate) -> list[str]:
    try:
        subjects = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []  # clients have stopped to look at the common name
    return [str(one.value) for one in subjects]
