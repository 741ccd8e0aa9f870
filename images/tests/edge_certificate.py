"""Certificates made by the edge image's own openssl, good ones and bad ones."""

from datetime import UTC, datetime, timedelta
from functools import cache

from images.tests.engine import Engine

DAY = timedelta(days=1)
MAKE = """
openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out /tmp/key 2>/dev/null
openssl x509 -new -key /tmp/key -subj /CN=research.example -not_before "$0" -not_after "$1"
cat /tmp/key
"""


@cache
def certificate(engine: Engine, image: str, begins: timedelta = -DAY, ends: timedelta = DAY) -> str:
    """Certificate and key in one PEM, good from and until so long after now."""
    now = datetime.now(UTC)
    dates = [f"{now + date:%Y%m%d%H%M%SZ}" for date in (begins, ends)]
    with engine.run(image, ["sh", "-c", MAKE, *dates], tmpfs={"/tmp": ""}) as once:
        assert once.exit_code() == 0, once.logs()
        return once.logs()


def parts(pem: str) -> tuple[str, str]:
    """The certificate and the key by themselves."""
    ended, mark, key = pem.partition("-----END CERTIFICATE-----\n")
    return ended + mark, key
