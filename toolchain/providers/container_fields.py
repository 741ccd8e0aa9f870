"""The container facts that the engine writes down differently: ports, mounts, health checks, limits, networks."""

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


def _send_volumes(volumes: list[Values]) -> Values:
    binds: list[str] = []
    anonymous: list[str] = []
    for volume in volumes:
        source = volume.get("volumeName") or volume.get("hostPath")
        if source:
            options = ["ro" if volume.get("readOnly") else "rw", *filter(None, [volume.get("selinuxRelabel")])]
            binds.append(f"{source}:{volume['containerPath']}:{','.join(options)}")
        elif volume.get("containerPath"):
            anonymous.append(volume["containerPath"])
    sources = [volume["fromContainer"] for volume in volumes if volume.get("fromContainer")]
    paths: Values = {volume["containerPath"]: {} for volume in volumes if volume.get("containerPath")}
    return {"Config.Volumes": paths, "HostConfig.Binds": binds, "HostConfig.VolumesFrom": sources}


def _send_mounts(mounts: list[Values]) -> Values:
    return {"HostConfig.Mounts": [_mount(mount) for mount in mounts]}


def _mount(mount: Values) -> Values:
    sent: Values = {"Type": mount["type"], "Target": mount["target"], "Source": mount.get("source") or ""}
    sent["ReadOnly"] = bool(mount.get("readOnly"))
    tmpfs, bind = mount.get("tmpfsOptions"), mount.get("bindOptions")
    if tmpfs:
        sent["TmpfsOptions"] = {"SizeBytes": tmpfs.get("sizeBytes") or 0, "Mode": tmpfs.get("mode") or 0}
    if bind and bind.get("propagation"):
        sent["BindOptions"] = {"Propagation": bind["propagation"]}
    return sent


def _read_mounts(inspection: Values) -> list[Values]:
    return [
        {
            "type": mount["Type"],
            "target": mount["Target"],
            "source": mount.get("Source") or "",
            "readOnly": bool(mount.get("ReadOnly")),
            "bindOptions": _bind_options(mount.get("BindOptions")),
            "tmpfsOptions": _tmpfs_options(mount.get("TmpfsOptions")),
        }
        for mount in look_up(inspection, "HostConfig.Mounts") or []
    ]


def _bind_options(options: Values | None) -> Values | None:
    return None if options is None else {"propagation": options.get("Propagation") or ""}


def _tmpfs_options(options: Values | None) -> Values | None:
    return None if options is None else {"sizeBytes": options.get("SizeBytes") or 0, "mode": options.get("Mode") or 0}


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


def _send_devices(devices: list[Values]) -> Values:
    sent = [
        {
            "PathOnHost": device["hostPath"],
            "PathInContainer": device.get("containerPath") or device["hostPath"],
            "CgroupPermissions": device.get("permissions") or "rwm",
        }
        for device in devices
    ]
    return {"HostConfig.Devices": sent}


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
VOLUMES = EngineField(_send_volumes)
MOUNTS = EngineField(_send_mounts, _read_mounts)
ULIMITS = EngineField(_send_ulimits, _read_ulimits)
HOSTS = EngineField(_send_hosts, _read_hosts)
DEVICES = EngineField(_send_devices)
LABELS = EngineField(_send_labels)
NETWORKS = EngineField(read=_read_networks)
