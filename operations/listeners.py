"""Programs of this host that listen on every address, as the kernel lists them."""

from collections.abc import Collection
from pathlib import Path

PROC = Path("/proc")
LISTENING = "0A"
EVERY_ADDRESS = ("00000000", "0" * 32)


def listeners_on_every_address(but: Collection[int], proc: Path = PROC) -> dict[int, str]:
    """The program's name by TCP port, empty where only root may know it; nothing where the kernel has no such list."""
    sockets = {}
    for table in (proc / "net" / "tcp", proc / "net" / "tcp6"):
        for line in table.read_text().splitlines()[1:] if table.exists() else []:
            _, local, _, state, *_, inode = line.split()[:10]
            address, _, port = local.partition(":")
            if state == LISTENING and address in EVERY_ADDRESS and int(port, 16) not in but:
                sockets[int(port, 16)] = inode
    owners = _owners(set(sockets.values()), proc) if sockets else {}
    return {port: owners.get(sockets[port], "") for port in sorted(sockets)}


def _owners(inodes: set[str], proc: Path) -> dict[str, str]:
    """Program by the inode of a socket that it holds."""
    wanted = {f"socket:[{inode}]": inode for inode in inodes}
    found = {}
    for handle in proc.glob("[0-9]*/fd/*"):
        try:
            inode = wanted.get(str(handle.readlink()))
            if inode:
                found[inode] = (handle.parents[1] / "comm").read_text().strip()
        except OSError:  # another user's, or gone meanwhile
            continue
    return found
