"""Every container and the host below them; and those who watch."""

from monitoring.dashboards.boards.resources import NEAR, cpu_share, memory_share
from monitoring.dashboards.panel import IS_UP, RATE, Dashboard, Gauge, Panel, Query, Row, Table, high_is_bad

DISK = '{mountpoint="/"}'
REAL_DISK = '{device!~"loop.*|ram.*"}'


def containers() -> Dashboard:
    """The page of containers and their host."""
    return Dashboard(
        "containers",
        "Containers and host",
        "What every service uses of its limits, and what is left of the host.",
        (_services(), _use(), _host(), _watching()),
    )


def _services() -> Row:
    columns = (
        Query("count by (service) (container_last_seen)", "containers", "count"),
        Query("avg by (service) (container_health_state != bool 0)", "healthy", "share"),
        Query(cpu_share(".+").replace(RATE, "5m"), "processor", "share"),
        Query(memory_share(".+"), "memory", "share"),
        Query("max by (service) (container_memory_working_set_bytes)", "memory used", "bytes"),
        Query("sum by (service) (container_pids)", "processes", "count"),
        Query("round(sum by (service) (increase(container_restarts_total[24h])))", "restarts 24 h", "count"),
        Query("round(sum by (service) (increase(container_oom_events_total[24h])))", "killed 24 h", "count"),
        Query("max by (service) (time() - container_start_time_seconds)", "runs for", "seconds"),
    )
    table = Table(
        title="Services",
        description="Shares of the limits, and of replicas the fullest. Killed: for want of memory.",
        unit="count",
        queries=columns,
        rows="service",
        heading="service",
        height=16,
    )
    return Row("Services", (table,))


def _use() -> Row:
    throttled, periods = (f"rate(container_cpu_cfs_{what}periods_total[{RATE}])" for what in ("throttled_", ""))
    panels = (
        Panel(
            title="Memory",
            description="Working set by service.",
            unit="bytes",
            queries=(Query("sum by (service) (container_memory_working_set_bytes)", "{{service}}"),),
            stacked=True,
            width=12,
            height=10,
        ),
        Panel(
            title="Processor",
            description="Cores in use, by service.",
            unit="cores",
            queries=(Query(f"sum by (service) (rate(container_cpu_usage_seconds_total[{RATE}]))", "{{service}}"),),
            stacked=True,
            width=12,
            height=10,
        ),
        Panel(
            title="Had to wait for a processor",
            description="Share of periods in which a service had used up its limit.",
            unit="share",
            queries=(
                Query(f"topk(6, sum by (service) ({throttled}) / (sum by (service) ({periods}) > 0))", "{{service}}"),
            ),
            thresholds=high_is_bad(0.25, 0.5),
        ),
        Panel(
            title="Network",
            description="What containers take in and give out.",
            unit="bytes/s",
            queries=(
                Query(f"sum(rate(container_network_receive_bytes_total[{RATE}]))", "in"),
                Query(f"sum(rate(container_network_transmit_bytes_total[{RATE}]))", "out"),
            ),
        ),
        Panel(
            title="Disk",
            description="What containers read and write.",
            unit="bytes/s",
            queries=(
                Query(f"sum(rate(container_fs_reads_bytes_total[{RATE}]))", "read"),
                Query(f"sum(rate(container_fs_writes_bytes_total[{RATE}]))", "written"),
            ),
        ),
    )
    return Row("Use", panels)


def _host() -> Row:
    panels = (
        Panel(
            title="Processors",
            description="Share of the time that they are not idle.",
            unit="share",
            queries=(Query(f'1 - avg(rate(node_cpu_seconds_total{{mode="idle"}}[{RATE}]))', "busy"),),
            thresholds=NEAR,
            maximum=1,
            width=5,
        ),
        Panel(
            title="Memory",
            description="In use, of all that there is.",
            unit="bytes",
            queries=(
                Query("max(node_memory_MemTotal_bytes - node_memory_MemAvailable_bytes)", "used"),
                Query("max(node_memory_MemTotal_bytes)", "all"),
            ),
            width=5,
        ),
        Panel(
            title="The engine's disk",
            description="Free, and all that there is.",
            unit="bytes",
            queries=(
                Query(f"max(node_filesystem_avail_bytes{DISK})", "free"),
                Query(f"max(node_filesystem_size_bytes{DISK})", "all"),
            ),
            width=5,
        ),
        Gauge(
            title="Disk in use",
            description="Of the engine's disk.",
            unit="share",
            queries=(Query(f"max(1 - node_filesystem_avail_bytes{DISK} / node_filesystem_size_bytes{DISK})"),),
            thresholds=high_is_bad(0.8, 0.9),
            height=8,
        ),
        Panel(
            title="Disks at work",
            description="Share of the time that a disk has something to do.",
            unit="share",
            queries=(
                Query(f"max by (device) (rate(node_disk_io_time_seconds_total{REAL_DISK}[{RATE}]))", "{{device}}"),
            ),
            maximum=1,
            width=5,
        ),
    )
    return Row("Host", panels)


def _watching() -> Row:
    panels = (
        Panel(
            title="Give metrics",
            description="1 while Prometheus is answered; of replicas the worst.",
            unit="up",
            queries=(Query("min by (job) (up)", "{{job}}"),),
            height=10,
            thresholds=IS_UP,
            maximum=1,
        ),
        Panel(
            title="Series",
            description="That Prometheus holds in memory: each costs a few kilobytes.",
            unit="count",
            queries=(Query("sum(prometheus_tsdb_head_series)", "series"),),
            height=10,
        ),
        Panel(
            title="Log lines",
            description="That arrive at the log store.",
            unit="operations/s",
            queries=(Query(f"sum(rate(vl_rows_ingested_total[{RATE}]))", "lines"),),
            height=10,
        ),
    )
    return Row("Those who watch", panels)
