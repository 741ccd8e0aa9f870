"""Alerts about what people do with the product: focus groups, and the language model that speaks for personas."""

from collections.abc import Iterator

from monitoring.alert import Alert
from monitoring.watched import Stack

MINUTE, DAY = 60, 86400
CALLS = "gen_ai_client_operation_duration_seconds_count"


def alerts(stack: Stack) -> Iterator[Alert]:
    """The language model first: most of the others follow from it."""
    lasting, over = stack.pace.lasting, stack.pace.over
    five = over(5 * MINUTE)
    yield Alert(
        name="LanguageModelFails",
        expr=(
            f'sum(rate({CALLS}{{error_type!=""}}[{five}])) / sum(rate({CALLS}[{five}])) > 0.5 '
            f"and sum(increase({CALLS}[{five}])) > 2"
        ),
        lasting=lasting(MINUTE),
        severity="page",
        labels={"service": "llm"},
        summary="The language model does not answer",
        description="{{ $value | humanizePercentage }} of all calls of five minutes failed; focus groups wait for it.",
    )
    yield Alert(
        name="FocusGroupsStuck",
        expr=(
            "max(focus_groups_waiting) > 0 and "
            f"(sum(increase(focus_groups_finished_total[{over(15 * MINUTE)}])) or vector(0)) == 0"
        ),
        lasting=lasting(15 * MINUTE),
        severity="page",
        labels={"service": "api"},
        summary="Focus groups wait and none is finished",
        description="{{ $value | humanize }} wait for more than 15 minutes.",
    )
    if stack.llm_usd_per_day is not None:
        yield Alert(
            name="LanguageModelOverBudget",
            expr=f"sum(increase(llm_cost_usd_total[{over(DAY)}])) > {stack.llm_usd_per_day:g}",
            severity="ticket",
            labels={"service": "llm"},
            summary="The language model costs more than its budget",
            description=f"{{{{ $value | humanize }}}} US dollars in a day, of {stack.llm_usd_per_day:g}.",
        )
