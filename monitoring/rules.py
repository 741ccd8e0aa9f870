"""rules.yml: what Prometheus records and alerts on."""

from collections.abc import Iterator

import yaml

from monitoring.alert import Alert, group
from monitoring.alerts import backups, containers, itself, outside, product, slo, stores
from monitoring.watched import Stack

GROUPS = {
    "slo": slo,
    "product": product,
    "containers": containers,
    "stores": stores,
    "outside": outside,
    "backups": backups,
    "itself": itself,
}


def alerts(stack: Stack) -> Iterator[Alert]:
    """Every alert of a stack."""
    for module in GROUPS.values():
        yield from module.alerts(stack)


def rules(stack: Stack) -> str:
    """The file's text."""
    recorded = group("slo-ratios", slo.recorded(stack))
    alerting = [group(name, (one.rule for one in module.alerts(stack))) for name, module in GROUPS.items()]
    return yaml.safe_dump({"groups": [recorded, *alerting]}, sort_keys=False, width=120)
