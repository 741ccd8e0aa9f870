"""The file that names who may be started and stopped: what it may say, and what it opens when it is wrong."""

import pytest

from images.tests.engine import Engine
from images.tests.engine_proxy import EMPTY, LIMITS, MOUNT, started, told
from images.tests.monitoring_stand import stand


def test_a_dot_in_a_name_stands_for_itself(engine: Engine, proxy_image: str, group: int) -> None:
    with (
        told(engine, "one.job start\nother-job stop,start\n") as mounts,
        stand(engine) as network,
        started(network, proxy_image, group, mounts) as proxy,
    ):
        assert proxy.ask("/containers/one.job/start", "POST")[0] == 404, "it passes, and there is no such container"
        assert proxy.ask("/containers/one-job/start", "POST")[0] == 403
        assert {proxy.ask(f"/containers/other-job/{verb}", "POST")[0] for verb in ("start", "stop")} == {404}


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "line 1: it is not there"),
        ("\n", "line 1: no verb"),
        ("neo4j start\n\n", "line 2: no verb"),
        ("# what may be started\nneo4j start\n", "line 1: no name of a container"),
        ("neo4j\n", "line 1: no verb"),
        ("neo4j \n", "line 1: no such verb"),
        ("neo4j  start\n", "line 1: no such verb"),
        (" neo4j start\n", "line 1: no name of a container"),
        ("neo4j start \n", "line 1: no such verb"),
        ("neo4j start\r\n", "line 1: no such verb"),
        ("neo4j\tstart\n", "line 1: no verb"),
        ("neo4j start,\n", "line 1: no such verb"),
        ("neo4j start, stop\n", "line 1: no such verb"),
        ("neo4j start stop\n", "line 1: no such verb"),
        ("neo4j Start\n", "line 1: no such verb"),
        ("neo4j kill\n", "line 1: no such verb"),
        ("neo4j st.*\n", "line 1: no such verb"),
        (".* start\n", "line 1: no name of a container"),
        ("neo4j|x start\n", "line 1: no name of a container"),
        ("neo4j/../x start\n", "line 1: no name of a container"),
        ("n start\n", "line 1: no name of a container"),
        (f"neo4j start\n{'x' * 256} start\n", "line 2: a name of more than 255 characters"),
        ("neo4j start\nneo4j stop\n", "line 2: the name is there twice"),
        ("neo4j start\ndecade0 start\n", "line 2: the name could be an id"),
    ],
)
def test_what_is_malformed_is_refused_at_the_start_in_one_line(
    engine: Engine, proxy_image: str, group: int, text: str, wrong: str
) -> None:
    with (
        told(engine, text) as mounts,
        engine.run(proxy_image, user=f"99:{group}", volumes=mounts, **LIMITS) as once,
    ):
        assert once.exit_code() == 64
        assert once.logs().startswith(f"engine: /run/configuration/controlled, {wrong}")
        assert "; allowed is on each line <container name> <verb>[,<verb>]..." in once.logs()
        assert len(once.logs().splitlines()) == 1


def test_a_file_that_cannot_be_read_opens_nothing(engine: Engine, proxy_image: str, group: int) -> None:
    with engine.volume() as files:
        engine.fill(files, {"controlled": "neo4j start"}, mode=0o400)
        mounts = {**MOUNT, files: {"bind": "/run/configuration", "mode": "ro"}}
        with engine.run(proxy_image, user=f"99:{group}", volumes=mounts, **LIMITS) as once:
            assert once.exit_code() == 64
            assert "/run/configuration/controlled cannot be read by user 99" in once.logs()


def test_the_environment_alone_opens_nothing(engine: Engine, proxy_image: str, group: int) -> None:
    with (
        stand(engine) as network,
        started(network, proxy_image, group, environment={"REQUESTS": "/dev/null"}) as proxy,
    ):
        assert proxy.ask("/containers/json")[0] == 200, "it reads as without the file"
        assert proxy.ask("/containers/create", "POST", EMPTY)[0] == 403
