"""Whether a certificate can be served, asked before anything is touched."""

from collections.abc import Iterator
from datetime import UTC, datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

WANTED = "one PEM text with the server's certificate, those that signed it, and its private key without a passphrase"
SET_ANOTHER = "set another: `cat chain.pem key.pem | pulumi config set --secret tls_certificate`"


def certificate_problems(pem: str) -> Iterator[str]:
    """Why the edge would not start with this text, a sentence each; nothing of the key is said."""
    try:
        certificate = x509.load_pem_x509_certificates(pem.encode())[0]
        key = load_pem_private_key(_key_block(pem).encode(), password=None)
    except (ValueError, TypeError, IndexError):
        yield f"it is not {WANTED}; {SET_ANOTHER}"
        return
    if key.public_key() != certificate.public_key():
        yield f"its private key is not its first certificate's; {SET_ANOTHER}"
    now = datetime.now(UTC)
    if now >= certificate.not_valid_after_utc:
        yield f"it expired on {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC; {SET_ANOTHER}"
    if now < certificate.not_valid_before_utc:
        yield f"it is good from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC on; wait, or {SET_ANOTHER}"


def _key_block(pem: str) -> str:
    """The key's block, wherever it stands among those of the certificates."""
    blocks = pem.split("-----BEGIN ")
    return next((f"-----BEGIN {block}" for block in blocks if "PRIVATE KEY-----" in block.partition("\n")[0]), "")
