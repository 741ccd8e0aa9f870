"""What of the host a container sees: volumes, mounts and devices, as the engine writes them down."""

from __future__ import annotations

from toolchain.providers.engine_fields import look_up
from toolchain.providers.schema import EngineField, Values


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


VOLUMES = EngineField(_send_volumes)
MOUNTS = EngineField(_send_mounts, _read_mounts)
DEVICES = EngineField(_send_devices)
