"""What a stack may choose: the typed contents of Pulumi.<stack>.yaml."""

import json
import re
from collections.abc import Mapping
from difflib import get_close_matches
from ipaddress import IPv4Address, ip_address
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from stacks.backup import BACKUP_LIMITS, Backup
from stacks.monitoring import MONITORING_LIMITS, Monitoring
from stacks.values import Frozen, Port

LLM_API_KEY = "llm_api_key"
TLS_CERTIFICATE = "tls_certificate"
SLACK_WEBHOOK_URL = "slack_webhook_url"
SMTP_PASSWORD = "smtp_password"  # noqa: S105 - the name of a secret
HEARTBEAT_URL = "heartbeat_url"
OFF_SITE_CREDENTIALS = "off_site_credentials"
SECRETS = frozenset(
    {LLM_API_KEY, TLS_CERTIFICATE, SLACK_WEBHOOK_URL, SMTP_PASSWORD, HEARTBEAT_URL, OFF_SITE_CREDENTIALS}
)
"""What a stack file holds encrypted: `pulumi config set --secret <name>`."""

BROUGHT: Mapping[str, Mapping[str, Mapping[str, float]]] = {"monitoring": MONITORING_LIMITS, "backup": BACKUP_LIMITS}
"""The settings that bring services, and what these get."""

UNITS = {"mb": ": MB, without the unit", "gb": ": GB, without the unit"}
"""What a number means, by the end of its key."""

MOST_REPLICAS = 8
"""Half of the servers that images/edge has room for: two versions stand side by side during a deploy."""


class SettingsError(ValueError):
    """A stack file says something that is not allowed; the message names file, key and what is."""


class ServiceSettings(Frozen):
    """The limits of one service and its few choices.

    `cpus` are cores and `memory_mb` are MiB (as Docker counts them), swap excluded. `port` publishes the service on
    the host. `image` puts another image in the place of the one built here. `research rotate` raises
    `password_generation` (infra/logins.py). `replicas` containers share the work, each with these limits.
    """

    cpus: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    memory_mb: Annotated[int, Field(gt=0)]
    port: Port | None = None
    image: Annotated[str, Field(min_length=1)] | None = None
    password_generation: Annotated[int, Field(ge=0)] = 0
    replicas: Annotated[int, Field(ge=1, le=MOST_REPLICAS)] = 1

    @property
    def whole_cpus(self) -> int:
        """Cores as a count of workers, at least one."""
        return max(1, int(self.cpus))


def _plain_address(url: str) -> str:
    if not re.fullmatch(r"https?://[^\s@/?#]+(/[^\s?#@]*)?", url):
        raise ValueError("write https://<host>/<path>, without a user, a password or a query")
    return url


class LanguageModel(Frozen):
    """An OpenAI-compatible endpoint and the models to ask there.

    `url` is the base that /chat/completions and /embeddings are added to; the key is the secret `llm_api_key`. Its host
    has to have public addresses, unless it is `private`. Without `embedding_model` the API's own embedder is used;
    changing it takes `make rebuild WHAT=embeddings`.
    """

    url: Annotated[str, AfterValidator(_plain_address)]
    model: Annotated[str, Field(min_length=1)]
    embedding_model: Annotated[str, Field(min_length=1)] | None = None
    private: bool = False

    @model_validator(mode="after")
    def _is_public_or_said_to_be_private(self) -> Self:
        """Of a name the API itself looks at the addresses, whenever it connects."""
        try:
            address = ip_address(urlsplit(self.url).hostname or "")
        except ValueError:
            return self
        if not (address.is_global or self.private):
            raise ValueError(f"{address} is no public address; add `private: true` if the language model is there")
        return self


