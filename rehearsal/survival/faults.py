"""The faults: each is over when its function returns, and nobody does anything about it afterwards."""

import os
import random
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from docker.errors import APIError

from rehearsal.survival import attack
from rehearsal.survival.stand import SERVICES, Services, Stand

STORES = ("postgres", "redis", "neo4j")
LASTS_SECONDS = 15
MIB = 1024 * 1024
FLOOD_BYTES = 200 * MIB
LOG_BYTES = 3 * 10 * 10**6
"""Three files of 10 MB are kept of what a container writes."""
SECONDS = {"frontend": 2, "api": 5, "postgres": 3, "redis": 3, "neo4j": 60, "edge": 2}
"""Until it is as before after its process was killed."""
RESTART_SECONDS = 120
SOON_SECONDS = 30
"""After something that lasted is over."""


@dataclass(frozen=True)
class Fault:
    """What happens, and within how many seconds all must be as before: of its beginning, or of its end if it `lasts`.

    Of what is `unnoticed` nobody gets a bad answer at all. All that was acknowledged is there afterwards, but for what
    the fault `may_lose`.
    """

    what: str
    happens: Callable[[Stand], None]
    seconds: float
    lasts: bool = False
    unnoticed: bool = False
    may_lose: Mapping[str, int] = field(default_factory=dict)
    """Acknowledged writes by kind."""


def killed(stand: Services, service: str) -> None:
    """The main process gets SIGKILL, as from outside: `docker kill` would tell the engine not to start it again."""
    os.kill(stand.processes(service)[0], signal.SIGKILL)


def out_of_memory(stand: Services, service: str) -> None:
    """Somebody in the service's control group takes all its memory; the kernel kills the service's main process."""
    victim = stand.processes(service)[0]
    Path(f"/proc/{victim}/oom_score_adj").write_text("1000")
    greedy = [sys.executable, "-c", GREEDY, str(_group(victim) / "cgroup.procs"), str(victim)]
    subprocess.run(greedy, check=False, timeout=60)  # it may be killed itself, after the victim
    assert not _lives(victim), f"{service} has not run out of memory"


GREEDY = """
import os, sys
from pathlib import Path
procs, victim = Path(sys.argv[1]), Path("/proc", sys.argv[2], "stat")
procs.write_text(str(os.getpid()))
held = []
while victim.exists() and ") Z " not in victim.read_text():
    held.append(b"." * 1048576)
"""


def _lives(process: int) -> bool:
    """Whether it is there, and no zombie."""
    with suppress(OSError):
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    return False


def _group(process: int) -> Path:
    """The folder of a process's control group for memory, of either version."""
    rows = [line.split(":", 2) for line in Path(f"/proc/{process}/cgroup").read_text().splitlines()]
    version_1 = [path for _, controllers, path in rows if "memory" in controllers.split(",")]
    root = Path("/sys/fs/cgroup")
    return root / "memory" / version_1[0][1:] if version_1 else root / rows[0][2][1:]


def hung(stand: Services, service: str) -> None:
    """All its processes stand still for a while: it neither answers nor refuses."""
    processes = stand.processes(service)
    for one in processes:
        os.kill(one, signal.SIGSTOP)
    time.sleep(LASTS_SECONDS)
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, signal.SIGCONT)


def cut(stand: Services, store: str) -> None:
    """No packet passes between the API and a store for a while, and nobody is told."""
    networks = stand.facts(store)["NetworkSettings"]["Networks"]
    address = next(network["IPAddress"] for network in networks.values())
    firewall = ["nsenter", f"--net=/proc/{stand.processes('api')[0]}/ns/net", "iptables", "--wait"]
    rules = [["OUTPUT", "--destination", address], ["INPUT", "--source", address]]
    for chain, *match in rules:
        subprocess.run([*firewall, "--insert", chain, *match, "--jump", "DROP"], check=True)
    time.sleep(LASTS_SECONDS)
    for chain, *match in rules:
        subprocess.run([*firewall, "--delete", chain, *match, "--jump", "DROP"], check=True)


