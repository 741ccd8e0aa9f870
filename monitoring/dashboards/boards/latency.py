"""Within which time the API answers."""

from monitoring.alerts.slo import WAITING
from monitoring.dashboards.panel import RATE

SECONDS = "http_server_request_duration_seconds"
QUICK = f'http_route!~"{WAITING}"'
"""Routes that do not wait for a language model."""


def quantile(share: float, over: str = RATE) -> str:
    """Of quick routes, within which time this share was answered; nothing (rather than NaN) while none is asked."""
    return f"histogram_quantile({share}, sum by (le) (rate({SECONDS}_bucket{{{QUICK}}}[{over}]))) >= 0"
