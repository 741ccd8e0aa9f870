"""What Prometheus is told, read from /work at every scrape: so it survives a restart, and hears of runs by hand."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from prometheus_client.metrics_core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backup.clock import Clock
from backup.drills import last_reports
from backup.jobs_file import Jobs
from backup.ledger import Ledger
from backup.pause import JOB as RETURN
from backup.work import Work, read

Values = Mapping[str, float]


class Metrics(Collector):
    """The metrics of one stack's backups; what never happened has none."""

    def __init__(self, jobs: Jobs, work: Work, clock: Clock) -> None:
        self._jobs, self._work, self._clock = jobs, work, clock

    def collect(self) -> Iterable[Metric]:
        """Everything at once."""
        noted = Ledger(self._work).jobs()
        yield from self._of_backups(noted)
        yield from self._of_repository(noted)
        yield from self._of_drills()

    def _of_backups(self, noted: Mapping[str, Mapping[str, Any]]) -> Iterable[Metric]:
        stores = {name: job for name, job in noted.items() if name in self._jobs.stores}
        succeeded = "backup_last_success_timestamp_seconds", "When the last good backup of a store was done."
        yield _by(*succeeded, "store", _values(stores, "succeeded"))
        yield _by("backup_size_bytes", "Data in the last good backup of a store.", "store", _values(stores, "bytes"))
        yield _by("backup_last_run_ok", "Whether a job's last run did what it should.", "job", _values(noted, "ok"))
        yield _by("backup_duration_seconds", "How long a job's last run took.", "job", _values(noted, "seconds"))
        every = "backup_job_last_success_timestamp_seconds", "When a job was last done well."
        yield _by(*every, "job", _values(noted, "succeeded"))
        if (away := self._neo4j_stopped(noted)) is not None:
            what = "How long neo4j was away for its last backup, or is by now."
            yield _one("backup_neo4j_stopped_seconds", what, away)

    def _neo4j_stopped(self, noted: Mapping[str, Mapping[str, Any]]) -> float | None:
        if began := read(self._work.pause).get("began"):
            return (self._clock.now() - datetime.fromisoformat(began)).total_seconds()
        return noted.get(RETURN, {}).get("seconds")

    def _of_repository(self, noted: Mapping[str, Mapping[str, Any]]) -> Iterable[Metric]:
        sizes = [(job["succeeded"], job["repository_bytes"]) for job in noted.values() if "repository_bytes" in job]
        if sizes:
            yield _one("backup_repository_bytes", "The repository's size, as the last job found it.", max(sizes)[1])
        yield from self._of_kept(noted.get("check", {}).get("backups", {}))
        for job, what in (("check", "the repository was last found whole"), ("copy", "all was last copied off-site")):
            if "succeeded" in noted.get(job, {}):
                yield _one(f"backup_{job}_last_success_timestamp_seconds", f"When {what}.", noted[job]["succeeded"])

    def _of_kept(self, kept: Mapping[str, Values]) -> Iterable[Metric]:
        what = "How many backups of a store counted when the repository was last checked."
        yield _by("backup_kept", what, "store", _values(kept, "count"))
        what = "When the oldest of them was taken."
        yield _by("backup_oldest_timestamp_seconds", what, "store", _values(kept, "oldest"))

    def _of_drills(self) -> Iterable[Metric]:
        last, good = last_reports(self._work)
        if good:
            when = datetime.fromisoformat(good["ended"]).timestamp()
            yield _one("restore_drill_last_success_timestamp_seconds", "When a drill was last done well.", when)
        if last:
            yield _one("restore_drill_ok", "Whether the last drill found what the manifests say.", last["ok"])
            what = "How long the last drill took to bring a store up."
            yield _by("restore_drill_duration_seconds", what, "store", last.get("stores", {}))


def _values(jobs: Mapping[str, Mapping[str, Any]], key: str) -> Values:
    return {name: job[key] for name, job in jobs.items() if key in job}


def _one(name: str, documentation: str, value: float) -> Metric:
    return GaugeMetricFamily(name, documentation, value)


def _by(name: str, documentation: str, label: str, values: Values) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=[label])
    for key, value in sorted(values.items()):
        family.add_metric([key], value)
    return family
