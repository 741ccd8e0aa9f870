"""Redis: cache and sessions."""

import hashlib
from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.logins import Login, Logins
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.stack import Stack
from stacks.settings import ServiceSettings

PROBE = f'(read -r login; echo "AUTH $login"; echo PING) <{SecretFiles.folder}/local_login | redis-cli | grep -q PONG'

BACKUP_PASSWORD = "redis_backup_password"  # noqa: S105 - the name of a file
BACKUP_COMMANDS = "+ping +sync +psync +replconf"
LOCAL_COMMANDS = "+ping +acl|load +client|kill"
MONITOR_COMMANDS = "+info +client|setname +latency|latest +latency|histogram +slowlog|len +slowlog|get"


class Redis(Service):
    """Remembers who is logged in and what was asked before; survives a restart by its append-only file."""

    client: Logins
    port = 6379
    user = "999:999"
    data_path = "/data"
    credential_file = "redis_password"
    grace_seconds = 60
    stops_for_seconds = 5
    minimum_memory_mb = 32
    health_check = HealthCheck(command=("CMD-SHELL", PROBE), start_seconds=60)

    def __init__(self, stack: Stack, networks: Sequence[Network]) -> None:
        super().__init__(stack, networks)
        self.client = self.logins("api")
        self.monitor = self.logins("monitor")
        self.keeper = self.logins("backup") if stack.settings.backup else None
        local = self.logins("local")
        clients = [self.client, local, self.monitor, *([self.keeper] if self.keeper else [])]
        known = {login.name: login.password for client in clients for login in client.both}
        self.run(
            Process(
                command=["redis-server", *(word for option in options(self.limits) for word in option)],
                secrets={
                    "users.acl": pulumi.Output.all(**known).apply(acl),
                    "local_login": pulumi.Output.concat(local.used.name, " ", local.used.password, "\n"),
                },
                follows_files=True,
            )
        )

    def url(self, login: Login) -> str:
        """Where a login finds what is remembered."""
        return f"redis://{login.name}@{self.address}/0"


RIGHTS = {
    "api": "~* &* +@all -@admin -@dangerous +info",
    "local": f"resetkeys -@all {LOCAL_COMMANDS}",
    "monitor": f"resetkeys -@all {MONITOR_COMMANDS}",
    "backup": f"resetkeys -@all {BACKUP_COMMANDS}",
}
"""The API without administration, the container itself, who watches and reads no key, who copies all of it at once."""


def acl(passwords: Mapping[str, str]) -> str:
    """The users whose passwords these are, and no other."""
    users = [
        f"user {name} on #{hashlib.sha256(password.encode()).hexdigest()} {RIGHTS[name.rpartition('_')[0]]}"
        for name, password in sorted(passwords.items())
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
