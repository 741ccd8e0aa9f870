"""A dashboards container as the platform starts it, and a container that stands in for all the stores behind it."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from images.tests.engine import Engine, Running
from images.tests.monitoring_stand import Stand, stand

PORT = 3000
TMPFS = {"/tmp": "rw,noexec,nosuid,nodev,size=64m"}
HEALTH_CHECK = ("wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{PORT}/nginx_status")
STORES = {"prometheus": 9090, "alertmanager": 9093, "victorialogs": 9428, "zipkin": 9411}
PANEL = {
    "kind": "Panel",
    "spec": {
        "display": {"name": "Guests"},
        "plugin": {"kind": "StatChart", "spec": {"calculation": "last-number", "format": {"unit": "decimal"}}},
        "queries": [
            {
                "kind": "TimeSeriesQuery",
                "spec": {"plugin": {"kind": "PrometheusTimeSeriesQuery", "spec": {"query": "guests"}}},
            }
        ],
    },
}
PLACE = {"x": 0, "y": 0, "width": 12, "height": 6, "content": {"$ref": "#/spec/panels/one"}}
DASHBOARD = {
    "kind": "Dashboard",
    "metadata": {"name": "overview", "project": "market-research"},
    "spec": {
        "display": {"name": "At a glance", "description": "One panel."},
        "duration": "1h",
        "variables": [],
        "panels": {"one": PANEL},
        "layouts": [{"kind": "Grid", "spec": {"display": {"title": "Now"}, "items": [PLACE]}}],
    },
}
FILES = {
    "dashboards.json": json.dumps([{"uid": "overview", "title": "At a glance", "description": "One panel."}]),
    "dashboard-overview.json": json.dumps(DASHBOARD),
    "runbook-GuestsMissing.md": "# Guests are missing\n\nAsk `research status`.\n",
}
ALERT = {
    "fingerprint": "1",
    "startsAt": "2026-01-01T00:00:00Z",
    "labels": {"alertname": "GuestsMissing", "severity": "page"},
    "annotations": {"summary": "Nobody came", "runbook": "docs/runbooks/GuestsMissing.md"},
    "status": {"state": "active"},
}
VALUE = {"status": "success", "data": {"resultType": "vector", "result": [{"metric": {}, "value": [1, "42"]}]}}
# nginx of the same image: tells what reached it, and lets every page read it, as some of the stores do.
STORES_CONF = """
events {}
pid /tmp/stores.pid;
http {
    access_log off;
    client_body_temp_path /tmp/a; proxy_temp_path /tmp/b; fastcgi_temp_path /tmp/c; uwsgi_temp_path /tmp/d;
    scgi_temp_path /tmp/e;
    default_type application/json;
    add_header Access-Control-Allow-Origin *;
    server {
        listen 9090; listen 9093; listen 9428; listen 9411;
        location / { return 200 '{"port":$server_port,"asked":"$request_method $request_uri"}'; }
        # The page sends its questions as forms.
        set $how "$request_method $uri";
        if ($how = "POST /api/v1/query") { return 200 '%s'; }
        if ($request_uri = /api/v2/alerts) { return 200 '%s'; }
    }
}
"""


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: str


@dataclass(frozen=True)
class Site:
    """Running dashboards and their network."""

    running: Running
    network: Stand
    address: str

    def get(self, path: str, method: str = "GET", **headers: str) -> Answer:
        connection = http.client.HTTPConnection(self.address, PORT, timeout=10)
        try:
            connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            response = connection.getresponse()
            body = response.read().decode(errors="replace")
            return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        finally:
            connection.close()


@contextmanager
def start(engine: Engine, image: str, files: Mapping[str, str] = FILES, memory: str = "32m") -> Iterator[Site]:
    """Dashboards with the files that a stack makes, and without any store."""
    with ExitStack() as stack:
        network = stack.enter_context(stand(engine))
        volume = stack.enter_context(engine.volume(files))
        options = {
            "volumes": {volume: {"bind": "/run/configuration", "mode": "ro"}},
            "mem_limit": memory,
            "memswap_limit": memory,
            "tmpfs": TMPFS,
            **network.join("dashboards"),
        }
        running = stack.enter_context(engine.run(image, **options))
        running.wait_until(lambda: running.attempt(*HEALTH_CHECK)[0] == 0, within=15)
        yield Site(running, network, network.address(running))


@contextmanager
def stores(site: Site, image: str) -> Iterator[Running]:
    """All four stores in one container."""
    api = site.network.engine.client.api
    endpoint = api.create_endpoint_config(aliases=list(STORES))
    networking = {"network": site.network.network, "networking_config": {site.network.network: endpoint}}
    text = STORES_CONF % (json.dumps(VALUE), json.dumps([ALERT]))
    with site.network.engine.volume({"nginx.conf": text}) as volume:
        mounts = {volume: {"bind": "/stores", "mode": "ro"}}
        command = ["nginx", "-c", "/stores/nginx.conf", "-g", "daemon off;"]
        with site.network.engine.run(image, command, volumes=mounts, tmpfs=TMPFS, **networking) as running:
            yield running
