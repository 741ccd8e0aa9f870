"""`python -m bench.load`, in the load generator's environment: a plan comes in, and how each step went goes out."""

import json
import re
import sys
import time
from collections import Counter

import gevent
from locust.env import Environment
from locust.runners import LocalRunner
from locust.stats import StatsEntry

from bench.crowd import crowd
from bench.plan import RUN, Kind, Plan, Step, written
from bench.researcher import Researcher

SPAWNED_PER_SECOND = 4
GATHERING_SECONDS = 180
SETTLING_SECONDS = 3
ADDRESS = re.compile(r"URL \S+: ")  # one for each thing, where the kind of request says enough


def steps(plan: Plan) -> list[Step]:
    """Let the crowd come, grow as planned and leave; no more come once the stack does not carry it."""
    done: list[Step] = []
    with crowd(plan.url, plan.link) as Researcher.crowd:
        runner = Environment(user_classes=[Researcher], host=plan.url).create_local_runner()
        try:
            for users in plan.crowds():
                sys.stderr.write(f"{users} users for {plan.seconds:g} s ...\n")
                if not _gathered(runner, users):
                    sys.stderr.write(f"they cannot all sign up within {GATHERING_SECONDS} s\n")
                    break
                done.append(_measured(runner, users, plan.seconds))
                if not done[-1].steady:
                    break
        finally:
            runner.quit()
    return done


def _gathered(runner: LocalRunner, users: int) -> bool:
    """Whether so many users have come, and settled."""
    runner.start(users, spawn_rate=SPAWNED_PER_SECOND)
    deadline = time.monotonic() + GATHERING_SECONDS
    while len(Researcher.crowd.accounts) < users:
        if time.monotonic() > deadline:
            return False
        gevent.sleep(0.2)
    gevent.sleep(SETTLING_SECONDS)
    return True


def _measured(runner: LocalRunner, users: int, seconds: float) -> Step:
    """What so many users find."""
    runner.stats.clear_all()
    gevent.sleep(seconds)
    return _step(runner, users, seconds)


def _step(runner: LocalRunner, users: int, seconds: float) -> Step:
    entries = sorted(runner.stats.entries.values(), key=lambda entry: (entry.name == RUN, -entry.num_requests))
    overall = StatsEntry(runner.stats, "all answers", "")
    for entry in entries:
        if entry.name != RUN:
            overall.extend(entry)
    errors: Counter[str] = Counter()
    for error in runner.stats.errors.values():
        errors[f"{error.method} {error.name}: {ADDRESS.sub('', str(error.error))}"] += error.occurrences
    kinds = tuple(_kind(entry, seconds) for entry in entries)
    return Step(users, seconds, _kind(overall, seconds), kinds, dict(errors))


def _kind(entry: StatsEntry, seconds: float) -> Kind:
    p50, p95, p99 = (entry.get_response_time_percentile(share) for share in (0.5, 0.95, 0.99))
    name = f"{entry.method} {entry.name}".strip()
    return Kind(name, entry.num_requests, entry.num_failures, entry.num_requests / seconds, p50, p95, p99)


if __name__ == "__main__":
    sys.stdout.write(written(steps(Plan(**json.load(sys.stdin)))))