class EdgeSettings(Frozen):
    """How the edge meets people.

    `rate_limit` is how many requests one client address may send in ten seconds, `login_rate_limit` how many attempts
    to log in or to sign up may be refused it in a minute before it has to wait; 0 is no limit. An address is one that
    the edge sees: where Docker shows everybody by its gateway's address, one person's failures count for all.
    `https_port` publishes HTTPS on the host, and HTTP leads there: with the certificate and key of the secret
    `tls_certificate`, else with one that the edge's own CA signs for `hostname`, the name that people open.
    """

    rate_limit: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    login_rate_limit: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    https_port: Port | None = None
    hostname: Annotated[str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$", max_length=253)] | None = None


class StackSettings(Frozen):
    """Everything that two stacks may disagree on.

    `bind_address` is where published ports listen. `free_disk_gb` (GB of 10^9 bytes) must be free on the engine's disk.
    Without `llm` personas are spoken for by the API's own deterministic model, which needs no network.
    With `hot_reload` the API and the frontend run the source of this checkout as it is at the moment.
    With `monitoring` the services that watch the others are there, too, and with `backup` those that keep their data.
    """

    services: dict[str, ServiceSettings]
    free_disk_gb: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    bind_address: IPv4Address = IPv4Address("127.0.0.1")
    llm: LanguageModel | None = None
    edge: EdgeSettings | None = None
    hot_reload: bool = False
    monitoring: Monitoring | None = None
    backup: Backup | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_what_is_brought(cls, values: Any) -> Any:
        """`monitoring: true` or `backup: true` is all that it takes; what comes with it has limits of its own."""
        if not isinstance(values, dict):
            return values
        chosen = dict(values)
        for setting, limits in BROUGHT.items():
            wanted, given = chosen.get(setting), chosen.get("services")
            if isinstance(wanted, bool):
                wanted = {} if wanted else None
            chosen[setting] = wanted
            if wanted is not None and isinstance(given, dict):
                brought = {name: {**limit, **given.get(name, {})} for name, limit in limits.items()}
                chosen["services"] = {**given, **brought}
        return chosen

    @property
    def is_public(self) -> bool:
        """Whether published ports can be reached from other machines."""
        return not self.bind_address.is_loopback

    @property
    def hostname(self) -> str:
        """The name, or without one the address, that people open."""
        return (self.edge and self.edge.hostname) or self.reached_address

    @property
    def reached_address(self) -> str:
        """Where published ports are reached from the engine's host."""
        return "127.0.0.1" if self.bind_address.is_unspecified else str(self.bind_address)


def load_settings(values: Mapping[str, str], *, project: str, stack: str) -> StackSettings:
    """Read the settings from Pulumi's configuration (`namespace:key` to text, objects as JSON), the secrets left out.

    Raises SettingsError with every mistake, a line each.
    """
    prefix = f"{project}:"
    ours = {key.removeprefix(prefix): text for key, text in values.items() if key.startswith(prefix)}
    chosen = {key: _parsed(text) for key, text in ours.items() if key not in SECRETS}
    try:
        return StackSettings.model_validate_json(json.dumps(chosen))
    except ValidationError as error:
        # A key that is missing may be one that was misspelled.
        found = sorted(error.errors(), key=lambda mistake: mistake["type"] == "missing")
        mistakes = [f"Pulumi.{stack}.yaml: {prefix}{_mistake(chosen, mistake)}" for mistake in found]
        raise SettingsError("\n".join(mistakes)) from None


def _parsed(text: str) -> Any:
    """Undo Pulumi's JSON encoding; a bare word such as an address is not JSON and stays text."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _mistake(chosen: Mapping[str, Any], error: Any) -> str:
    location = [str(part) for part in error["loc"]]
    path = ".".join(location)
    if error["type"] == "extra_forbidden":
        parts: dict[str, type[Frozen]] = {
            "services": ServiceSettings,
            "llm": LanguageModel,
            "edge": EdgeSettings,
            "monitoring": Monitoring,
            "backup": Backup,
        }
        allowed = parts.get(location[0], StackSettings)
        alike = get_close_matches(location[-1], allowed.model_fields, n=1)
        meant = f" (is {alike[0]} meant?)" if alike else ""
        return f"{path}: unknown key; allowed are {', '.join(sorted(allowed.model_fields))}{meant}"
    if error["type"] == "missing":
        return f"{path}: missing; add it to the file"
    unit = UNITS.get(path.rpartition("_")[2], "") if error["type"].startswith(("int_", "float_")) else ""
    return f"{path}: {error['msg'].removeprefix('Value error, ')}{unit}"
