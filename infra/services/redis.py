"""Redis: cache and sessions."""

import hashlib
from collections.abc import Sequence

import pulumi

from infra.container import Process
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.stack import Stack
from stacks.settings import ServiceSettings

PROBE_PASSWORD = f"{SecretFiles.folder}/probe_password"
PROBE = f'REDISCLI_AUTH="$(cat {PROBE_PASSWORD})" redis-cli -h 127.0.0.1 --user probe PING | grep -q PONG'

MONITOR_COMMANDS = "+info +client|setname +latency|latest +latency|histogram +slowlog|len +slowlog|get"


class Redis(Service):
    """Remembers who is logged in and what was asked before; survives a restart by its append-only file."""

    port = 6379
    user = "999:999"
    data_path = "/data"
    login = "app"
    monitor = "monitor"
    credential_file = "redis_password"
    grace_seconds = 60
    stops_for_seconds = 5
    minimum_memory_mb = 32
    health_check = HealthCheck(command=("CMD-SHELL", PROBE), start_seconds=60)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.app_password = self.password("app")
        self.monitor_password = self.password("monitor")
        probe_password = self.password("probe")
        self.url = f"redis://{self.login}@{self.address}/0"
        self.run(
            Process(
                command=["redis-server", *(word for option in options(self.limits) for word in option)],
                secrets={
                    "users.acl": pulumi.Output.all(self.app_password, probe_password, self.monitor_password).apply(
                        lambda passwords: acl(*passwords)
                    ),
                    "probe_password": probe_password,
                },
            )
        )


def acl(*passwords: str) -> str:
    """The users: the application without administration, a probe that may only PING, a monitor that reads no key."""
    app, probe, monitor = (hashlib.sha256(password.encode()).hexdigest() for password in passwords)
    return (
        "user default off\n"
        f"user {Redis.login} on #{app} ~* &* +@all -@admin -@dangerous +info\n"
        f"user probe on #{probe} -@all +ping\n"
        f"user {Redis.monitor} on #{monitor} resetkeys -@all {MONITOR_COMMANDS}\n"
    )


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
