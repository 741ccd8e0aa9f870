"""Every alert can be tried, and says what to do."""

from pathlib import Path

import pytest
import yaml

from monitoring.alert import RUNBOOKS, Alert
from monitoring.rules import alerts, rules
from monitoring.tests.cases import CASES, STACK, WITHOUT_EDGE
from monitoring.watched import Pace, Stack, Watched

CHECKOUT = Path(__file__).resolve().parents[2]
ALWAYS = {"Watchdog"}
ALERTS = {one.name: one for one in alerts(STACK)}


def test_every_alert_has_figures_that_make_it_fire_and_nothing_else_has():
    assert {case.alert for case in CASES} == ALERTS.keys() - ALWAYS


def test_every_alert_has_a_runbook_and_no_runbook_is_without_one():
    written = {file.stem for file in (CHECKOUT / RUNBOOKS).glob("*.md")}
    assert written == ALERTS.keys()


@pytest.mark.parametrize("alert", ALERTS.values(), ids=list(ALERTS))
def test_an_alert_names_the_service_that_it_is_about(alert: Alert):
    assert "service" in alert.labels or "by (service)" in alert.expr or alert.name in ALWAYS


def test_without_an_edge_the_api_says_how_many_requests_failed():
    text = rules(WITHOUT_EDGE)
    assert "haproxy" not in text
    assert "CertificateExpiring" not in text


def test_a_changed_limit_changes_the_alert():
    def limit(memory_mb: int) -> str:
        found = alerts(Stack([Watched("api", memory_mb)], "http://a"))
        return next(one.expr for one in found if one.name == "MemoryNearLimit")

    assert limit(512).endswith(f"> {round(0.9 * 512 * 1024 * 1024)}")
    assert limit(1024) != limit(512)


def test_a_rehearsal_is_less_patient_with_the_same_rules():
    def waits(pace: Pace) -> dict[str, float]:
        content = yaml.safe_load(rules(Stack(STACK.services, STACK.public_url, pace=pace)))
        found = (rule for group in content["groups"] for rule in group["rules"] if "alert" in rule)
        return {rule["alert"]: float(rule["for"].removesuffix("s")) for rule in found}

    usual, hasty = waits(Pace()), waits(Pace(factor=0.1))
    assert all(hasty[name] <= usual[name] / 10 + 0.5 for name in usual)
    assert Pace(scrape_seconds=15, factor=0.001).over(300) == "60s"
