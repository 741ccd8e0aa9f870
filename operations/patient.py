"""What `research doctor` looks at: this machine, the engine, and a stack's file."""

import os
import shutil
import ssl
import subprocess
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography import x509

from infra.admission import deploy_surge_mb, host_problems, wanted_ports
from infra.engine import Engine, Host, published
from infra.limits import limit_problems
from infra.market_research import SERVICES
from operations.exit_codes import OperationError
from operations.running_stack import connected
from operations.stack_file import StackFile
from stacks.passphrase import uses_published_passphrase
from stacks.settings import SettingsError

PLUGINS = ("docker", "docker-build", "random")
LISTENING = "0A"
EVERY_ADDRESS = ("00000000", "0" * 32)


class Patient:
    """One stack and everything that it stands on, asked when a check wants to know."""

    def __init__(self, stack: str) -> None:
        self.file = StackFile(stack)

    @cached_property
    def engine(self) -> Engine:
        """The engine. Raises OperationError when none answers."""
        return connected()

    @cached_property
    def engine_problem(self) -> str:
        """Why no engine answers; empty when one does."""
        try:
            self.engine.client.ping()
        except OperationError as error:
            return str(error)
        return ""

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What the engine says of itself."""
        return dict(self.engine.client.info())

    @cached_property
    def host(self) -> Host:
        """What the engine's host has for this stack."""
        ports = dict.fromkeys(wanted_ports(self.file.settings).values(), self.file.settings.bind_address)
        return self.engine.host({"pulumi.project": self.file.project, "pulumi.stack": self.file.stack}, ports)

    def version(self, *command: str) -> str:
        """The first line that a command prints, empty when it does not work."""
        if not shutil.which(command[0]):
            return ""
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.stdout.strip().partition("\n")[0] if done.returncode == 0 else ""

    def missing_plugins(self) -> list[str]:
        """The plugins that no folder of Pulumi's holds."""
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        present = [folder.name for folder in (home / "plugins").glob("resource-*") if folder.is_dir()]
        return [name for name in PLUGINS if not any(one.startswith(f"resource-{name}-v") for one in present)]

    def clock_difference(self) -> float:
        """Seconds by which the engine's clock is ahead of this machine's."""
        engines = datetime.fromisoformat(self.facts["SystemTime"][:19]).replace(tzinfo=UTC)
        return (engines - datetime.now(UTC).replace(microsecond=0)).total_seconds()

    def settings_problems(self) -> list[str]:
        """What is wrong with the stack's file by itself."""
        try:
            return list(limit_problems(self.file.settings, SERVICES, self.file.path.name))
        except SettingsError as error:
            return str(error).splitlines()

    def host_problems(self) -> list[str]:
        """What of the stack does not fit on the engine's host; nothing when the file cannot be read."""
        if self.settings_problems():
            return []
        return list(host_problems(self.file.settings, self._services, self.host, self.file.path.name))

    def host_told(self) -> str:
        """Memory and disk, for the stack and in all."""
        if self.settings_problems():
            return "not checked: the settings come first"
        limits = self.file.settings.services.values()
        own = sum(one.memory_mb * one.replicas for one in limits)
        surge = deploy_surge_mb(self.file.settings, self._services)
        free = self.host.free_disk_gb
        free = self.host.free_disk_gb
        disk = "disk not to be seen from here" if free is None else f"{free:.0f} GB of disk free"
        room = self.host.memory_mb - self.host.promised_mb
        return f"{own} MB of limits and {surge} MB during a deploy fit into {room} MB; {disk}; ports are free"

    def uses_published_passphrase(self) -> bool:
        """Whether everybody who has this repository can read the stack's secrets."""
        return uses_published_passphrase(self.file.checkout, self.file.stack, os.environ)

    def open_ports(self) -> list[int] | None:
        """Ports on which programs of this host, other than Docker's own, listen on every address; None: not seen."""
        if self.engine_problem or not self.engine.is_local:
            return None if not self.engine_problem else _listening()
        of_docker = {port for one in self.engine.client.api.containers() for port in published(one)}
        return [port for port in _listening() if port not in of_docker]

    def certificate_days(self) -> int | None:
        """Days for which the certificate that the stack serves is good; None when it serves none."""
        edge = self.file.settings.edge
        if not (edge and edge.https_port and self.engine.is_local):
            return None
        address = self.file.settings.bind_address
        try:
            pem = ssl.get_server_certificate(
                ("127.0.0.1" if address.is_unspecified else str(address), edge.https_port), timeout=5
            )
        except OSError:
            return None
        return (x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc - datetime.now(UTC)).days

    @property
    def _services(self) -> list[Any]:
        return [service for service in SERVICES if service.name in self.file.settings.services]


def _listening() -> list[int]:
    """TCP ports of this host with a listener on every address, as the kernel lists them."""
    rows = [
        line.split()
        for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
        if table.exists()
        for line in table.read_text().splitlines()[1:]
    ]
    places = [row[1].partition(":") for row in rows if row[3] == LISTENING]
    return sorted({int(port, 16) for address, _, port in places if address in EVERY_ADDRESS})
