"""What a founder reads at a glance: does it work, do people use it, what does it cost, what is nearly full."""

from monitoring.alerts.slo import SLOW_SECONDS, objectives
from monitoring.dashboards.boards.latency import quantile
from monitoring.dashboards.boards.resources import NEAR, cpu_share, memory_share
from monitoring.dashboards.boards.responses import error_share, responses
from monitoring.dashboards.panel import (
    IS_UP,
    NONE_IS_GOOD,
    Dashboard,
    Panel,
    Query,
    Row,
    Stat,
    Table,
    high_is_bad,
    low_is_bad,
    noticed,
)
from monitoring.watched import Stack

FIRING = 'ALERTS{alertstate="firing",severity!="none"}'
NO_ALERT = f'label_replace(vector(0) unless on () count({FIRING}), "alertname", "none", "", "")'
DISK = '{mountpoint="/"}'


def overview(stack: Stack) -> Dashboard:
    """The first page."""
    return Dashboard(
        "overview",
        "Overview",
        "Whether it works, whether people use it, what it costs, and what is nearly full.",
        (Row("Does it work?", _works(stack)), Row("Is it used?", _used(stack)), _traffic(stack), _room()),
    )


def _works(stack: Stack) -> tuple[Panel, ...]:
    availability, _ = objectives(stack)
    every = f"(sum(increase({availability.every}[30d])) > 0)"
    failed = f"(sum(increase({availability.bad}[30d])) or vector(0)) / {every}"
    objective = 1 - availability.budget
    return (
        Stat(
            title="Public address",
            description="Whether it answers as people reach it, tried at every scrape.",
            unit="up",
            queries=(Query("min(probe_success)"),),
            thresholds=IS_UP,
        ),
        Stat(
            title="Alerts",
            description="Firing now; the page Alerts says which, and what to do.",
            unit="count",
            queries=(Query(f"count({FIRING}) or vector(0)"),),
            thresholds=NONE_IS_GOOD,
        ),
        Stat(
            title="Availability, 30 d",
            description=f"Requests that did not end in a server error; the objective is {objective:.1%}.",
            unit="share",
            queries=(Query(f"1 - {failed}"),),
            decimals=2,
            thresholds=low_is_bad(objective, 1 - availability.budget / 2),
        ),
        Stat(
            title="Error budget left, 30 d",
            description="Of the failures that the objective allows; below zero it is missed.",
            unit="share",
            queries=(Query(f"1 - {failed} / {availability.budget:.6g}"),),
            decimals=0,
            thresholds=low_is_bad(0, 0.25),
        ),
        Stat(
            title="95 % answered within",
            description="Over five minutes; routes that wait for a language model are left out.",
            unit="seconds",
            queries=(Query(quantile(0.95, "5m")),),
            thresholds=high_is_bad(SLOW_SECONDS / 2, SLOW_SECONDS),
        ),
        Stat(
            title="Stores",
            description="Whether the API reaches them.",
            unit="up",
            queries=(Query("min by (store) (store_up)", "{{store}}"),),
            thresholds=IS_UP,
        ),
    )


def _used(stack: Stack) -> tuple[Panel, ...]:
    budget = stack.llm_usd_per_day
    return (
        Stat(
            title="Requests, 24 h",
            description="Answered by the API; health checks are not counted.",
            unit="count",
            queries=(Query("round(sum(increase(http_server_request_duration_seconds_count[24h])))"),),
        ),
        Stat(
            title="Projects, 24 h",
            description="Made by people.",
            unit="count",
            queries=(Query("round(sum(increase(projects_created_total[24h])))"),),
        ),
        Stat(
            title="Personas, 24 h",
            description="Generated, and made by hand.",
            unit="count",
            queries=(Query("round(sum(increase(personas_created_total[24h])))"),),
        ),
        Stat(
            title="Focus groups, 24 h",
            description="Came to an end, however they did.",
            unit="count",
            queries=(Query("round(sum(increase(focus_groups_finished_total[24h])))"),),
        ),
        Stat(
            title="Focus groups now",
            description="Being run, and waiting for their turn.",
            unit="count",
            queries=(
                Query("sum(focus_groups_running)", "running"),
                Query("max(focus_groups_waiting)", "waiting"),
            ),
        ),
        Stat(
            title="Language model, 24 h",
            description="By the prices set; the budget is "
            + (f"{budget:g} US dollars a day." if budget else "not set."),
            unit="usd",
            queries=(Query("sum(increase(llm_cost_usd_total[24h])) or vector(0)"),),
            thresholds=high_is_bad(0.75 * budget, budget) if budget else None,
        ),
    )


def _traffic(stack: Stack) -> Row:
    rate, label = responses(stack)
    budget = objectives(stack)[0].budget
    panels = (
        Panel(
            title="Requests by answer",
            description="4xx are refusals: not logged in, not found, too many. 5xx are our failures.",
            unit="requests/s",
            queries=(Query(rate, f"{{{{{label}}}}}"),),
            stacked=True,
        ),
        Panel(
            title="Answered within",
            description="Half of the requests, 95 % and 99 %; routes that wait for a language model are left out.",
            unit="seconds",
            queries=tuple(
                Query(quantile(share), name) for share, name in ((0.5, "50 %"), (0.95, "95 %"), (0.99, "99 %"))
            ),
            thresholds=high_is_bad(SLOW_SECONDS / 2, SLOW_SECONDS),
        ),
        Panel(
            title="Server errors",
            description=f"Their share of all answers. {budget:.1%} is what the objective allows in the long run.",
            unit="share",
            queries=(Query(error_share(stack), "5xx"),),
            thresholds=noticed(budget),
        ),
    )
    return Row("Traffic", panels)


def _room() -> Row:
    used = f"1 - node_filesystem_avail_bytes{DISK} / node_filesystem_size_bytes{DISK}"
    panels = (
        Panel(
            title="Memory, of each limit",
            description="The six services that are nearest; at its limit the kernel ends a process.",
            unit="share",
            queries=(Query(f"topk(6, {memory_share('.+')})", "{{service}}"),),
            thresholds=NEAR,
            maximum=1,
            height=10,
        ),
        Panel(
            title="Processor, of each limit",
            description="The six services that are nearest; above its limit a service has to wait.",
            unit="share",
            queries=(Query(f"topk(6, {cpu_share('.+')})", "{{service}}"),),
            thresholds=NEAR,
            maximum=1,
            height=10,
        ),
        Panel(
            title="Host",
            description="The engine's disk and memory: stores stop when the disk is full.",
            unit="share",
            queries=(
                Query(f"max({used})", "disk"),
                Query("max(1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)", "memory"),
            ),
            thresholds=high_is_bad(0.8, 0.9),
            maximum=1,
            height=10,
        ),
        Table(
            title="Firing alerts",
            description="None, 0 times, when all is well.",
            unit="count",
            queries=(Query(f"count by (alertname) ({FIRING}) or {NO_ALERT}", "how many"),),
            rows="alertname",
            heading="alert",
            height=5,
        ),
    )
    return Row("Is there room?", panels)
