"""Which containers the file may name."""

import json
from pathlib import Path
from typing import Any

import pytest
from backup.jobs_file import JobsFileError, load

GOOD: dict[str, Any] = {
    "stack": "dev",
    "containers": {"backup-postgres": "dev-backup-postgres-1a2b3c4", "backup-files": "dev-backup-files-1a2b3c4"},
    "neo4j_grace_seconds": 120,
}
NEO4J = {name: f"dev-{name}" for name in ("neo4j", "neo4j-dump", "neo4j-count", "backup-neo4j")}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "jobs.json"


def test_the_containers_decide_which_stores_there_are(file: Path) -> None:
    file.write_text(json.dumps({**GOOD, "containers": {**NEO4J, **GOOD["containers"]}}))
    jobs = load(file)
    assert jobs.stores == ["postgres", "files", "neo4j"]
    assert (jobs.drills, jobs.drilled) == (False, [])
    assert jobs.neo4j_grace_seconds == 120


def test_what_is_gone_is_told_with_the_way_out(file: Path) -> None:
    file.write_text(json.dumps(GOOD))
    said = load(file).gone("backup-postgres")
    assert "dev-backup-postgres-1a2b3c4" in said
    assert said.endswith("is gone: run `pulumi up --refresh --stack dev`")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"stack": ""}, "stack: allowed is the name of a stack"),
        ({"stack": "dev; rm -r"}, "stack: allowed is the name of a stack"),
        ({"neo4j_grace_seconds": 0}, "neo4j_grace_seconds: allowed is a whole number from 1 to 3600"),
        ({"neo4j_grace_seconds": True}, "neo4j_grace_seconds"),
        ({"neo4j_grace_seconds": "120"}, "neo4j_grace_seconds"),
        ({"more": 1}, "exactly the keys stack, containers and neo4j_grace_seconds"),
        ({"containers": []}, "containers: allowed is an object"),
        ({"containers": {"backup-mongo": "dev-mongo"}}, "containers: backup-mongo is unknown; allowed are backup-base"),
        ({"containers": {"backup-redis": "../neo4j"}}, "containers: backup-redis: allowed is the name of a container"),
        ({"containers": {"backup-redis": None}}, "containers: backup-redis: allowed is the name of a container"),
        ({"containers": {"backup-neo4j": "dev-x", "neo4j": "dev-y"}}, "takes neo4j-dump, neo4j-count, too"),
    ],
)
def test_a_mistake_names_file_key_and_what_is_allowed(file: Path, change: dict[str, Any], said: str) -> None:
    file.write_text(json.dumps({**GOOD, **change}))
    with pytest.raises(JobsFileError) as caught:
        load(file)
    assert str(caught.value).startswith(f"{file}: ")
    assert said in str(caught.value)


def test_no_file_and_no_json_are_told(file: Path) -> None:
    with pytest.raises(JobsFileError, match="no such file; mount the folder"):
        load(file)
    file.write_text("{")
    with pytest.raises(JobsFileError, match="cannot be read"):
        load(file)
