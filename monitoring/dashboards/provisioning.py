"""Grafana's provisioning files: its data sources, and where it finds the dashboards."""

from collections.abc import Mapping
from typing import Any

import yaml

DASHBOARDS = "/var/lib/grafana/dashboards"
"""Where the folder `dashboards` of the files is to be mounted; `provisioning` belongs at /etc/grafana/provisioning."""


def provisioning(seconds: int) -> Mapping[str, str]:
    """Files by their path below the folder of Grafana's files; everything is scraped every `seconds`.

    VictoriaLogs is not among the sources: it needs a plugin that Grafana does not bring, and has a page of its own.
    """
    prometheus = _source("Prometheus", "prometheus", "http://prometheus:9090", isDefault=True)
    prometheus["jsonData"] = {"timeInterval": f"{seconds}s", "httpMethod": "POST", "manageAlerts": False}
    alertmanager = _source("Alertmanager", "alertmanager", "http://alertmanager:9093")
    alertmanager["jsonData"] = {"implementation": "prometheus", "handleGrafanaManagedAlerts": False}
    zipkin = _source("Zipkin", "zipkin", "http://zipkin:9411")
    provider = {
        "name": "market-research",
        "type": "file",
        "allowUiUpdates": False,
        "disableDeletion": True,
        "options": {"path": DASHBOARDS},
    }
    return {
        "provisioning/datasources/market-research.yaml": _yaml(datasources=[prometheus, alertmanager, zipkin]),
        "provisioning/dashboards/market-research.yaml": _yaml(providers=[provider]),
    }


def _source(name: str, kind: str, url: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "uid": kind, "access": "proxy", "url": url, "editable": False, **more}


def _yaml(**content: Any) -> str:
    return yaml.safe_dump({"apiVersion": 1, **content}, sort_keys=False, width=120)
