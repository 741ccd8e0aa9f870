"""How requests were answered: seen at the edge where a stack has one, and else in the API."""

from monitoring.alerts.slo import objectives
from monitoring.dashboards.panel import RATE
from monitoring.watched import Stack

EDGE = 'haproxy_frontend_http_responses_total{proxy="public"}'
API = "http_server_request_duration_seconds_count"


def responses(stack: Stack) -> tuple[str, str]:
    """The rate of answers by a label, and that label."""
    if stack.has_edge:
        return f"sum by (code) (rate({EDGE}[{RATE}]))", "code"
    label = "http_response_status_code"
    return f"sum by ({label}) (rate({API}[{RATE}]))", label


def error_share(stack: Stack) -> str:
    """Server errors among all answers that the objective counts; nothing while there are none."""
    available = objectives(stack)[0]
    return f"(sum(rate({available.bad}[{RATE}])) or vector(0)) / (sum(rate({available.every}[{RATE}])) > 0)"
