"""Who listens where this runs, in a guest."""

import ipaddress
import json
import sys
from collections.abc import Iterator
from pathlib import Path

LISTENING = {"tcp": "0A", "udp": "07"}
"""The kernel's word for a socket that waits for whoever comes."""
SENDERS = Path("/proc/sys/net/ipv4/ip_local_port_range")
"""Ports that the kernel gives to who asks: at one of these a name server's answer is awaited, and nobody served."""


def listeners(protocol: str) -> Iterator[tuple[str, int]]:
    """Address and port of each socket that waits."""
    lowest, highest = map(int, SENDERS.read_text().split())
    senders = range(lowest, highest + 1) if protocol == "udp" else ()
    for table in (Path(f"/proc/net/{protocol}"), Path(f"/proc/net/{protocol}6")):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            _, local, _, state, *_ = line.split()
            address, _, port = local.partition(":")
            if state == LISTENING[protocol] and int(port, 16) not in senders:
                yield str(_address(address)), int(port, 16)


def told() -> dict[str, list[tuple[str, int]]]:
    """Who waits on more than loopback, by protocol, and who for TCP on loopback, `inside`."""
    found = {name: sorted(set(listeners(name))) for name in LISTENING}
    own = {one for one in found["tcp"] if _is_loopback(one[0])}
    others = {name: [one for one in waiting if not _is_loopback(one[0])] for name, waiting in found.items()}
    return {**others, "inside": sorted(own)}


def _is_loopback(address: str) -> bool:
    known = ipaddress.ip_address(address)
    return (getattr(known, "ipv4_mapped", None) or known).is_loopback


def _address(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The kernel writes words of four bytes in hexadecimal, each in its own byte order."""
    words = [int(written[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(written), 8)]
    packed = b"".join(words)
    return ipaddress.IPv4Address(packed) if len(words) == 1 else ipaddress.IPv6Address(packed)


if __name__ == "__main__":
    json.dump(told(), sys.stdout)
