"""A stack whose data is kept safe: what waits to be started, what each of it reaches, and who may start it."""

import json
from dataclasses import replace
from typing import Any

import pulumi
import pytest

from infra.ownership import STORE_AWAY_LABEL, stack_labels
from infra.safekeeping import may
from infra.tests.conftest import SETTINGS, Declared, Deploy, FakeEngine, networks
from stacks.backup import BACKUP_LIMITS

OFF_SITE = {"backup": {"off_site": "rest:https://elsewhere.example/stack"}}


def dormant(declared: Declared) -> dict[str, dict[str, Any]]:
    return {name: one for name, one in declared.containers().items() if one.get("start") is False}


def configured(declared: Declared, name: str, file: str) -> str:
    uploads = declared.of("Container")[f"{name}-configuration"]["uploads"]
    return str(next(one["content"] for one in uploads if one["file"] == f"/run/configuration/{file}"))


def secrets(declared: Declared, name: str) -> set[str]:
    uploads = declared.of("Container")[f"{name}-secrets"]["uploads"]["value"]
    return {one["file"].rpartition("/")[2] for one in uploads}


def test_without_the_setting_nothing_of_it_is_there(declared: Declared):
    assert not dormant(declared)
    assert not BACKUP_LIMITS.keys() & declared.containers().keys()
    assert "postgres_backup_password" not in secrets(declared, "postgres")


def test_with_it_jobs_wait_and_nothing_starts_them_but_the_scheduler(whole: Declared):
    waiting = dormant(whole)
    assert {"backup-postgres", "backup-redis", "neo4j-dump", "restore-postgres", "drill-judge"} <= set(waiting)
    for name, job in waiting.items():
        assert (job["restart"], job["mustRun"]) == ("no", False), name
        assert job["readOnly"] is True, name
        assert job["memory"] == job["memorySwap"] <= 2048, name


def test_a_job_reaches_what_it_copies_and_nothing_else(deploy: Deploy):
    reached = {name: networks(job) for name, job in dormant(deploy(**OFF_SITE)).items()}
    on_data = {"backup-postgres", "backup-redis", "backup-base", "restore-postgres"}
    going_out = {"backup-copy", "backup-key", "drill-fetch", "restore-fetch-off-site"}
    assert {name for name, found in reached.items() if found == {"docker-data"}} == on_data
    assert {name for name, found in reached.items() if found == {"docker-egress"}} == going_out
    assert all(not found for name, found in reached.items() if name not in on_data | going_out)


def test_without_a_copy_elsewhere_no_job_goes_out(whole: Declared):
    assert not [name for name, job in dormant(whole).items() if "docker-egress" in networks(job)]


def test_the_gate_is_told_of_exactly_the_jobs_and_of_neo4j(deploy: Deploy):
    declared = deploy(**OFF_SITE)
    plan = json.loads(configured(declared, "backup", "jobs.json"))
    by_hand = {name for name in dormant(declared) if name.startswith(("restore-", "recover-"))}
    by_hand |= {"backup-key", "backup-verify"}
    assert by_hand >= {"restore-postgres", "restore-redis", "restore-files", "restore-neo4j"}
    assert set(plan["containers"]) == {*dormant(declared), "neo4j"} - by_hand, "it makes backups and replaces no data"
    assert configured(declared, "backup-engine", "controlled")


def test_neo4j_and_jobs_may_be_started_and_stopped():
    assert may("dev-neo4j-1", ["dev-job-2", "dev-job-1"]).splitlines() == [
        "dev-neo4j-1 start,stop",
        "dev-job-1 start,stop",
        "dev-job-2 start,stop",
    ]


def test_the_gate_talks_to_the_scheduler_alone(whole: Declared):
    on_it = {name for name, one in whole.containers().items() if "docker-keeping" in networks(one)}
    assert on_it == {"backup", "backup-engine"}


