"""The edge: HAProxy before everything, which sends requests only to replicas that are healthy."""

from collections.abc import Mapping, Sequence

import pulumi

from infra.container import Process
from infra.mounted_files import SecretFiles
from infra.network import Network
from infra.service import HealthCheck, Service
from infra.services.api import Api
from infra.services.frontend import Frontend
from infra.stack import Stack
from stacks.settings import TLS_CERTIFICATE, EdgeSettings

HTTPS_PORT = 8443
AUTHORITY = "/var/lib/edge/ca.pem"
"""Where the edge keeps the certificate of its own CA; see images/edge/own-certificate.sh."""


class Edge(Service):
    """The way in for people, and what a deploy of the API or the frontend leaves alone; a stack may do without."""

    port = 8080
    user = "99:99"
    metrics_port = 8404
    data_path = "/var/lib/edge"
    grace_seconds = 15
    stops_for_seconds = 5
    minimum_memory_mb = 64
    optional = True
    publishes = True
    health_check = HealthCheck(
        command=("CMD", "wget", "-q", "-O", "/dev/null", f"http://127.0.0.1:{port}/edge_health"), start_seconds=15
    )

    def __init__(self, stack: Stack, networks: Sequence[Network], *, api: Api, frontend: Frontend) -> None:
        super().__init__(stack, networks)
        self.chosen = stack.settings.edge or EdgeSettings()
        self.authority: str | None = None
        environment = {
            "API_ADDRESS": api.address,
            "FRONTEND_ADDRESS": frontend.address,
            "RATE_LIMIT": str(self.chosen.rate_limit),
            "LOGIN_RATE_LIMIT": str(self.chosen.login_rate_limit),
        }
        secrets: dict[str, pulumi.Input[str]] = {}
        if self.chosen.https_port:
            environment["HTTPS_PORT"] = str(self.chosen.https_port)
            if certificate := stack.secret(TLS_CERTIFICATE):
                secrets[TLS_CERTIFICATE] = certificate
                environment["TLS_CERTIFICATE"] = f"{SecretFiles.folder}/{TLS_CERTIFICATE}"
            else:
                environment["TLS_HOSTNAME"] = self.stack.settings.hostname
                self.authority = AUTHORITY
        self.run(Process(environment=environment, secrets=secrets), after=[api, frontend])

    @property
    def published(self) -> Mapping[int, int]:
        """HTTP, and HTTPS if it is chosen."""
        https = {HTTPS_PORT: self.chosen.https_port} if self.chosen.https_port else {}
        return {**super().published, **https}

    @property
    def inner_url(self) -> str:
        """By HTTPS where people are led there."""
        return f"https://{self.name}:{HTTPS_PORT}/" if self.chosen.https_port else super().inner_url

    @property
    def public_url(self) -> str:
        """Where people reach it."""
        if not self.chosen.https_port:
            return super().public_url
        port = "" if self.chosen.https_port == 443 else f":{self.chosen.https_port}"  # noqa: PLR2004 - the scheme's own
        return f"https://{self.stack.settings.hostname}{port}"
