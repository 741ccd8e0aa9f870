"""The language model: what it costs, how long it takes, how often it fails."""

from monitoring.dashboards.panel import RATE, Dashboard, Panel, Query, Row, Stat, Table, high_is_bad
from monitoring.watched import Stack

COST = "llm_cost_usd_total"
TOKENS = "gen_ai_client_token_usage_sum"
SECONDS = "gen_ai_client_operation_duration_seconds"
MODEL = "gen_ai_request_model"
OPERATION = "gen_ai_operation_name"
KIND = "gen_ai_token_type"
FAILED = '{error_type!=""}'
NO_ERROR = 'label_replace(vector(0), "error_type", "none", "", "")'
"""A line at zero while nothing fails."""
BROKEN = high_is_bad(0.02, 0.2)


def llm(stack: Stack) -> Dashboard:
    """The page of the language model."""
    return Dashboard(
        "llm",
        "Language model",
        "Tokens, cost, latency and errors by model, and what the cache saves.",
        (
            Row("24 hours", _day(stack.llm_usd_per_day)),
            Row("Models, 24 h", (_models(),)),
            Row("Spent", _spent()),
            Row("Calls", _calls()),
        ),
        hours=6,
    )


def _day(budget: float | None) -> tuple[Panel, ...]:
    return (
        Stat(
            title="Cost",
            description="By the prices set; the budget is "
            + (f"{budget:g} US dollars a day." if budget else "not set."),
            unit="usd",
            queries=(Query(f"sum(increase({COST}[24h])) or vector(0)"),),
            thresholds=high_is_bad(0.75 * budget, budget) if budget else None,
            width=6,
        ),
        Stat(
            title="Tokens",
            description="Read and written.",
            unit="count",
            queries=(Query(f"round(sum by ({KIND}) (increase({TOKENS}[24h])))", f"{{{{{KIND}}}}}"),),
            width=6,
        ),
        Stat(
            title="Calls that failed",
            description="Share of all calls; what is tried again counts again.",
            unit="share",
            queries=(
                Query(
                    f"(sum(increase({SECONDS}_count{FAILED}[24h])) or vector(0)) "
                    f"/ (sum(increase({SECONDS}_count[24h])) > 0)"
                ),
            ),
            thresholds=BROKEN,
            width=6,
        ),
        Stat(
            title="Found in the cache",
            description="Answers that were known and cost nothing.",
            unit="share",
            queries=(
                Query(
                    'sum by (cache) (increase(cache_lookups_total{result="hit"}[24h])) '
                    "/ (sum by (cache) (increase(cache_lookups_total[24h])) > 0)",
                    "{{cache}}",
                ),
            ),
            width=6,
        ),
    )


def _models() -> Panel:
    def by_model(metric: str, chosen: str = "") -> str:
        return f"sum by ({MODEL}) (increase({metric}{chosen}[24h]))"

    calls = f"({by_model(f'{SECONDS}_count')} > 0)"
    read, written = (f'{{{KIND}="{kind}"}}' for kind in ("input", "output"))
    quantile = f"histogram_quantile(0.95, sum by (le, {MODEL}) (rate({SECONDS}_bucket[24h])))"
    return Table(
        title="Models",
        description="The API's own model, which speaks without a network, costs nothing.",
        unit="count",
        queries=(
            Query(f"round{calls}", "calls", "count"),
            Query(f"{by_model(f'{SECONDS}_count', FAILED)} / {calls} or {calls} * 0", "failed", "share"),
            Query(f"round({by_model(TOKENS, read)})", "tokens read", "count"),
            Query(f"round({by_model(TOKENS, written)})", "tokens written", "count"),
            Query(f"{by_model(COST)} or {calls} * 0", "cost", "usd"),
            Query(f"{quantile} >= 0", "95 % within", "seconds"),
        ),
        rows=MODEL,
        heading="model",
        height=5,
    )


def _spent() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Cost by the hour",
            description="US dollars in the hour before, by model.",
            unit="usd",
            queries=(Query(f"sum by ({MODEL}) (increase({COST}[1h]))", f"{{{{{MODEL}}}}}"),),
            stacked=True,
            width=12,
            height=10,
        ),
        Panel(
            title="Tokens",
            description="Read (input) and written (output), by what they were for.",
            unit="operations/s",
            queries=(
                Query(
                    f"sum by ({OPERATION}, {KIND}) (rate({TOKENS}[{RATE}]))",
                    f"{{{{{OPERATION}}}}} {{{{{KIND}}}}}",
                ),
            ),
            stacked=True,
            width=12,
            height=10,
        ),
    )


def _calls() -> tuple[Panel, ...]:
    return (
        Panel(
            title="Calls",
            description="By what they were for.",
            unit="requests/s",
            queries=(Query(f"sum by ({OPERATION}) (rate({SECONDS}_count[{RATE}]))", f"{{{{{OPERATION}}}}}"),),
            stacked=True,
        ),
        Panel(
            title="95 % answered within",
            description="By what they were for; people wait for this.",
            unit="seconds",
            queries=(
                Query(
                    f"histogram_quantile(0.95, sum by (le, {OPERATION}) (rate({SECONDS}_bucket[{RATE}]))) >= 0",
                    f"{{{{{OPERATION}}}}}",
                ),
            ),
        ),
        Panel(
            title="Calls that failed",
            description="By kind of error.",
            unit="requests/s",
            queries=(
                Query(f"sum by (error_type) (rate({SECONDS}_count{FAILED}[{RATE}])) or {NO_ERROR}", "{{error_type}}"),
            ),
            stacked=True,
        ),
    )
