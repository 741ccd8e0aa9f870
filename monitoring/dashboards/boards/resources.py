"""How much of its limits a service uses: the row that all dashboards of services end with."""

from monitoring.dashboards.panel import NONE_IS_GOOD, RATE, Panel, Query, Row, Stat, high_is_bad

NEAR = high_is_bad(0.75, 0.9)


def cpu_share(services: str) -> str:
    """Processor time by service, as a share of its limit."""
    chosen = f'{{service=~"{services}"}}'
    return (
        f"sum by (service) (rate(container_cpu_usage_seconds_total{chosen}[{RATE}])) "
        f"/ sum by (service) (container_spec_cpu_quota{chosen} / container_spec_cpu_period{chosen})"
    )


def memory_share(services: str) -> str:
    """Memory by service, as a share of its limit; of replicas the one that is nearest."""
    chosen = f'{{service=~"{services}"}}'
    limit = f"(container_spec_memory_limit_bytes{chosen} > 0)"
    return f"max by (service) (container_memory_working_set_bytes{chosen} / {limit})"


def resources(*services: str) -> Row:
    """Processor, memory, network and restarts of these services."""
    names = "|".join(services)
    chosen = f'{{service=~"{names}"}}'
    panels = (
        Panel(
            title="Processor, of its limit",
            description="Above the limit Docker makes it wait.",
            unit="share",
            queries=(Query(cpu_share(names), "{{service}}"),),
            thresholds=NEAR,
            maximum=1,
            width=6,
            height=9,
        ),
        Panel(
            title="Memory, of its limit",
            description="Working set: what cannot simply be dropped. At the limit the kernel ends the process.",
            unit="share",
            queries=(Query(memory_share(names), "{{service}}"),),
            thresholds=NEAR,
            maximum=1,
            width=6,
            height=9,
        ),
        Panel(
            title="Network",
            description="What its containers take in and give out.",
            unit="bytes/s",
            queries=(
                Query(
                    f"sum by (service) (rate(container_network_receive_bytes_total{chosen}[{RATE}]))", "{{service}} in"
                ),
                Query(
                    f"sum by (service) (rate(container_network_transmit_bytes_total{chosen}[{RATE}]))",
                    "{{service}} out",
                ),
            ),
            width=6,
            height=9,
        ),
        Stat(
            title="Restarts, 24 h",
            description="Starts that nobody ordered: its process had ended.",
            unit="count",
            queries=(
                Query(f"round(sum by (service) (increase(container_restarts_total{chosen}[24h])))", "{{service}}"),
            ),
            thresholds=NONE_IS_GOOD,
            width=6,
            height=9,
        ),
    )
    return Row("Resources", panels)
