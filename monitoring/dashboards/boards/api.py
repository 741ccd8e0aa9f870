"""The API: its requests by route, and how it gets on with its stores."""

from monitoring.dashboards.boards.resources import NEAR, resources
from monitoring.dashboards.panel import IS_UP, RATE, Dashboard, Panel, Query, Row, Stat, Table

SECONDS = "http_server_request_duration_seconds"
ROUTE = "http_route"
STATUS = "http_response_status_code"


def api() -> Dashboard:
    """The page of the API."""
    return Dashboard(
        "api",
        "API",
        "Rate, errors and duration of each route, and the API's connections to its stores.",
        (_requests(), _routes(), _stores(), resources("api")),
    )


def _requests() -> Row:
    panels = (
        Panel(
            title="Requests by status",
            description="As the API answered.",
            unit="requests/s",
            queries=(Query(f"sum by ({STATUS}) (rate({SECONDS}_count[{RATE}]))", f"{{{{{STATUS}}}}}"),),
            stacked=True,
            height=10,
        ),
        Panel(
            title="Slowest routes, 95 % within",
            description="The five slowest; to begin with, where the answer is a stream of events.",
            unit="seconds",
            queries=(
                Query(
                    f"topk(5, histogram_quantile(0.95, sum by (le, {ROUTE}) (rate({SECONDS}_bucket[{RATE}]))) >= 0)",
                    f"{{{{{ROUTE}}}}}",
                ),
            ),
            height=10,
        ),
        Panel(
            title="Requests in progress",
            description="Those that wait for a language model or follow a focus group last long.",
            unit="count",
            queries=(Query("sum by (http_request_method) (http_server_active_requests)", "{{http_request_method}}"),),
            stacked=True,
            height=10,
        ),
    )
    return Row("Requests", panels)


def _routes() -> Row:
    def every(what: str, chosen: str = "") -> str:
        return f"sum by ({ROUTE}) ({what}({SECONDS}_count{chosen}[1h]))"

    failed, asked = f'{{{STATUS}=~"5.."}}', f"({every('increase')} > 0)"
    quantile = f"histogram_quantile(0.95, sum by (le, {ROUTE}) (rate({SECONDS}_bucket[1h])))"
    columns = (
        Query(f"round{asked}", "requests", "count"),
        Query(f"{every('increase', failed)} / {asked} or {asked} * 0", "failed", "share"),
        Query(f"sum by ({ROUTE}) (increase({SECONDS}_sum[1h])) / {asked}", "mean", "seconds"),
        Query(f"{quantile} >= 0", "95 % within", "seconds"),
    )
    table = Table(
        title="Routes, 1 h",
        description="Every route that was asked for; (none) stands for paths that lead nowhere.",
        unit="count",
        queries=columns,
        rows=ROUTE,
        heading="route",
        height=11,
    )
    return Row("Routes", (table,))


def _stores() -> Row:
    panels = (
        Stat(
            title="Stores",
            description="Whether the API reaches them.",
            unit="up",
            queries=(Query("min by (store) (store_up)", "{{store}}"),),
            thresholds=IS_UP,
            width=6,
            height=8,
        ),
        Panel(
            title="Connections in use",
            description="Share of each pool; when all are in use, requests wait.",
            unit="share",
            queries=(
                Query(
                    'sum by (pool) (db_client_connection_count{state="used"}) '
                    "/ sum by (pool) (db_client_connection_max)",
                    "{{pool}}",
                ),
            ),
            thresholds=NEAR,
            maximum=1,
            width=6,
        ),
        Panel(
            title="Waiting for a connection",
            description="Requests in the queue of each pool.",
            unit="count",
            queries=(Query("sum by (pool) (db_client_connection_pending_requests)", "{{pool}}"),),
            width=6,
        ),
        Panel(
            title="Found in the cache",
            description="Share of lookups; while Redis is away none is found.",
            unit="share",
            queries=(
                Query(
                    f'sum by (cache) (rate(cache_lookups_total{{result="hit"}}[{RATE}])) '
                    f"/ (sum by (cache) (rate(cache_lookups_total[{RATE}])) > 0)",
                    "{{cache}}",
                ),
            ),
            maximum=1,
            width=6,
        ),
    )
    return Row("Stores", panels)
