"""The files of those who watch, made from a stack's settings and services."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.service import Service
from infra.services.edge import Edge
from infra.stack import CHECKOUT, Stack
from monitoring import dashboards
from monitoring.alert import RUNBOOKS
from monitoring.routing import HEARTBEAT_URL_FILE, SLACK_URL_FILE, SMTP_PASSWORD_FILE, Mail, Told, alertmanager
from monitoring.rules import rules
from monitoring.scraping import Addresses, Job, blackbox, prometheus
from monitoring.watched import Pace, Watched
from monitoring.watched import Stack as Facts
from stacks.monitoring import MONITORING_LIMITS, Monitoring
from stacks.settings import HEARTBEAT_URL, SLACK_WEBHOOK_URL, SMTP_PASSWORD

Files = Mapping[str, pulumi.Input[str]]


def pace(chosen: Monitoring) -> Pace:
    """How patient the rules of this stack are."""
    return Pace(scrape_seconds=chosen.scrape_seconds, factor=chosen.pace)


def secrets(stack: Stack) -> Files:
    """What Alertmanager sends with, as far as it is set."""
    files = {SLACK_URL_FILE: SLACK_WEBHOOK_URL, SMTP_PASSWORD_FILE: SMTP_PASSWORD, HEARTBEAT_URL_FILE: HEARTBEAT_URL}
    found = {file: stack.secret(name) for file, name in files.items()}
    return {file: value for file, value in found.items() if value is not None}


def routing(stack: Stack, chosen: Monitoring) -> str:
    """alertmanager.yml."""
    have = secrets(stack)
    mail = Mail(**chosen.email.model_dump()) if chosen.email else None
    told = Told(
        slack=SLACK_URL_FILE in have,
        slack_channel=chosen.slack_channel,
        mail=mail,
        heartbeat=HEARTBEAT_URL_FILE in have,
    )
    return alertmanager(told, pace(chosen), stack.name)


def blackbox_files(way_in: Service) -> Files:
    """blackbox.yml."""
    return {"blackbox.yml": blackbox(way_in.stack.settings.hostname if isinstance(way_in, Edge) else None)}


def prometheus_files(
    stack: Stack, chosen: Monitoring, asked: Sequence[Service], *, blackbox: Service, alertmanager: Service
) -> Files:
    """prometheus.yml and rules.yml; the last of those `asked` before the exporters is where people come in."""
    way_in = next(one for one in reversed(asked) if one.publishes)
    jobs = [Job(one.name.removesuffix("-exporter"), one.metrics, one.behind_edge) for one in asked if one.metrics]
    jobs.append(Job("prometheus", "127.0.0.1:9090"))
    where = Addresses(alertmanager.address, blackbox.address, way_in.inner_url)
    return {
        "prometheus.yml": prometheus(jobs, where, seconds=chosen.scrape_seconds, stack=stack.name),
        "rules.yml": rules(facts(stack, chosen, way_in)),
    }


def facts(stack: Stack, chosen: Monitoring, way_in: Service) -> Facts:
    """What rules and dashboards are made from."""
    watched = [
        Watched(name, limits.memory_mb, watches=name in MONITORING_LIMITS) for name, limits in stack.limits.items()
    ]
    return Facts(
        services=watched,
        public_url=way_in.public_url,
        has_edge=stack.has(Edge),
        llm_usd_per_day=chosen.llm_usd_per_day,
        makes_backups=stack.settings.backup is not None,
        pace=pace(chosen),
    )


def dashboard_files(stack: Stack, chosen: Monitoring, way_in: Service) -> Files:
    """The dashboards, and the runbooks that alerts lead to."""
    runbooks = {f"runbook-{file.stem}.md": file.read_text() for file in sorted((CHECKOUT / RUNBOOKS).glob("*.md"))}
    return {**dashboards.files(facts(stack, chosen, way_in)), **runbooks}
