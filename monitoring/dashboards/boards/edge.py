"""The way in: the edge, or the frontend where a stack has none, and what people see of it."""

from monitoring.alerts.slo import AVAILABLE
from monitoring.dashboards.boards.resources import resources
from monitoring.dashboards.boards.responses import error_share, responses
from monitoring.dashboards.panel import IS_UP, RATE, Dashboard, Panel, Query, Row, Stat, low_is_bad, noticed
from monitoring.watched import Stack

INSIDE = '{proxy=~"api|frontend"}'


def edge(stack: Stack) -> Dashboard:
    """The page of the way in."""
    rows = [_seen(stack), _answers(stack)]
    if stack.has_edge:
        rows.append(_behind())
    return Dashboard(
        "edge",
        "Way in",
        "The public address as people meet it, and what stands behind it.",
        (*rows, resources(*(["edge", "frontend"] if stack.has_edge else ["frontend"]))),
    )


def _seen(stack: Stack) -> Row:
    expiry = Stat(
        title="Certificate",
        description="How long browsers accept it.",
        unit="seconds",
        queries=(Query("min(probe_ssl_earliest_cert_expiry) - time()"),),
        thresholds=low_is_bad(7 * 86400, 14 * 86400),
        height=7,
    )
    panels = (
        Stat(
            title="Answers",
            description="Whether the public address answers as it should.",
            unit="up",
            queries=(Query("min(probe_success)"),),
            thresholds=IS_UP,
            height=7,
        ),
        *([expiry] if stack.speaks_tls else []),
        Stat(
            title="Answered, 24 h",
            description="Share of the tries at the public address that went well.",
            unit="share",
            queries=(Query("min(avg_over_time(probe_success[24h]))"),),
            thresholds=low_is_bad(0.99, 0.999),
            height=7,
        ),
        Panel(
            title="A try takes",
            description="From the name's look-up to the last byte, in its parts.",
            unit="seconds",
            queries=(Query("max by (phase) (probe_http_duration_seconds)", "{{phase}}"),),
            stacked=True,
            width=12 if stack.speaks_tls else 16,
            height=7,
        ),
    )
    return Row("From outside", panels)


def _answers(stack: Stack) -> Row:
    rate, label = responses(stack)
    panels = (
        Panel(
            title="Answers",
            description="What was sent to people.",
            unit="requests/s",
            queries=(Query(rate, f"{{{{{label}}}}}"),),
            stacked=True,
            width=12,
        ),
        Panel(
            title="Server errors",
            description="Their share of all answers.",
            unit="share",
            queries=(Query(error_share(stack), "5xx"),),
            thresholds=noticed(1 - AVAILABLE),
            width=12,
        ),
    )
    return Row("Answers", panels)


def _behind() -> Row:
    panels = (
        Panel(
            title="Takes requests",
            description="Containers that the edge sends requests to; two versions stand side by side during a deploy.",
            unit="count",
            queries=(Query(f"max by (proxy) (haproxy_backend_active_servers{INSIDE})", "{{proxy}}"),),
            width=6,
        ),
        Panel(
            title="Answered within, mean",
            description="Of the last 1024 requests, as the edge measured it.",
            unit="seconds",
            queries=(Query(f"max by (proxy) (haproxy_backend_response_time_average_seconds{INSIDE})", "{{proxy}}"),),
            width=6,
        ),
        Panel(
            title="Waiting",
            description="Requests that wait for a free or a living container.",
            unit="count",
            queries=(Query(f"sum by (proxy) (haproxy_backend_current_queue{INSIDE})", "{{proxy}}"),),
            width=6,
        ),
        Panel(
            title="Tried again",
            description="Requests sent once more, since a container could not be reached.",
            unit="requests/s",
            queries=(
                Query(f"sum by (proxy) (rate(haproxy_backend_retry_warnings_total{INSIDE}[{RATE}]))", "{{proxy}}"),
            ),
            width=6,
        ),
    )
    return Row("Behind it", panels)
