"""Redis' users follow their file while the server runs, through a login that may do little else."""

import hashlib
from collections.abc import Callable, Iterator

import pytest

from images.tests.engine import Engine, Running

COMMAND = ["redis-server", "--aclfile", "/run/secrets/users.acl", "--save", ""]
RIGHTS = {"api": "~* &* +@all -@admin -@dangerous +info", "local": "resetkeys -@all +ping +acl|load +client|kill"}
"""As infra/services/redis.py has them."""
FOLLOWS_WITHIN = 15


def secrets(use: str = "local_a", **changed: str) -> dict[str, str | bytes]:
    """The secret files; `use` is the container's own login, and those changed are named by their user."""
    first = {f"{client}_{slot}": f"{client}-{slot}-first" for client in RIGHTS for slot in ("a", "b")}
    passwords = {**first, **changed}
    users = [
        f"user {name} on #{hashlib.sha256(password.encode()).hexdigest()} {RIGHTS[name[:-2]]}"
        for name, password in passwords.items()
    ]
    acl = "\n".join(["user default off", "user watcher on >watcher-first -@all +client|list +acl|load", *users, ""])
    return {"users.acl": acl, "local_login": f"{use} {passwords[use]}\n"}


@pytest.fixture(scope="module")
def files(engine: Engine) -> Iterator[str]:
    with engine.volume(secrets()) as volume:
        yield volume


@pytest.fixture(scope="module")
def store(engine: Engine, image: Callable[[str], str], files: str) -> Iterator[Running]:
    mounts = {files: {"bind": "/run/secrets", "mode": "ro"}}
    limits = {"tmpfs": {"/tmp": ""}, "mem_limit": "64m", "memswap_limit": "64m"}
    with engine.run(image("redis"), COMMAND, user="999:999", volumes=mounts, **limits) as store:
        store.wait_until(lambda: ask(store, "api_a", "api-a-first", "PING") == "PONG")
        yield store


def ask(store: Running, user: str, password: str, *command: str) -> str:
    """The answer of Redis, which may be an error."""
    return store.attempt("redis-cli", "--user", user, *command, environment={"REDISCLI_AUTH": password})[1]


def test_both_logins_are_good(store: Running) -> None:
    assert ask(store, "api_a", "api-a-first", "SET", "answer", "42") == "OK"
    assert ask(store, "api_b", "api-b-first", "GET", "answer") == "42"


def test_the_running_server_takes_over_a_changed_file_and_ends_who_came_in_before(
    engine: Engine, store: Running, files: str
) -> None:
    lasting = {slot: session(store, f"api_{slot}", f"api-{slot}-first") for slot in ("a", "b")}
    process = server(store)
    engine.fill(files, secrets(api_a="api-a-second"))
    seconds = store.wait_until(lambda: ask(store, "api_a", "api-a-second", "PING") == "PONG", FOLLOWS_WITHIN)
    print(f"\nfollowed after {seconds:.1f} s")  # noqa: T201 - a figure of the README
    assert "WRONGPASS" in ask(store, "api_a", "api-a-first", "PING")
    assert ask(store, "api_b", "api-b-first", "GET", "answer") == "42"
    store.wait_until(lambda: not is_there(store, lasting["a"]), FOLLOWS_WITHIN)
    assert is_there(store, lasting["b"]), "who uses the other login is not disturbed"
    assert server(store) == process


def session(store: Running, user: str, password: str) -> str:
    """Open a connection that lasts; its name."""
    name = f"lasting-{user}"
    script = f'(echo "AUTH {user} $REDISCLI_AUTH"; echo "CLIENT SETNAME {name}"; sleep 300) | redis-cli'
    store.container.exec_run(["sh", "-c", script], environment={"REDISCLI_AUTH": password}, detach=True)
    store.wait_until(lambda: is_there(store, name))
    return name


def is_there(store: Running, name: str) -> bool:
    """Whether a connection is open, as somebody sees it who may."""
    return f"name={name} " in ask(store, "watcher", "watcher-first", "CLIENT", "LIST")


def server(store: Running) -> str:
    return ask(store, "api_b", "api-b-first", "INFO", "server").partition("process_id:")[2].split()[0]


def test_its_own_login_changes_over_and_is_followed_too(engine: Engine, store: Running, files: str) -> None:
    engine.fill(files, secrets(use="local_b", local_a="local-a-second", api_a="api-a-third"))
    store.wait_until(lambda: ask(store, "api_a", "api-a-third", "PING") == "PONG", FOLLOWS_WITHIN)
    assert "WRONGPASS" in ask(store, "local_a", "local-a-first", "PING")
    # Both at once, as after a lost state: the login of before is what lets the new ones in.
    engine.fill(files, secrets(local_a="local-a-third", local_b="local-b-third", api_a="api-a-fourth"))
    store.wait_until(lambda: ask(store, "api_a", "api-a-fourth", "PING") == "PONG", FOLLOWS_WITHIN)


def test_users_that_were_loaded_without_its_hearing_of_it_do_not_lock_it_out(
    engine: Engine, store: Running, files: str
) -> None:
    told = "the users are now those of"
    before = store.logs().count(told)
    engine.fill(files, secrets(local_a="local-a-fourth", local_b="local-b-third", api_a="api-a-fourth"))
    # As when the answer to its own command is lost; it looks at the files twice before it loads them.
    assert ask(store, "watcher", "watcher-first", "ACL", "LOAD") == "OK"
    store.wait_until(lambda: store.logs().count(told) == before + 1, FOLLOWS_WITHIN)


@pytest.mark.parametrize(
    "command", ["GET answer", "ACL LIST", "ACL SETUSER mine on nopass", "CONFIG GET *", "SHUTDOWN"]
)
def test_its_own_login_may_load_users_and_nothing_else(store: Running, command: str) -> None:
    assert "NOPERM" in ask(store, "local_a", "local-a-fourth", *command.split())


def test_a_file_that_redis_cannot_read_changes_nothing_and_is_told(engine: Engine, store: Running, files: str) -> None:
    engine.fill(files, {"users.acl": "user broken on +nonsense\n"})
    store.wait_until(lambda: "the users could not be loaded anew" in store.logs(), FOLLOWS_WITHIN)
    assert ask(store, "api_b", "api-b-first", "GET", "answer") == "42"
    engine.fill(files, secrets(api_a="api-a-fifth"))
    store.wait_until(lambda: ask(store, "api_a", "api-a-fifth", "PING") == "PONG", FOLLOWS_WITHIN)


def test_no_password_is_in_an_environment_an_argument_or_a_log(store: Running) -> None:
    found = store.exec("sh", "-c", "cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline")
    assert "local-" not in found
    assert not [word for word in ("-first", "-second", "-third", "-fourth") if word in store.logs()]


def test_it_still_stops_cleanly(store: Running) -> None:
    assert store.stop(within=5) == 0
    assert "unmatched pid" not in store.logs()
