from typing import Any

from bench.incidents import Incidents


def event(action: str, container: str) -> dict[str, Any]:
    return {"Action": action, "Actor": {"ID": container}}


def test_kills_and_restarts_are_counted_by_service() -> None:
    found = Incidents()
    told = [event(action, "1") for action in ("oom", "oom", "die", "start")]
    found.take([*told, event("exec_create", "1"), event("die", "somebody else's")], {"1": "api"})
    assert found.counts == {"api: OOM kill": 2, "api: end of its process": 1, "api: start": 1}
