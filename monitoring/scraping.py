"""prometheus.yml: who is asked for metrics, how often, and where alerts go; and what the blackbox exporter tries."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

FOLDER = "/run/configuration"
SECONDS_TO_ANSWER = 10
PUBLIC = "public"
"""The blackbox exporter's module for the way that people come in by."""


@dataclass(frozen=True)
class Job:
    """One target, `host:port`; with `replicas` every container that answers to the name is one."""

    name: str
    address: str
    replicas: bool = False

    @property
    def scraped(self) -> dict[str, Any]:
        """As Prometheus reads it."""
        if not self.replicas:
            return {"job_name": self.name, "static_configs": [{"targets": [self.address]}]}
        host, _, port = self.address.rpartition(":")
        found = {"names": [host], "type": "A", "port": int(port), "refresh_interval": "5s"}
        return {"job_name": self.name, "dns_sd_configs": [found]}


@dataclass(frozen=True)
class Addresses:
    """Where alerts go, who tries the public way in, and the URL inside the stack at which people's requests arrive."""

    alertmanager: str
    blackbox: str
    public: str


def prometheus(jobs: Sequence[Job], where: Addresses, *, seconds: int, stack: str) -> str:
    """The file's text; everything is asked every `seconds`."""
    probe = {
        "job_name": "blackbox",
        "metrics_path": "/probe",
        "params": {"module": [PUBLIC], "target": [where.public]},
        "static_configs": [{"targets": [where.blackbox]}],
    }
    timing = {
        "scrape_interval": f"{seconds}s",
        "scrape_timeout": f"{min(seconds, SECONDS_TO_ANSWER)}s",
        "evaluation_interval": f"{seconds}s",
        "external_labels": {"stack": stack},
    }
    content = {
        "global": timing,
        "rule_files": [f"{FOLDER}/rules.yml"],
        "alerting": {"alertmanagers": [{"static_configs": [{"targets": [where.alertmanager]}]}]},
        "scrape_configs": [*(job.scraped for job in jobs), probe],
    }
    return yaml.safe_dump(content, sort_keys=False, width=120)


def blackbox(hostname: str | None) -> str:
    """The blackbox exporter's file: the public way in answers with 200; `hostname` is what its certificate is for.

    Whether clients trust the certificate is theirs to say: the stack's own CA may have signed it.
    """
    tls: dict[str, Any] = {"insecure_skip_verify": True, **({"server_name": hostname} if hostname else {})}
    http = {
        "valid_status_codes": [200],
        "follow_redirects": False,
        "preferred_ip_protocol": "ip4",
        "tls_config": tls,
        "headers": {"User-Agent": "blackbox-exporter"},
    }
    return yaml.safe_dump({"modules": {PUBLIC: {"prober": "http", "timeout": "5s", "http": http}}}, sort_keys=False)