def test_only_who_restores_postgresql_knows_its_superuser(whole: Declared):
    knowing = {name for name in dormant(whole) if f"{name}-secrets" in whole.of("Container")}
    assert {name for name in knowing if "postgres_superuser_password" in secrets(whole, name)} == {"restore-postgres"}


@pytest.mark.parametrize("name", ["backup", "backup-key", "wal-receiver"])
def test_the_repository_and_what_opens_it_outlive_the_stack(whole: Declared, name: str):
    assert whole.of("Volume")[f"{name}-data"]["name"] == f"market-research-dev-{name}"
    assert whole.options("Volume", f"{name}-data").retainOnDelete


def test_only_who_makes_and_who_exchanges_the_key_can_write_it(whole: Declared):
    mounted = {
        name: [one for one in job["volumes"] if one["containerPath"] == "/run/key"]
        for name, job in whole.containers().items()
    }
    assert {name for name, found in mounted.items() if found and not found[0].get("readOnly")} == {
        "backup",
        "backup-key",
    }
    assert mounted["backup-postgres"]
    assert not mounted["neo4j-dump"]


@pytest.mark.parametrize("address", ["/somewhere", "rest:https://user:secret@elsewhere/", "sftp:me@elsewhere:/x"])
def test_a_copy_goes_where_restic_reaches_it_without_a_password_in_the_address(deploy: Deploy, address: str):
    with pytest.raises(ValueError, match="off_site_credentials"):
        deploy(backup={"off_site": address})


def test_its_services_are_there_with_the_setting_alone(deploy: Deploy):
    with pytest.raises(Exception, match="it is there only with `backup: true`"):
        deploy(services={**SETTINGS["services"], "backup": {"cpus": 1, "memory_mb": 64}})


def test_a_job_that_opens_all_of_redis_has_room_for_it(deploy: Deploy):
    services = {**SETTINGS["services"], "redis": {"cpus": 0.5, "memory_mb": 1024}}
    waiting = dormant(deploy(services=services, backup=True))
    of_redis = {name: job["memory"] for name, job in waiting.items() if name.endswith("-redis")}
    assert of_redis == dict.fromkeys(("backup-redis", "drill-redis", "restore-redis"), 1536)
    assert waiting["backup-postgres"]["memory"] == 512


def test_nothing_is_deployed_while_a_job_has_taken_a_store_away(engine: FakeEngine, deploy: Deploy):
    away = {**stack_labels("market-research", "dev"), "pulumi.service": "neo4j-dump", STORE_AWAY_LABEL: "true"}
    engine.known = [{"Id": "1", "Names": ["/dev-neo4j-dump-1"], "Labels": away}]
    with pytest.raises(pulumi.RunError, match="docker wait dev-neo4j-dump-1"):
        deploy(backup=True)


def test_those_jobs_carry_the_mark(whole: Declared):
    marked = {
        name for name, job in dormant(whole).items() if STORE_AWAY_LABEL in {label["label"] for label in job["labels"]}
    }
    assert marked == {"neo4j-dump", "restore-neo4j", "restore-redis"}


def test_a_backup_needs_room_beside_the_stack(engine: FakeEngine, deploy: Deploy):
    own = sum(one["memory_mb"] for one in [*SETTINGS["services"].values(), *BACKUP_LIMITS.values()])
    engine.facts = replace(engine.facts, memory_mb=int(own + 2048 - 1))
    with pytest.raises(pulumi.RunError, match="2048 MB more during a deploy or a backup"):
        deploy(backup=True)


def test_credentials_that_anybody_may_read_are_refused_before_a_container_is_made(
    deploy: Deploy, monkeypatch: pytest.MonkeyPatch
):
    seen = Declared()
    monkeypatch.setattr("infra.tests.conftest.Declared", lambda: seen)
    pulumi.runtime.set_all_config({"market-research:off_site_credentials": "in clear"}, [])
    try:
        with pytest.raises(pulumi.RunError, match="off_site_credentials is in the file in clear"):
            deploy(**OFF_SITE)
    finally:
        pulumi.runtime.set_all_config({})
    assert not seen.containers()
