"""What a container is: each property's default, whether a change replaces, and its place in the engine."""

from __future__ import annotations

from functools import partial
from typing import Any

from toolchain.providers import container_blocks as blocks
from toolchain.providers import container_fields as fields
from toolchain.providers import container_mounts as mounts
from toolchain.providers.engine_fields import at, cpus_at, megabytes_at, read_from, sent_to
from toolchain.providers.labels import LABEL
from toolchain.providers.schema import Kind, Property, ResourceType

_text = partial(Property, Kind.STRING)
_number = partial(Property, Kind.INTEGER)
_flag = partial(Property, Kind.BOOLEAN)
_names = partial(Property, Kind.STRING_SET)
_words = partial(Property, Kind.STRINGS)
_map = partial(Property, Kind.MAP)

_RESTARTS = ("no", "on-failure", "always", "unless-stopped")


def _blocks(inner: dict[str, Property], **facts: Any) -> Property:
    return Property(Kind.OBJECT_SET, replaces=True, fields=inner, **facts)


_refused_blocks = Property(Kind.OBJECT_SET, refused=True, fields={"path": _text()})

PROPERTIES = {
    "attach": _flag(default=False),
    "bridge": _text(output=True, computed=True, engine=read_from("NetworkSettings.Bridge", "")),
    "capabilities": Property(
        Kind.OBJECT, replaces=True, fields={"adds": _names(), "drops": _names()}, engine=fields.CAPABILITIES
    ),
    "cgroupParent": _text(replaces=True, engine=sent_to("HostConfig.CgroupParent")),
    "cgroupnsMode": _text(replaces=True, engine=sent_to("HostConfig.CgroupnsMode")),
    "command": _words(replaces=True, computed=True, engine=at("Config.Cmd", [])),
    "containerLogs": _text(output=True, computed=True),
    "containerReadRefreshTimeoutMilliseconds": _number(default=15000),
    "cpuPeriod": _number(engine=sent_to("HostConfig.CpuPeriod")),
    "cpuQuota": _number(engine=sent_to("HostConfig.CpuQuota")),
    "cpuSet": _text(engine=at("HostConfig.CpusetCpus", "")),
    "cpuShares": _number(engine=at("HostConfig.CpuShares", 0)),
    "cpus": _text(replaces=True, engine=cpus_at("HostConfig.NanoCpus")),
    "destroyGraceSeconds": _number(),
    "deviceReadBps": _refused_blocks,
    "deviceReadIops": _refused_blocks,
    "deviceRequests": Property(Kind.OBJECTS, replaces=True, refused=True, fields={"driver": _text()}),
    "deviceWriteBps": _refused_blocks,
    "deviceWriteIops": _refused_blocks,
    "devices": _blocks(blocks.DEVICE, whole=True, engine=mounts.DEVICES),
    "dns": _names(replaces=True, engine=at("HostConfig.Dns", [])),
    "dnsOpts": _names(replaces=True, engine=at("HostConfig.DnsOptions", [])),
    "dnsSearches": _names(replaces=True, engine=at("HostConfig.DnsSearch", [])),
    "domainname": _text(replaces=True, engine=at("Config.Domainname", "")),
    "entrypoints": _words(replaces=True, computed=True, engine=at("Config.Entrypoint", [])),
    "envs": _names(replaces=True, computed=True, engine=sent_to("Config.Env")),
    "exitCode": _number(output=True, computed=True),
    "gpus": _text(replaces=True, refused=True),
    "groupAdds": _names(replaces=True, engine=at("HostConfig.GroupAdd", [])),
    "healthcheck": Property(Kind.OBJECT, computed=True, fields=blocks.HEALTHCHECK, engine=fields.HEALTHCHECK),
    "hostname": _text(replaces=True, computed=True, engine=at("Config.Hostname", "")),
    "hosts": _blocks(blocks.HOST, engine=fields.HOSTS),
    "image": _text(required=True, replaces=True, engine=sent_to("Config.Image")),
    "init": _flag(computed=True, engine=at("HostConfig.Init", False)),
    "ipcMode": _text(replaces=True, computed=True, engine=at("HostConfig.IpcMode", "")),
    "labels": _blocks(LABEL, computed=True, engine=fields.LABELS),
    "logDriver": _text(replaces=True, computed=True, engine=at("HostConfig.LogConfig.Type", "")),
    "logOpts": _map(replaces=True, inherited=True, engine=at("HostConfig.LogConfig.Config", {})),
    "logs": _flag(default=False),
    "maxRetryCount": _number(engine=at("HostConfig.RestartPolicy.MaximumRetryCount", 0)),
    "memory": _number(engine=megabytes_at("HostConfig.Memory")),
    "memoryReservation": _number(default=0, engine=megabytes_at("HostConfig.MemoryReservation")),
    "memorySwap": _number(engine=megabytes_at("HostConfig.MemorySwap")),
    "mounts": _blocks(blocks.MOUNT, whole=True, engine=mounts.MOUNTS),
    "mustRun": _flag(default=True),
    "name": _text(replaces=True, engine=fields.NAME),
    "networkDatas": Property(Kind.OBJECTS, output=True, computed=True, engine=fields.NETWORKS),
    "networkMode": _text(default="bridge", replaces=True, engine=at("HostConfig.NetworkMode")),
    "networksAdvanced": _blocks(blocks.NETWORK, whole=True),
    "pidMode": _text(replaces=True, engine=sent_to("HostConfig.PidMode")),
    "platform": _text(replaces=True, computed=True, engine=read_from("Platform")),
    "ports": Property(Kind.OBJECTS, replaces=True, fields=blocks.PORT, engine=fields.PORTS),
    "privileged": _flag(replaces=True, engine=at("HostConfig.Privileged", False)),
    "publishAllPorts": _flag(replaces=True, engine=at("HostConfig.PublishAllPorts", False)),
    "readOnly": _flag(default=False, replaces=True, engine=at("HostConfig.ReadonlyRootfs", False)),
    "removeVolumes": _flag(default=True),
    "restart": _text(default="no", choices=_RESTARTS, engine=at("HostConfig.RestartPolicy.Name", "no")),
    "rm": _flag(default=False, refused=True),
    "runtime": _text(replaces=True, computed=True, engine=at("HostConfig.Runtime", "")),
    "securityOpts": _names(replaces=True, computed=True, engine=at("HostConfig.SecurityOpt", [])),
    "shmSize": _number(replaces=True, computed=True, engine=megabytes_at("HostConfig.ShmSize")),
    "start": _flag(default=True),
    "stdinOpen": _flag(default=False, replaces=True, engine=at("Config.OpenStdin", False)),
    "stopSignal": _text(replaces=True, computed=True, engine=at("Config.StopSignal", "")),
    "stopTimeout": _number(replaces=True, computed=True, engine=at("Config.StopTimeout", 0)),
    "storageOpts": _map(replaces=True, engine=at("HostConfig.StorageOpt", {})),
    "sysctls": _map(replaces=True, engine=at("HostConfig.Sysctls", {})),
    "tmpfs": _map(engine=at("HostConfig.Tmpfs", {})),
    "tty": _flag(default=False, replaces=True, engine=at("Config.Tty", False)),
    "ulimits": _blocks(blocks.ULIMIT, engine=fields.ULIMITS),
    "uploads": _blocks(blocks.UPLOAD, whole=True),
    "user": _text(replaces=True, inherited=True, engine=at("Config.User", "")),
    "usernsMode": _text(replaces=True, engine=at("HostConfig.UsernsMode", "")),
    "volumes": _blocks(blocks.VOLUME, whole=True, engine=mounts.VOLUMES),
    "wait": _flag(default=False),
    "waitTimeout": _number(default=60),
    "workingDir": _text(replaces=True, inherited=True, engine=at("Config.WorkingDir", "")),
}

# `docker update` changes these; every other property without `replaces` is only recorded.
UPDATED = {
    "restart": "restart_policy",
    "maxRetryCount": "restart_policy",
    "cpuSet": "cpuset_cpus",
    "cpuShares": "cpu_shares",
    "memory": "mem_limit",
    "memoryReservation": "mem_reservation",
    "memorySwap": "memswap_limit",
}

CONTAINER = ResourceType(
    "docker:index/container:Container", PROPERTIES, deletes_first=True, schema_version="2", timed=True
)
