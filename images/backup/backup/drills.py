"""A drill: the newest backup brought up in the product's own images and compared with its manifests."""

from collections.abc import Callable, Mapping
from typing import Any

from backup.dormant import Dormants
from backup.runs import Run
from backup.work import Work, keep_newest, put, read

LONGEST_STORE_SECONDS = 2 * 3600


def drill(dormants: Dormants, begun: Callable[[], None] = lambda: None) -> Mapping[str, Any]:
    """Do all of it, as far as it can be done, and keep the report (`Work.reports`); `begun` is called first."""
    with dormants.work.alone("drill"):
        run = Run(dormants, dormants.clock.now())
        report: dict[str, Any] = {"drill": run.id}
        try:
            begun()
            _steps(run)
        except BaseException as error:
            report["error"] = str(error) or type(error).__name__
            raise
        finally:
            report = {**_written(run), **report}
            report["ok"] = run.ok and "error" not in report
            put(dormants.work.reports / f"{run.id}.json", report)
            keep_newest(dormants.work.reports)
        return report


def _steps(run: Run) -> None:
    # What nobody would bring up is not fetched: the judge would miss it. Files need nobody.
    request = {"stores": [*run.dormants.jobs.drilled, "files"]}
    if not run.perform("drill-fetch", request):
        return
    for store in run.dormants.jobs.drilled:
        run.perform(f"drill-{store}", request, longest_seconds=LONGEST_STORE_SECONDS)
    run.perform("drill-judge", request)


def _written(run: Run) -> dict[str, Any]:
    """What happened, what it took by store, and what the judge found."""
    whole = run.written()
    times = {one.job.removeprefix("drill-"): round(one.seconds, 3) for one in run.outcomes}
    judged = [one.result for one in run.outcomes if one.job == "drill-judge"]
    found = {
        key: value for one in judged for key, value in one.items() if key in ("facts_equal", "differences", "report")
    }
    drilled = {store: times[store] for store in run.dormants.jobs.drilled if store in times}
    return {**{key: whole[key] for key in ("began", "ended", "seconds", "jobs")}, **found, "stores": drilled}


def last_reports(work: Work) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The newest report, and the newest good one; empty where there is none."""
    newest = [read(path) for path in sorted(work.reports.glob("*.json"), reverse=True)]
    return next(iter(newest), {}), next((one for one in newest if one.get("ok")), {})