def full_disk(stand: Stand, service: str) -> None:
    """Nothing more can be written to its data volume for a while; PostgreSQL is made to want more of it, and ends."""
    filling = stand.disks[service].place / f"filling-{secrets.token_hex(4)}"
    with filling.open("wb", buffering=0) as file:
        deadline = time.monotonic() + LASTS_SECONDS
        while time.monotonic() < deadline:  # also what was given back meanwhile is taken
            with suppress(OSError):
                file.write(b"." * MIB)
                continue
            with suppress(OSError):
                file.write(b"." * 4096)
                continue
            if service == "postgres":
                with suppress(APIError, StopIteration):  # it is starting again
                    stand.container(service).exec_run(WANTS_SPACE)
            time.sleep(0.1)
    filling.unlink()


LOGGED = "SELECT count(pg_logical_emit_message(false, 'survival', repeat('x', 1000000))) FROM generate_series(1, 40)"
WANTS_SPACE = ["psql", "--username", "postgres", "--dbname", "market_research", "--command", LOGGED]
"""40 MB of write-ahead log: more than a segment that is there already."""


def talkative(stand: Services) -> None:
    """The API writes 200 MiB to its log; no more than three files of 10 MB are kept."""
    facts = stand.facts("api")
    line = b'{"level": "info", "message": "' + b"x" * 980 + b'"}\n'
    with Path(f"/proc/{stand.processes('api')[0]}/fd/1").open("wb", buffering=0) as log:
        for _ in range(FLOOD_BYTES // len(line)):
            log.write(line)
    kept = sum(file.stat().st_size for file in Path(facts["LogPath"]).parent.glob("*-json.log*"))
    assert kept <= LOG_BYTES * 1.1, f"the log of the API takes {kept / MIB:.0f} MiB"


REFUSED_BY = {"flood": "429", "slowly": "hung up"}


def attacked(stand: Services, way: str) -> None:
    """From one address of its own network comes ten times as much as the edge lets through, or next to nothing."""
    deployment = stand.project.deployment()
    edge = deployment.outputs.services["edge"]
    with deployment.invite([edge.networks["edge"]]) as guest:
        found = guest.run(attack, edge.address, way, str(LASTS_SECONDS))
    assert found.get(REFUSED_BY[way]), f"the edge refuses nothing of it: {found}"


def engine_restarted(stand: Stand) -> None:
    """The engine is told to end, stops every container, and is started again."""
    stand.engine.stop()
    stand.engine.start()


def power_lost(stand: Stand) -> None:
    """The disks keep what was written to them, engine and containers are gone; then the engine starts them all."""
    for disk in stand.disks.values():
        disk.lose_power()
    stand.engine.lose_power()
    for disk in stand.disks.values():
        disk.come_back()
    time.sleep(random.uniform(1, 3))  # as if the host took its time
    stand.engine.start()


def _each(what: str, services: tuple[str, ...], happens: Callable[[Stand, str], None]) -> list[Fault]:
    """Something that is over at once."""
    return [Fault(f"{what}: {one}", lambda stand, one=one: happens(stand, one), SECONDS[one]) for one in services]  # type: ignore[misc]


def _lasting(what: str, services: tuple[str, ...], happens: Callable[[Stand, str], None]) -> list[Fault]:
    """Something that lasts for LASTS_SECONDS."""
    return [
        Fault(f"{what}: {one}", lambda stand, one=one: happens(stand, one), SOON_SECONDS, lasts=True)  # type: ignore[misc]
        for one in services
    ]


NOT_YET_ON_DISK = {"redis": 20}
"""Redis synchronizes its file each second (appendfsync everysec), or puts that off once; ten writes are made in one."""

FAULTS = (
    *_each("SIGKILL", SERVICES, killed),
    *_each("out of memory", SERVICES, out_of_memory),
    *_lasting("hangs", STORES, hung),
    *_lasting("no network between it and the API", STORES, cut),
    *_lasting("disk full", (*STORES, "api", "edge"), full_disk),
    Fault("200 MiB of log", talkative, SOON_SECONDS, lasts=True, unnoticed=True),
    Fault("ten times the rate limit", lambda stand: attacked(stand, "flood"), SOON_SECONDS, lasts=True, unnoticed=True),
    Fault("slowloris", lambda stand: attacked(stand, "slowly"), SOON_SECONDS, lasts=True, unnoticed=True),
    Fault("the engine restarts", engine_restarted, RESTART_SECONDS),
    Fault("the host loses power", power_lost, RESTART_SECONDS, may_lose=NOT_YET_ON_DISK),
)
