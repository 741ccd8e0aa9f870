"""A dashboard as Perses reads it: its panels are what images/dashboards shows."""

import json
from collections.abc import Mapping
from typing import Any

from monitoring.dashboards.colours import COLOURS, NEUTRAL
from monitoring.dashboards.panel import Dashboard, Mood, Panel, Query, Row, Thresholds, Unit

FORMATS: Mapping[Unit, Mapping[str, Any]] = {
    "share": {"unit": "percent-decimal"},
    "seconds": {"unit": "seconds"},
    "bytes": {"unit": "bytes", "shortValues": True},
    "bytes/s": {"unit": "bytes/sec", "shortValues": True},
    "requests/s": {"unit": "decimal", "shortValues": True},
    "operations/s": {"unit": "decimal", "shortValues": True},
    "count": {"unit": "decimal", "shortValues": True},
    "cores": {"unit": "decimal"},
    "usd": {"unit": "usd", "decimalPlaces": 2},
    "up": {"unit": "decimal"},
}
NAMED_AXES: frozenset[Unit] = frozenset({"requests/s", "operations/s", "cores"})
"""Units that Perses writes after each number, or does not know."""
WORDS: Mapping[str, tuple[str, Mood]] = {"1": ("Up", "good"), "0": ("Down", "bad")}


def perses(dashboard: Dashboard) -> str:
    """Its JSON."""
    panels = {f"panel-{number}": panel for number, panel in enumerate(dashboard.panels)}
    keys = iter(panels)
    content = {
        "kind": "Dashboard",
        "metadata": {"name": dashboard.uid, "project": "market-research"},
        "spec": {
            "display": {"name": dashboard.title, "description": dashboard.description},
            "duration": f"{dashboard.hours}h",
            "refreshInterval": "30s",
            "variables": [],
            "panels": {key: _panel(panel) for key, panel in panels.items()},
            "layouts": [_grid(row, [next(keys) for _ in row.panels]) for row in dashboard.rows],
        },
    }
    return json.dumps(content, indent=1)


def _grid(row: Row, keys: list[str]) -> dict[str, Any]:
    items = [
        {"x": x, "y": y, "width": panel.width, "height": panel.height, "content": {"$ref": f"#/spec/panels/{key}"}}
        for key, (panel, x, y) in zip(keys, row.placed, strict=True)
    ]
    return {"kind": "Grid", "spec": {"display": {"title": row.title, "collapse": {"open": True}}, "items": items}}


def _panel(panel: Panel) -> dict[str, Any]:
    plugin = {
        "timeseries": ("TimeSeriesChart", _graph),
        "stat": ("StatChart", _stat),
        "gauge": ("GaugeChart", _gauge),
        "table": ("Table", _table),
        "bar": ("BarChart", _bar),
    }
    kind, spec = plugin[panel.kind]
    queries = [
        {"kind": "TimeSeriesQuery", "spec": {"plugin": {"kind": "PrometheusTimeSeriesQuery", "spec": _query(query)}}}
        for query in panel.queries
    ]
    display = {"name": panel.title, "description": panel.description}
    return {
        "kind": "Panel",
        "spec": {"display": display, "plugin": {"kind": kind, "spec": spec(panel)}, "queries": queries},
    }


def _query(query: Query) -> dict[str, Any]:
    return {"query": query.expr, **({"seriesNameFormat": query.legend} if query.legend else {})}


def _format(panel: Panel, unit: Unit | None = None) -> dict[str, Any]:
    shown = dict(FORMATS[unit or panel.unit])
    return shown if panel.decimals is None else {**shown, "decimalPlaces": panel.decimals}


def _thresholds(chosen: Thresholds | None) -> dict[str, Any]:
    if chosen is None:
        return {"thresholds": {"defaultColor": NEUTRAL, "steps": []}}
    steps = [{"value": step.at, "color": COLOURS[step.mood]} for step in chosen.steps]
    return {"thresholds": {"defaultColor": COLOURS[chosen.lowest], "steps": steps}}


def _graph(panel: Panel) -> dict[str, Any]:
    axis: dict[str, Any] = {"format": _format(panel), "min": 0}
    if panel.maximum is not None:
        axis["max"] = panel.maximum
    if panel.unit in NAMED_AXES:
        axis["label"] = panel.unit
    stacked = {"stack": "all", "areaOpacity": 0.5} if panel.stacked else {"areaOpacity": 0}
    return {
        "legend": {"position": "bottom", "mode": "list", "size": "small"},
        "yAxis": axis,
        "visual": {"lineWidth": 1.5, "connectNulls": False, "palette": {"mode": "categorical"}, **stacked},
        **_thresholds(panel.thresholds),
    }


def _stat(panel: Panel) -> dict[str, Any]:
    spec = {"calculation": "last-number", "format": _format(panel), **_thresholds(panel.thresholds)}
    if panel.unit == "up":
        spec["mappings"] = [
            {"kind": "Value", "spec": {"value": value, "result": {"value": word, "color": COLOURS[mood]}}}
            for value, (word, mood) in WORDS.items()
        ]
    return spec


def _gauge(panel: Panel) -> dict[str, Any]:
    spec = {"calculation": "last-number", "format": _format(panel), **_thresholds(panel.thresholds)}
    return {**spec, "max": panel.maximum, "legend": {"show": False}}


def _bar(panel: Panel) -> dict[str, Any]:
    return {"calculation": "last-number", "format": _format(panel), "sort": "desc", "mode": "value"}


def _table(panel: Panel) -> dict[str, Any]:
    many = len(panel.queries) > 1
    columns: list[dict[str, Any]] = [
        {"name": panel.rows, "header": panel.heading, "enableSorting": True},
        {"name": "timestamp", "hide": True},
    ]
    for number, query in enumerate(panel.queries, 1):
        name = f"value #{number}" if many else "value"
        shown = _format(panel, query.unit)
        columns.append({"name": name, "header": query.legend, "format": shown, "align": "right", "enableSorting": True})
    one_line_each = [
        {"kind": "MergeIndexedColumns", "spec": {"column": panel.rows}},
        {"kind": "JoinByColumnValue", "spec": {"columns": [panel.rows]}},
    ]
    spec = {"density": "compact", "defaultColumnWidth": "auto", "columnSettings": columns}
    return {**spec, "transforms": one_line_each if many else []}
