"""An alert, and groups of them as Prometheus reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Severity = Literal["page", "ticket", "none"]
"""`page` wakes somebody, `ticket` waits for the morning, `none` is for machines."""

RUNBOOKS = "docs/runbooks"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """When `expr` has been so for `lasting` (in Prometheus' words), somebody is told `summary` and `description`.

    Both may use templates; `labels` are added to those of the expression. docs/runbooks/<name>.md says what to do.
    """

    name: str
    expr: str
    severity: Severity
    summary: str
    description: str
    lasting: str = "0s"
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def rule(self) -> dict[str, Any]:
        """As a rule of Prometheus."""
        return {
            "alert": self.name,
            "expr": self.expr,
            "for": self.lasting,
            "labels": {"severity": self.severity, **self.labels},
            "annotations": {
                "summary": self.summary,
                "description": self.description,
                "runbook": f"{RUNBOOKS}/{self.name}.md",
            },
        }


def group(name: str, rules: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A group of rules, which are evaluated one after the other."""
    return {"name": name, "rules": list(rules)}
