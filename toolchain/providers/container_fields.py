"""The container facts that the engine writes down differently: ports, health checks, limits, networks."""

from __future__ import annotations

from typing import Any

from toolchain.providers.engine_fields import duration_of, look_up, nanoseconds
from toolchain.providers.schema import EngineField, Values

_DURATIONS = {"interval": "Interval", "timeout": "Timeout", "startPeriod": "StartPeriod"}


def _send_ports(ports: list[Values]) -> Values:
    bindings: dict[str, list[Values]] = {}
    for port in ports:
        binding = {"HostIp": port.get("ip") or "", "HostPort": str(port.get("external") or "")}
        bindings.setdefault(f"{port['internal']}/{port.get('protocol') or 'tcp'}", []).append(binding)
    return {"Config.ExposedPorts": {port: {} for port in bindings}, "HostConfig.PortBindings": bindings}


def _read_ports(inspection: Values) -> list[Values]:
    published = look_up(inspection, "NetworkSettings.Ports") or {}
    return [
        {
            "internal": int(port.split("/")[0]),
            "external": int(binding["HostPort"]),
            "ip": binding["HostIp"],
            "protocol": port.split("/")[1],
        }
        for port in sorted(published, key=lambda port: (int(port.split("/")[0]), port))
        for binding in published[port] or []
    ]


def _send_capabilities(value: Values) -> Values:
    return {"HostConfig.CapAdd": value.get("adds") or [], "HostConfig.CapDrop": value.get("drops") or []}


def _read_capabilities(inspection: Values) -> Values | None:
    adds, drops = (look_up(inspection, f"HostConfig.{side}") or [] for side in ("CapAdd", "CapDrop"))
    return {"adds": adds, "drops": drops} if adds or drops else None


def _send_health(value: Values) -> Values:
    check: Values = {"Test": value["tests"], "Retries": value.get("retries") or 0}
    check |= {there: nanoseconds(value[here]) for here, there in _DURATIONS.items() if value.get(here)}
    # Engines before 25 refuse a start interval that they do not know, so zero is left out.
    if nanoseconds(value.get("startInterval") or "0s"):
        check["StartInterval"] = nanoseconds(value["startInterval"])
    return {"Config.Healthcheck": check}


def _read_health(inspection: Values) -> Values | None:
    check = look_up(inspection, "Config.Healthcheck")
    if not check:
        return None
    durations = {**_DURATIONS, "startInterval": "StartInterval"}
    health = {here: duration_of(check.get(there) or 0) for here, there in durations.items()}
    return {**health, "tests": check.get("Test") or [], "retries": check.get("Retries") or 0}


def _send_ulimits(ulimits: list[Values]) -> Values:
    sent = [{"Name": limit["name"], "Soft": limit["soft"], "Hard": limit["hard"]} for limit in ulimits]
    return {"HostConfig.Ulimits": sent}


def _read_ulimits(inspection: Values) -> list[Values]:
    limits = look_up(inspection, "HostConfig.Ulimits") or []
    return [{"name": limit["Name"], "soft": limit["Soft"], "hard": limit["Hard"]} for limit in limits]


def _send_hosts(hosts: list[Values]) -> Values:
    return {"HostConfig.ExtraHosts": [f"{host['host']}:{host['ip']}" for host in hosts]}


def _read_hosts(inspection: Values) -> list[Values]:
    pairs = (host.split(":", 1) for host in look_up(inspection, "HostConfig.ExtraHosts") or [])
    return [{"host": name, "ip": address} for name, address in pairs]


def _send_labels(labels: list[Values]) -> Values:
    return {"Config.Labels": {label["label"]: label.get("value") or "" for label in labels}}


def _read_networks(inspection: Values) -> list[Values]:
    networks = look_up(inspection, "NetworkSettings.Networks") or {}
    return [
        {
            "networkName": name,
            "ipAddress": network.get("IPAddress") or "",
            "ipPrefixLength": network.get("IPPrefixLen") or 0,
            "gateway": network.get("Gateway") or "",
            "globalIpv6Address": network.get("GlobalIPv6Address") or "",
            "globalIpv6PrefixLength": network.get("GlobalIPv6PrefixLen") or 0,
            "ipv6Gateway": network.get("IPv6Gateway") or "",
            "macAddress": network.get("MacAddress") or "",
        }
        for name, network in sorted(networks.items())
    ]


def _read_name(inspection: Values) -> Any:
    return inspection["Name"].lstrip("/")


NAME = EngineField(read=_read_name)
PORTS = EngineField(_send_ports, _read_ports)
CAPABILITIES = EngineField(_send_capabilities, _read_capabilities)
HEALTHCHECK = EngineField(_send_health, _read_health)
ULIMITS = EngineField(_send_ulimits, _read_ulimits)
HOSTS = EngineField(_send_hosts, _read_hosts)
LABELS = EngineField(_send_labels)
NETWORKS = EngineField(read=_read_networks)
