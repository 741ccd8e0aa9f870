"""Checks of the Docker engine."""

import re
from collections.abc import Iterator

from operations.finding import Finding
from operations.patient import Patient

OLDEST = (20, 10)
SLIGHT_SECONDS = 2
MOST_SECONDS = 60


def engine(patient: Patient) -> Iterator[Finding]:
    """Whether an engine answers that is new enough."""
    if patient.engine_problem:
        fact, _, fix = patient.engine_problem.partition("\n")
        yield Finding("FAIL", fact, fix or "start it, or set DOCKER_HOST")
        return
    facts, version = patient.facts, patient.version
    told = (
        f"Docker {facts['ServerVersion']}, API {version['ApiVersion']}, {facts['NCPU']} cores, "
        f"{facts['MemTotal'] / 2**30:.1f} GiB, {facts['OperatingSystem']}"
    )
    number = tuple(int(part) for part in re.findall(r"\d+", facts["ServerVersion"])[:2])
    if number < OLDEST:
        yield Finding("FAIL", told, f"install Docker Engine {'.'.join(map(str, OLDEST))} or later")
    else:
        yield Finding("OK", told)


def image_store(patient: Patient) -> Iterator[Finding]:
    """Which of its two stores keeps the images; both will do."""
    containerd = any("io.containerd.snapshotter" in str(pair) for pair in patient.facts.get("DriverStatus") or [])
    yield Finding("OK", f"{'containerd' if containerd else 'classic'} ({patient.facts['Driver']})")


def cgroups(patient: Patient) -> Iterator[Finding]:
    """Whether the kernel limits containers by cgroups of version 2."""
    version = str(patient.facts.get("CgroupVersion") or "1")
    if version == "2":
        yield Finding("OK", "version 2")
    else:
        yield Finding(
            "WARN",
            f"version {version}: limits hold, but it is deprecated",
            "boot with systemd.unified_cgroup_hierarchy=1, or use a newer distribution",
        )


def limits(patient: Patient) -> Iterator[Finding]:
    """Whether the engine can enforce what the stack limits."""
    kinds = {"MemoryLimit": "memory", "CpuCfsQuota": "CPU", "SwapLimit": "swap"}
    lacking = [name for key, name in kinds.items() if not patient.facts.get(key)]
    if not lacking:
        yield Finding("OK", "memory, swap and CPU are enforced")
    elif lacking == ["swap"]:
        yield Finding(
            "WARN",
            "swap is not limited: a service may take more than its memory",
            "boot with swapaccount=1, or swapoff -a",
        )
    else:
        yield Finding(
            "FAIL", f"not enforced: {', '.join(lacking)}", "boot with cgroup_enable=memory, or another kernel"
        )


def clock(patient: Patient) -> Iterator[Finding]:
    """Whether the engine's clock and ours tell the same time."""
    apart = round(patient.clock_difference(), 1) + 0.0  # not -0.0
    fact = f"the engine's is {apart:+.1f} s from this machine's"
    if abs(apart) <= SLIGHT_SECONDS:
        yield Finding("OK", fact)
    else:
        yield Finding(
            "WARN" if abs(apart) <= MOST_SECONDS else "FAIL", fact, "let both follow NTP: `timedatectl set-ntp true`"
        )
