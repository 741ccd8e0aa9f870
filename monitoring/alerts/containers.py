"""Alerts about every service: whether it is there, whether it is well, and how near it is to its own limits."""

from collections.abc import Iterator

from monitoring.alert import Alert
from monitoring.watched import MIB, Stack, Watched

NEAR = 0.9
"""The share of its memory limit that a container may use for long: above, it is soon killed."""
MINUTE = 60


def alerts(stack: Stack) -> Iterator[Alert]:
    """Those for all services, then those that know each one's limit."""
    lasting, over = stack.pace.lasting, stack.pace.over
    yield Alert(
        name="ServiceUnhealthy",
        expr="max by (service) (container_health_state == bool 0) > 0",
        lasting=lasting(MINUTE),
        severity="page",
        summary="{{ $labels.service }} fails its health check",
        description="Docker calls a container of {{ $labels.service }} unhealthy for more than a minute.",
    )
    yield Alert(
        name="ServiceRestarting",
        expr=f"sum by (service) (increase(container_restarts_total[{over(15 * MINUTE)}])) > 2",
        severity="page",
        summary="{{ $labels.service }} ends again and again",
        description='Restarted {{ $value | printf "%.0f" }} times within 15 minutes.',
    )
    yield Alert(
        name="OutOfMemoryKilled",
        expr=f"sum by (service) (increase(container_oom_events_total[{over(15 * MINUTE)}])) > 0",
        severity="page",
        summary="The kernel killed a process of {{ $labels.service }} for want of memory",
        description='{{ $value | printf "%.0f" }} times within 15 minutes.',
    )
    yield Alert(
        name="CpuThrottled",
        expr=(
            f"sum by (service) (rate(container_cpu_cfs_throttled_periods_total[{over(5 * MINUTE)}])) / "
            f"sum by (service) (rate(container_cpu_cfs_periods_total[{over(5 * MINUTE)}])) > 0.5"
        ),
        lasting=lasting(15 * MINUTE),
        severity="ticket",
        summary="{{ $labels.service }} wants more processor time than its limit",
        description="It had to wait in {{ $value | humanizePercentage }} of all periods of the last 15 minutes.",
    )
    for service in stack.services:
        yield from _of(service, stack)


def _of(service: Watched, stack: Stack) -> Iterator[Alert]:
    one = f'{{service="{service.name}"}}'
    yield Alert(
        name="ServiceMissing",
        expr=f"absent(container_last_seen{one}) and on () (count(container_last_seen) > 0)",
        lasting=stack.pace.lasting(MINUTE),
        severity="ticket" if service.watches else "page",
        labels={"service": service.name},
        summary=f"{service.name} does not run",
        description=f"There has been no running container of {service.name} for more than a minute.",
    )
    yield Alert(
        name="MemoryNearLimit",
        expr=f"max by (service) (container_memory_working_set_bytes{one}) > {round(NEAR * service.memory_mb * MIB)}",
        lasting=stack.pace.lasting(5 * MINUTE),
        severity="ticket",
        labels={"service": service.name},
        summary=f"{service.name} uses nearly all of its memory",
        description=(
            f"{{{{ $value | humanize1024 }}}}B of {service.memory_mb} MiB for more than five minutes; at the limit the "
            "kernel kills it."
        ),
    )
