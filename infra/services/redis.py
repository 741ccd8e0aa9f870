"""Redis: cache and sessions."""

import hashlib
from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.stack import Stack
from stacks.settings import ServiceSettings

PROBE_PASSWORD = f"{SecretFiles.folder}/probe_password"
PROBE = f'REDISCLI_AUTH="$(cat {PROBE_PASSWORD})" redis-cli -h 127.0.0.1 --user probe PING | grep -q PONG'

BACKUP_PASSWORD = "redis_backup_password"  # noqa: S105 - the name of a file
BACKUP_COMMANDS = "+ping +sync +psync +replconf"
MONITOR_COMMANDS = "+info +client|setname +latency|latest +latency|histogram +slowlog|len +slowlog|get"


class Redis(Service):
    """Remembers who is logged in and what was asked before; survives a restart by its append-only file."""

    port = 6379
    user = "999:999"
    data_path = "/data"
    login = "app"
    monitor = "monitor"
    keeper = "backup"
    credential_file = "redis_password"
    grace_seconds = 60
    stops_for_seconds = 5
    minimum_memory_mb = 32
    health_check = HealthCheck(command=("CMD-SHELL", PROBE), start_seconds=60)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.app_password = self.password("app")
        self.monitor_password = self.password("monitor")
        self.backup_password = self.password("backup") if stack.settings.backup else None
        probe_password = self.password("probe")
        known = {
            self.login: self.app_password,
            "probe": probe_password,
            self.monitor: self.monitor_password,
            **({self.keeper: self.backup_password} if self.backup_password else {}),
        }
        self.url = f"redis://{self.login}@{self.address}/0"
        self.run(
            Process(
                command=["redis-server", *(word for option in options(self.limits) for word in option)],
                secrets={
                    "users.acl": pulumi.Output.all(**known).apply(acl),
                    "probe_password": probe_password,
                },
            )
        )


RIGHTS = {
    Redis.login: "~* &* +@all -@admin -@dangerous +info",
    "probe": "-@all +ping",
    Redis.monitor: f"resetkeys -@all {MONITOR_COMMANDS}",
    Redis.keeper: f"resetkeys -@all {BACKUP_COMMANDS}",
}
"""The application without administration, a probe, who watches and reads no key, and who copies all of it at once."""


def acl(passwords: Mapping[str, str]) -> str:
    """The users whose passwords these are, and no other."""
    users = [
        f"user {name} on #{hashlib.sha256(password.encode()).hexdigest()} {RIGHTS[name]}"
        for name, password in passwords.items()
    ]
    return "\n".join(["user default off", *users, ""])


def options(limits: ServiceSettings) -> list[tuple[str, ...]]:
    """Command-line options for a memory limit: 5/8 are for data, the rest for copies while the file is rewritten."""
    return [
        ("--aclfile", f"{SecretFiles.folder}/users.acl"),
        ("--dir", str(Redis.data_path)),
        ("--maxmemory", f"{limits.memory_mb * 5 // 8}mb"),
        ("--maxmemory-policy", "volatile-lru"),
        ("--appendonly", "yes"),
        ("--appendfsync", "everysec"),
        ("--auto-aof-rewrite-min-size", "32mb"),
        ("--save", "3600 1 300 100"),
        ("--lazyfree-lazy-eviction", "yes"),
        ("--tcp-keepalive", "60"),
    ]
