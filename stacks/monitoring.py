"""What a stack may choose about being watched."""

from collections.abc import Mapping
from ipaddress import IPv4Address
from typing import Annotated

from pydantic import Field

from stacks.values import Frozen, Port

LOOPBACK = IPv4Address("127.0.0.1")
"""Where the dashboards are published: this host alone, since they ask for no password."""

MONITORING_LIMITS: Mapping[str, Mapping[str, float]] = {
    "prometheus": {"cpus": 0.5, "memory_mb": 256},
    "alertmanager": {"cpus": 0.25, "memory_mb": 64},
    "engine": {"cpus": 0.25, "memory_mb": 48},
    "container-exporter": {"cpus": 0.25, "memory_mb": 96},
    "node-exporter": {"cpus": 0.25, "memory_mb": 48},
    "postgres-exporter": {"cpus": 0.25, "memory_mb": 48},
    "redis-exporter": {"cpus": 0.25, "memory_mb": 48},
    "neo4j-exporter": {"cpus": 0.25, "memory_mb": 96},
    "blackbox-exporter": {"cpus": 0.25, "memory_mb": 48},
    "victorialogs": {"cpus": 0.5, "memory_mb": 192},
    "log-collector": {"cpus": 0.25, "memory_mb": 96},
    "zipkin": {"cpus": 0.5, "memory_mb": 320},
    "dashboards": {"cpus": 0.25, "memory_mb": 48},
}
"""What a stack with monitoring gives to each of its services, where it says nothing else."""

MailAddress = Annotated[str, Field(pattern=r"^[^@\s<>]+@[^@\s<>]+$", max_length=254)]


class Email(Frozen):
    """Alerts by e-mail: `smarthost` is host:port; the password of `user` is the secret `smtp_password`."""

    to: MailAddress
    sender: MailAddress
    smarthost: Annotated[str, Field(pattern=r"^[^\s:/@]+:\d{1,5}$")]
    user: Annotated[str, Field(min_length=1)] | None = None
    require_tls: bool = True


class Price(Frozen):
    """What a language model costs: US dollars for a million tokens."""

    input_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    output_usd: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Monitoring(Frozen):
    """What is watched, how closely, and who is told.

    `port` publishes the dashboards on LOOPBACK. `metrics_gb` and `logs_gb` (GB)
    are what may be kept on disk, `trace_ratio` the share of requests that are traced. A `pace` below 1 makes alerts
    impatient, for a rehearsal. `prices` are by model;
    `llm_usd_per_day` is a budget that an alert watches. `slack_channel` is where the secret `slack_webhook_url` posts.
    """

    port: Port = 3000
    scrape_seconds: Annotated[int, Field(ge=1, le=60)] = 15
    metrics_gb: Annotated[float, Field(ge=0.1, allow_inf_nan=False)] = 2
    logs_gb: Annotated[float, Field(ge=0.1, allow_inf_nan=False)] = 2
    pace: Annotated[float, Field(gt=0, le=1)] = 1
    trace_ratio: Annotated[float, Field(ge=0, le=1)] = 1
    slack_channel: Annotated[str, Field(min_length=1)] | None = None
    email: Email | None = None
    prices: Annotated[dict[str, Price], Field(default_factory=dict)]
    llm_usd_per_day: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
