"""How requests were answered: seen at the edge where a stack has one, and else in the API."""

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
    """Server errors among all answers; nothing while there are none."""
    if stack.has_edge:
        failed, every = EDGE.replace("}", ',code="5xx"}'), EDGE
    else:
        failed, every = f'{API}{{http_response_status_code=~"5.."}}', API
    return f"(sum(rate({failed}[{RATE}])) or vector(0)) / (sum(rate({every}[{RATE}])) > 0)"
