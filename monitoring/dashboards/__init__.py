"""The dashboards of a stack, described once, for the page of images/dashboards and for Grafana."""

import json
from collections.abc import Mapping

from monitoring.dashboards.boards.api import api
from monitoring.dashboards.boards.backups import backups
from monitoring.dashboards.boards.business import business
from monitoring.dashboards.boards.containers import containers
from monitoring.dashboards.boards.edge import edge
from monitoring.dashboards.boards.llm import llm
from monitoring.dashboards.boards.neo4j import neo4j
from monitoring.dashboards.boards.overview import overview
from monitoring.dashboards.boards.postgres import postgres
from monitoring.dashboards.boards.redis import redis
from monitoring.dashboards.panel import Dashboard
from monitoring.dashboards.perses import perses
from monitoring.dashboards.provisioning import provisioning
from monitoring.watched import Stack


def dashboards(stack: Stack) -> tuple[Dashboard, ...]:
    """Every dashboard, in the order of the page's menu."""
    stores = postgres(), redis(), neo4j(), *([backups()] if stack.makes_backups else [])
    return overview(stack), business(), llm(stack), edge(stack), api(), *stores, containers()


def files(stack: Stack) -> Mapping[str, str]:
    """What images/dashboards shows: its files in /run/configuration by name."""
    shown = dashboards(stack)
    menu = [{"uid": one.uid, "title": one.title, "description": one.description} for one in shown]
    return {
        "dashboards.json": json.dumps(menu, indent=1),
        **{f"dashboard-{one.uid}.json": perses(one) for one in shown},
    }


def grafana_files(stack: Stack, log_search: str) -> Mapping[str, str]:
    """The same dashboards for Grafana, and its provisioning; needs the package grafana-foundation-sdk.

    `log_search` is the URL of VictoriaLogs' own page.
    """
    from monitoring.dashboards.grafana import grafana  # noqa: PLC0415 - not installed with the program

    drawn = {f"dashboards/{one.uid}.json": grafana(one, log_search) for one in dashboards(stack)}
    return {**drawn, **provisioning(stack.pace.scrape_seconds)}
