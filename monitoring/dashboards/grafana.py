"""A dashboard as Grafana reads it, for people who have its image. Slow to import: only where it is asked for."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from grafana_foundation_sdk.builders import bargauge, common, gauge, prometheus, stat, table, timeseries
from grafana_foundation_sdk.builders import dashboard as build
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models import common as common_model
from grafana_foundation_sdk.models import dashboard as model
from grafana_foundation_sdk.models import prometheus as prometheus_model

from monitoring.dashboards.colours import COLOURS
from monitoring.dashboards.panel import Dashboard, Kind, Panel, Query, Thresholds, Unit

DATASOURCE = model.DataSourceRef(type_val="prometheus", uid="${datasource}")
UNITS: Mapping[Unit, str] = {
    "share": "percentunit",
    "seconds": "s",
    "bytes": "bytes",
    "bytes/s": "binBps",
    "requests/s": "reqps",
    "operations/s": "ops",
    "count": "short",
    "cores": "none",
    "usd": "currencyUSD",
    "up": "none",
}
UP = model.ValueMap(
    options={
        "1": model.ValueMappingResult(text="Up", color=COLOURS["good"]),
        "0": model.ValueMappingResult(text="Down", color=COLOURS["bad"]),
    }
)
AnyPanel: TypeAlias = timeseries.Panel | stat.Panel | gauge.Panel | table.Panel | bargauge.Panel


def grafana(dashboard: Dashboard, log_search: str) -> str:
    """Its JSON, with a link to the page where logs are searched."""
    page = (
        build.Dashboard(dashboard.title)
        .uid(dashboard.uid)
        .description(dashboard.description)
        .tags(["market-research"])
        .readonly()
        .refresh("30s")
        .time(f"now-{dashboard.hours}h", "now")
        .timezone("browser")
        .link(build.DashboardLink("Logs").type(model.DashboardLinkType.LINK).url(log_search).target_blank(True))
        .with_variable(build.DatasourceVariable("datasource").label("Prometheus").type("prometheus"))
    )
    line = number = 0
    for row in dashboard.rows:
        number += 1
        page.with_row(build.Row(row.title).id(number).grid_pos(model.GridPos(h=1, w=24, x=0, y=line)))
        for panel, x, y in row.placed:
            number += 1
            place = model.GridPos(h=panel.height, w=panel.width, x=x, y=line + 1 + y)
            page.with_panel(_panel(panel).id(number).grid_pos(place))
        line += 1 + row.height
    return json.dumps(page.build(), cls=JSONEncoder, indent=1)


def _panel(panel: Panel) -> AnyPanel:
    makers: Mapping[Kind, Callable[[Panel], AnyPanel]] = {
        "timeseries": _graph,
        "stat": _stat,
        "gauge": _gauge,
        "table": _table,
        "bar": _bar,
    }
    made = makers[panel.kind](panel)
    made.title(panel.title).description(panel.description).datasource(DATASOURCE).unit(UNITS[panel.unit])
    if panel.decimals is not None:
        made.decimals(panel.decimals)
    if panel.thresholds:
        made.thresholds(_thresholds(panel.thresholds))
    if panel.unit == "up":
        made.mappings([UP])
    for number, query in enumerate(panel.queries):
        made.with_target(_query(query, panel.kind, chr(ord("A") + number)))
    return made


def _query(query: Query, kind: Kind, ref_id: str) -> prometheus.Dataquery:
    made = prometheus.Dataquery().ref_id(ref_id).datasource(DATASOURCE).expr(query.expr).legend_format(query.legend)
    if kind == "timeseries":
        return made.range()
    return made.instant().format(
        getattr(prometheus_model.PromQueryFormat, "TABLE" if kind == "table" else "TIME_SERIES")
    )


def _thresholds(chosen: Thresholds) -> build.ThresholdsConfig:
    lowest = model.Threshold(value=None, color=COLOURS[chosen.lowest])
    steps = [model.Threshold(value=step.at, color=COLOURS[step.mood]) for step in chosen.steps]
    return build.ThresholdsConfig().mode(model.ThresholdsMode.ABSOLUTE).steps([lowest, *steps])


def _graph(panel: Panel) -> timeseries.Panel:
    made = timeseries.Panel().min(0).fill_opacity(50 if panel.stacked else 0).line_width(1.5)
    made.show_points(common_model.VisibilityMode.NEVER)
    if panel.maximum is not None:
        made.max(panel.maximum)
    if panel.stacked:
        made.stacking(common.StackingConfig().mode(common_model.StackingMode.NORMAL).group("A"))
    if panel.thresholds:
        dashed = common_model.GraphTresholdsStyleMode.DASHED
        made.thresholds_style(common.GraphThresholdsStyleConfig().mode(dashed))
    return made


def _stat(panel: Panel) -> stat.Panel:
    return stat.Panel().reduce_options(_last()).graph_mode(common_model.BigValueGraphMode.NONE)


def _gauge(panel: Panel) -> gauge.Panel:
    made = gauge.Panel().reduce_options(_last()).min(0)
    return made if panel.maximum is None else made.max(panel.maximum)


def _bar(panel: Panel) -> bargauge.Panel:
    return bargauge.Panel().reduce_options(_last()).orientation(common_model.VizOrientation.HORIZONTAL).min(0)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"])


def _table(panel: Panel) -> table.Panel:
    many = len(panel.queries) > 1
    names = {
        f"Value #{chr(ord('A') + number)}" if many else "Value": query for number, query in enumerate(panel.queries)
    }
    renamed = {panel.rows: panel.heading, **{name: query.legend for name, query in names.items()}}
    shown: dict[str, Any] = {"excludeByName": {"Time": True}, "renameByName": renamed}
    made = table.Panel().with_transformation(model.DataTransformerConfig(id_val="merge", options={}))
    made.with_transformation(model.DataTransformerConfig(id_val="organize", options=shown))
    for query in panel.queries:
        unit = model.DynamicConfigValue(id_val="unit", value=UNITS[query.unit or panel.unit])
        made.override_by_name(query.legend, [unit])
    return made
