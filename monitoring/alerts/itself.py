"""Alerts about those who watch: silence must not mean that all is well."""

from collections.abc import Iterator

from monitoring.alert import Alert
from monitoring.watched import Stack

MINUTE = 60
WATCHDOG = "Watchdog"


def alerts(stack: Stack) -> Iterator[Alert]:
    """The watchdog is one that always fires: whoever gets its heartbeat misses it when all of this is dead."""
    lasting, over = stack.pace.lasting, stack.pace.over
    yield Alert(
        name=WATCHDOG,
        expr="vector(1)",
        severity="none",
        summary="The monitoring works",
        description="It always fires. Where it stops arriving, Prometheus, Alertmanager or the way from it is broken.",
    )
    yield Alert(
        name="TargetDown",
        expr="min by (job) (up) == 0",
        lasting=lasting(2 * MINUTE),
        severity="ticket",
        labels={"service": "monitoring"},
        summary="{{ $labels.job }} gives no metrics",
        description="Prometheus has not been answered for two minutes: what it watches is not seen meanwhile.",
    )
    yield Alert(
        name="RulesFail",
        expr=f"sum(increase(prometheus_rule_evaluation_failures_total[{over(5 * MINUTE)}])) > 0",
        severity="ticket",
        labels={"service": "monitoring"},
        summary="Prometheus cannot evaluate some of its rules",
        description="{{ $value | humanize }} failures within five minutes: alerts may be missing.",
    )
    yield Alert(
        name="NotificationsFail",
        expr=f"sum by (integration) (increase(alertmanager_notifications_failed_total[{over(5 * MINUTE)}])) > 0",
        severity="page",
        labels={"service": "monitoring"},
        summary="Alertmanager cannot send by {{ $labels.integration }}",
        description="{{ $value | humanize }} notifications failed within five minutes; other ways may work.",
    )
    yield Alert(
        name="LogsNotArriving",
        expr=f"sum(increase(vl_rows_ingested_total[{over(15 * MINUTE)}])) == 0",
        lasting=lasting(5 * MINUTE),
        severity="ticket",
        labels={"service": "monitoring"},
        summary="No log line has arrived for 15 minutes",
        description="The log collector is away, or cannot reach the log store.",
    )
