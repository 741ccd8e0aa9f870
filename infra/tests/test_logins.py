"""Who logs in to the stores, and what changes when a password does."""

import re
from itertools import pairwise

import pytest

from infra.logins import SLOTS, is_moving, slot_in_use, times_drawn
from infra.tests.conftest import PASSWORDS, SETTINGS, Declared, Deploy, merged

STORES = ("postgres", "redis", "neo4j")
CLIENTS = ("api", "migration")
GENERATIONS = range(12)


def drawn(generation: int) -> dict[str, int]:
    return {slot: times_drawn(slot, generation) for slot in SLOTS}


@pytest.mark.parametrize("generation", [one for one in GENERATIONS if is_moving(one)])
def test_first_clients_change_over_to_a_login_that_is_good_already(generation: int):
    assert slot_in_use(generation) != slot_in_use(generation - 1)
    assert drawn(generation) == drawn(generation - 1), "no store is told anything"


@pytest.mark.parametrize("generation", [one for one in GENERATIONS if one and not is_moving(one)])
def test_then_the_password_that_nobody_uses_is_drawn_anew_and_no_other(generation: int):
    used = slot_in_use(generation)
    assert used == slot_in_use(generation - 1)
    (left,) = set(SLOTS) - {used}
    assert drawn(generation)[left] == drawn(generation - 1)[left] + 1
    assert drawn(generation)[used] == drawn(generation - 1)[used]


def test_a_password_that_was_used_never_comes_back():
    seen = [(slot_in_use(one), times_drawn(slot_in_use(one), one)) for one in GENERATIONS if not is_moving(one)]
    assert len(set(seen)) == len(seen)
    assert all(before != after for before, after in pairwise(seen))


def at(deploy: Deploy, generation: int) -> Declared:
    services = merged(SETTINGS["services"], {store: {"password_generation": generation} for store in STORES})
    return deploy(services=services)


def uploaded(declared: Declared, name: str) -> dict[str, str]:
    uploads = declared.of("Container")[f"{name}-secrets"]["uploads"]["value"]
    return {one["file"].rpartition("/")[2]: one["content"] for one in uploads}


def given(declared: Declared, client: str) -> tuple[str, str]:
    """As whom a client logs in to PostgreSQL, and with which password."""
    (line,) = [one for one in declared.containers()[client]["envs"] if one.startswith("POSTGRES_URL=")]
    return re.findall(r"//(\w+)@", line)[0], uploaded(declared, client)["postgres_password"]


@pytest.mark.parametrize(("generation", "slot"), [(0, "a"), (1, "b"), (2, "b"), (3, "a"), (4, "a")])
@pytest.mark.parametrize("client", CLIENTS)
def test_a_client_gets_the_name_and_the_password_of_one_login(deploy: Deploy, client: str, generation: int, slot: str):
    assert given(at(deploy, generation), client) == (f"{client}_{slot}", f"password-of-postgres-{client}-{slot}")


def test_the_store_knows_both_whichever_is_used(deploy: Deploy):
    before, after = (uploaded(at(deploy, generation), "postgres") for generation in (0, 1))
    assert before == after
    assert {f"postgres_{client}_{slot}_password" for client in CLIENTS for slot in SLOTS} <= set(before)
    assert uploaded(at(deploy, 0), "neo4j")["neo4j_users"].splitlines() == [
        f"{client}_{slot}/password-of-neo4j-{client}-{slot}" for client in ("api", "monitor") for slot in SLOTS
    ]


@pytest.mark.parametrize("store", STORES)
def test_no_store_is_replaced_for_a_password(deploy: Deploy, monkeypatch: pytest.MonkeyPatch, store: str):
    before = at(deploy, 0)
    for client in ("api-a", "monitor-b", "local-b"):
        monkeypatch.setitem(PASSWORDS, f"{store}-{client}", "another")
    monkeypatch.setitem(PASSWORDS, "postgres-superuser", "another")
    after = at(deploy, 2)
    assert uploaded(before, store) != uploaded(after, store)
    assert before.containers()[store] == after.containers()[store]
    triggers = [str(one.options("Volume", f"{store}-secrets").replacement_trigger) for one in (before, after)]
    assert triggers[0] == triggers[1]
    assert not before.options("Container", store).HasField("replacement_trigger")


def test_other_files_make_another_volume(deploy: Deploy):
    with_backup, without = (
        str(one.options("Volume", "postgres-secrets").replacement_trigger) for one in (deploy(backup=True), deploy())
    )
    assert with_backup != without


def test_nobody_but_the_store_knows_its_superuser(declared: Declared):
    knowing = [
        name
        for name in declared.containers()
        if "password-of-postgres-superuser" in str(declared.of("Container").get(f"{name}-secrets", {}).get("uploads"))
    ]
    assert knowing == ["postgres"]


def test_migrations_log_in_as_somebody_else_than_the_api(declared: Declared):
    assert {given(declared, client)[0] for client in CLIENTS} == {"api_a", "migration_a"}
