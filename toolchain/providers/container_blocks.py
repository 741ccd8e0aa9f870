"""The inner properties of a container's structured properties: health check, networks, ports, mounts."""

from __future__ import annotations

from functools import partial

from toolchain.providers.schema import Kind, Property

_text = partial(Property, Kind.STRING)
_number = partial(Property, Kind.INTEGER)
_flag = partial(Property, Kind.BOOLEAN)
_names = partial(Property, Kind.STRING_SET)
_words = partial(Property, Kind.STRINGS)
_required_text = _text(required=True)

HEALTHCHECK = {
    "tests": _words(required=True),
    "interval": _text(default="0s"),
    "timeout": _text(default="0s"),
    "startInterval": _text(default="0s"),
    "startPeriod": _text(default="0s"),
    "retries": _number(default=0),
}
NETWORK = {
    "name": _required_text,
    "aliases": _names(),
    "driverOpts": _names(refused=True),
    "gwPriority": _number(refused=True),
    "ipv4Address": _text(),
    "ipv6Address": _text(),
    "linkLocalIps": _names(),
    "macAddress": _text(refused=True),
}
PORT = {
    "internal": _number(required=True),
    "external": _number(computed=True),
    "ip": _text(default="0.0.0.0"),  # noqa: S104 - Docker's own default, which a program overrides
    "protocol": _text(default="tcp"),
}
UPLOAD = {
    "file": _required_text,
    "content": _text(),
    "contentBase64": _text(),
    "source": _text(),
    "sourceHash": _text(),
    "executable": _flag(default=False),
    "permissions": _text(),
}
VOLUME = {
    "containerPath": _text(),
    "fromContainer": _text(),
    "hostPath": _text(),
    "readOnly": _flag(),
    "selinuxRelabel": _text(),
    "volumeName": _text(),
}
MOUNT = {
    "target": _required_text,
    "type": _text(required=True, choices=("bind", "tmpfs", "volume")),
    "source": _text(),
    "readOnly": _flag(),
    "bindOptions": Property(Kind.OBJECT, fields={"propagation": _text()}),
    "tmpfsOptions": Property(Kind.OBJECT, fields={"mode": _number(), "sizeBytes": _number()}),
    "volumeOptions": Property(Kind.OBJECT, refused=True),
}
ULIMIT = {"name": _required_text, "hard": _number(required=True), "soft": _number(required=True)}
HOST = {"host": _required_text, "ip": _required_text}
DEVICE = {"hostPath": _required_text, "containerPath": _text(), "permissions": _text()}
