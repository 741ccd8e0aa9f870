"""Alerts about what the stack stands on, and what it looks like from outside."""

from collections.abc import Iterator

from monitoring.alert import Alert
from monitoring.watched import Stack

MINUTE, HOUR, DAY = 60, 3600, 86400
DISK = '{mountpoint="/"}'
SOON_DAYS = 14
"""A certificate of an ACME service is renewed with a month left: with less than two weeks something went wrong."""


def alerts(stack: Stack) -> Iterator[Alert]:
    """The public address, the host and certificates."""
    lasting, over = stack.pace.lasting, stack.pace.over
    ahead = round(DAY * stack.pace.factor)
    yield Alert(
        name="PublicAddressDown",
        expr="max(probe_success) == 0",
        lasting=lasting(MINUTE),
        severity="page",
        labels={"service": "public"},
        summary="Nobody is let in",
        description=f"What answers at {stack.public_url} has not answered as it should for more than a minute.",
    )
    if stack.speaks_tls:
        yield Alert(
            name="CertificateExpiring",
            expr=f"min(probe_ssl_earliest_cert_expiry) - time() < {SOON_DAYS * DAY}",
            severity="ticket",
            labels={"service": "public"},
            summary="The certificate of the public address ends soon",
            description="In {{ $value | humanizeDuration }} browsers refuse it.",
        )
    yield Alert(
        name="DiskNearlyFull",
        expr=f"max(node_filesystem_avail_bytes{DISK} / node_filesystem_size_bytes{DISK}) < 0.1",
        lasting=lasting(MINUTE),
        severity="page",
        labels={"service": "host"},
        summary="The engine's disk is nearly full",
        description="{{ $value | humanizePercentage }} are free: stores stop when it is full.",
    )
    yield Alert(
        name="DiskWillFill",
        expr=(
            f"max(predict_linear(node_filesystem_avail_bytes{DISK}[{over(6 * HOUR)}], {ahead})) < 0 "
            f"and max(node_filesystem_avail_bytes{DISK} / node_filesystem_size_bytes{DISK}) < 0.4"
        ),
        lasting=lasting(HOUR),
        severity="ticket",
        labels={"service": "host"},
        summary="The engine's disk is full within a day",
        description="As it has filled for six hours.",
    )
    yield Alert(
        name="HostMemoryLow",
        expr="max(node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes) < 0.05",
        lasting=lasting(5 * MINUTE),
        severity="page",
        labels={"service": "host"},
        summary="The engine's host has little memory left",
        description="{{ $value | humanizePercentage }} are available for more than five minutes.",
    )
