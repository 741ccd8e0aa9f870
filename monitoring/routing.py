"""alertmanager.yml: who is told, what belongs together, and what need not be said because something worse was."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from monitoring.alerts.itself import WATCHDOG
from monitoring.watched import Pace

SECRETS = "/run/secrets"
SLACK_URL_FILE = "slack_webhook_url"
SMTP_PASSWORD_FILE = "smtp_password"  # noqa: S105 - the name of a file
HEARTBEAT_URL_FILE = "heartbeat_url"

TITLE = "{{ .Status | toUpper }} {{ .CommonLabels.alertname }} {{ .CommonLabels.service }}"
TEXT = (
    "{{ range .Alerts }}*{{ .Annotations.summary }}* ({{ .Status }})\n{{ .Annotations.description }}\n"
    "What to do: {{ .Annotations.runbook }}\n{{ end }}"
)


@dataclass(frozen=True)
class Mail:
    """E-mail through `smarthost` (host:port); the password of `user` is a secret file."""

    to: str
    sender: str
    smarthost: str
    user: str | None = None
    require_tls: bool = True


@dataclass(frozen=True)
class Told:
    """The ways by which people are told: the secret files are there where these are set."""

    slack: bool = False
    slack_channel: str | None = None
    mail: Mail | None = None
    heartbeat: bool = False


def alertmanager(told: Told, pace: Pace, title: str) -> str:
    """The file's text; `title` is the stack's name, which every message begins with."""
    content = {
        "global": {"resolve_timeout": pace.lasting(300)},
        "route": {
            "receiver": "people",
            "group_by": ["alertname", "service"],
            "group_wait": pace.lasting(30),
            "group_interval": pace.lasting(300),
            "repeat_interval": "12h",
            "routes": [
                {
                    "matchers": [f'alertname="{WATCHDOG}"'],
                    "receiver": "heartbeat",
                    "group_wait": "0s",
                    "group_interval": pace.lasting(60),
                    "repeat_interval": pace.lasting(60),
                },
                {"matchers": ['severity="page"'], "receiver": "people", "repeat_interval": "1h"},
            ],
        },
        "inhibit_rules": list(_inhibitions()),
        "receivers": [_people(told, title), _heartbeat(told)],
    }
    return yaml.safe_dump(content, sort_keys=False, width=120)


def _people(told: Told, title: str) -> dict[str, Any]:
    """Everybody at once: whoever is there first."""
    people: dict[str, Any] = {"name": "people"}
    if told.slack:
        people["slack_configs"] = [
            {
                "api_url_file": f"{SECRETS}/{SLACK_URL_FILE}",
                **({"channel": told.slack_channel} if told.slack_channel else {}),
                "send_resolved": True,
                "title": f"[{title}] {TITLE}",
                "text": TEXT,
            }
        ]
    if told.mail:
        login = {"auth_username": told.mail.user, "auth_password_file": f"{SECRETS}/{SMTP_PASSWORD_FILE}"}
        people["email_configs"] = [
            {
                "to": told.mail.to,
                "from": told.mail.sender,
                "smarthost": told.mail.smarthost,
                "require_tls": told.mail.require_tls,
                **(login if told.mail.user else {}),
                "send_resolved": True,
                "headers": {"Subject": f"[{title}] {TITLE}"},
                "html": "",
                "text": TEXT.replace("*", ""),
            }
        ]
    return people


def _heartbeat(told: Told) -> dict[str, Any]:
    """The watchdog's way to whoever misses it."""
    if not told.heartbeat:
        return {"name": "heartbeat"}
    hook = {"url_file": f"{SECRETS}/{HEARTBEAT_URL_FILE}", "send_resolved": False}
    return {"name": "heartbeat", "webhook_configs": [hook]}


def _inhibitions() -> Iterator[dict[str, Any]]:
    """What is worse comes first, and then the cause before its effects."""
    yield {"source_matchers": ['severity="page"'], "target_matchers": ['severity="ticket"'], "equal": ["service"]}
    yield {
        "source_matchers": ['alertname=~"PostgresDown|RedisDown"'],
        "target_matchers": ['alertname=~"ServiceUnhealthy|PublicAddressDown|FocusGroupsStuck|.*Budget.*Burn"'],
    }
    yield {
        "source_matchers": ['alertname="ServiceMissing"'],
        "target_matchers": ['alertname=~".*Down|ServiceUnhealthy|ServiceRestarting"'],
        "equal": ["service"],
    }
    yield {
        "source_matchers": ['alertname="LanguageModelFails"'],
        "target_matchers": ['alertname="FocusGroupsStuck"'],
    }
