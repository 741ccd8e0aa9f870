"""What goes wrong with a repository is told in one line, leaves nothing half that counts, and harms nothing else."""

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from images.tests.backup_stand import Stand, inner_network, stand
from images.tests.engine import Engine, Running, fresh_name

KEEP = {"KEEP_DAYS": "30", "KEEP_MONTHS": "12"}
FLIP = """
import os
packs = [os.path.join(where, name) for where, _, names in os.walk("/repository/data") for name in names]
pack = max(packs, key=os.path.getsize)
os.chmod(pack, 0o600)
with open(pack, "r+b") as file:
    file.seek(os.path.getsize(pack) // 3)
    byte = file.read(1)
    file.seek(-1, 1)
    file.write(bytes([byte[0] ^ 1]))
"""
UPLOAD = "import os, sys; open(f'/files/{sys.argv[1]}', 'wb').write(os.urandom(int(sys.argv[2])))"
FIRST, SECOND = "20261130T033000Z", "20261201T033000Z"


@pytest.fixture
def plain(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with stand(engine, image("backup"), ["/files"], environment=KEEP) as made:
        made.python(UPLOAD, "a1", "300000")
        yield made


@pytest.fixture
def kept(plain: Stand) -> Stand:
    plain.job("files", {"backup": FIRST}).must()
    return plain


def backups(stand: Stand) -> list[str]:
    return [head["backup"] for head in stand.heads()]


def test_a_wrong_key_is_told_with_what_to_do(kept: Stand, engine: Engine) -> None:
    with engine.volume({"backup_key": "another"}) as secrets:
        other = replace(kept, volumes={**kept.volumes, "/run/secrets": secrets})
        complaint = other.job("files").complaint()
    assert "repository /repository: the key in /run/secrets/backup_key does not open it: mount the key" in complaint
    assert backups(kept) == [FIRST]


def test_a_flipped_byte_is_found_by_verify_and_not_restored(kept: Stand) -> None:
    found = kept.job("verify", {"whole": True}).must()["report"]["verified"]
    assert found == "1 backups, nothing is missing, every byte was read and is good"
    kept.python(FLIP)
    assert "it is damaged; fill a new one from the off-site copy" in kept.job("verify", {"whole": True}).complaint()
    kept.python("open('/files/b2', 'w')")
    ended = kept.restore("files", {"backup": FIRST})
    assert ended.code == 1, ended.said
    assert kept.python("import os; print(sorted(os.listdir('/files')))") == "['a1', 'b2']"


def test_what_has_no_manifest_is_not_listed_and_goes_with_the_next_check(kept: Stand) -> None:
    tags = ["--tag", SECOND, "--tag", "store:files", "--tag", "part:data"]
    assert kept.restic("backup", *tags, "/files")[0] == 0
    assert backups(kept) == [FIRST]
    assert kept.restore("files", {"backup": SECOND}).code == 2
    result = kept.job("check").must()
    assert result["report"] == {"forgotten": 1, "kept": 2}
    assert result["repository_bytes"] > 300_000
    assert backups(kept) == [FIRST]
    kept.restore("files", {"backup": FIRST}).must()


def test_a_manifest_whose_data_are_gone_does_not_count(kept: Stand) -> None:
    data = kept.manifest(FIRST, "files")["data"]
    assert kept.restic("forget", data)[0] == 0
    assert backups(kept) == []


@contextmanager
def small_disk(engine: Engine, image: str, megabytes: int) -> Iterator[str]:
    """A volume that holds so much, for as long as this lasts."""
    room = {"type": "tmpfs", "device": "tmpfs", "o": f"size={megabytes}m,uid=10001,mode=700"}
    volume = engine.client.volumes.create(fresh_name(), driver="local", driver_opts=room)
    try:
        mounts = {volume.name: {"bind": "/repository", "mode": "rw"}}
        with engine.run(image, ["-c", "import time; time.sleep(600)"], entrypoint="python", volumes=mounts):
            yield str(volume.name)
    finally:
        volume.remove(force=True)


def test_a_full_disk_is_told_and_what_was_there_stays_good(plain: Stand, engine: Engine) -> None:
    with small_disk(engine, plain.image, 12) as repository:
        small = replace(plain, volumes={**plain.volumes, "/repository": repository})
        small.job("files", {"backup": FIRST}).must()
        small.python(UPLOAD, "b2", "30000000")
        complaint = small.job("files", {"backup": SECOND}).complaint()
        assert "no space left: free some on the disk that holds it" in complaint
        assert backups(small) == [FIRST]
        small.python("import os; os.remove('/files/b2')")
        small.job("check").must()
        small.job("files", {"backup": SECOND}).must()
        assert backups(small) == [FIRST, SECOND]
        small.job("verify", {"whole": True}).must()


def test_an_off_site_that_is_away_is_told_soon(kept: Stand) -> None:
    began = time.monotonic()
    complaint = kept.job("copy", environment={"OFF_SITE": "rest:http://me:hunter2@127.0.0.1:8000/"}).complaint()
    assert "off-site copy rest:http://127.0.0.1:8000/ does not answer (Connection refused)" in complaint
    assert "the next run tries again" in complaint
    assert time.monotonic() - began < 60


@contextmanager
def far_end(engine: Engine, image: str, network: str) -> Iterator[Running]:
    """A server that takes what is added, and lets nothing be taken away."""
    entry = "stack:{SHA}" + base64.b64encode(hashlib.sha1(b"far").digest()).decode()
    command = [
        "restic-rest-server",
        "--path",
        "/tmp/far",
        "--append-only",
        "--htpasswd-file",
        "/users/.htpasswd",
        "--listen",
        ":8000",
    ]
    with engine.volume({".htpasswd": entry}) as users:
        mounts = {users: {"bind": "/users", "mode": "ro"}}
        options = {"network": network, "tmpfs": {"/tmp": ""}, "user": "1000:1000"}
        with engine.run(image, command, volumes=mounts, **options) as running:
            running.wait_until(lambda: "start server" in running.logs().lower())
            yield running


@pytest.fixture
def far(engine: Engine, image: Callable[[str], str]) -> Iterator[Stand]:
    with (
        inner_network(engine) as network,
        far_end(engine, image("tests/rest_server"), network) as server,
        stand(engine, image("backup"), ["/files"], network=network) as made,
    ):
        login = "RESTIC_REST_USERNAME=stack\nRESTIC_REST_PASSWORD=far\n"
        engine.fill(made.volumes["/run/secrets"], {"off_site_credentials": login})
        off_site = {"OFF_SITE": f"rest:http://{server.container.name}:8000/", **KEEP}
        yield replace(made, environment=off_site)


def test_an_append_only_copy_takes_what_is_new_gives_it_back_and_lets_nothing_be_forgotten(far: Stand) -> None:
    far.python(UPLOAD, "a1", "300000")
    far.job("files", {"backup": FIRST}).must()
    assert far.job("copy").must()["report"] == {"copied": 1}
    assert far.job("copy").must()["report"] == {"copied": 0}
    far.python(UPLOAD, "b2", "1000")
    far.job("files", {"backup": SECOND}).must()
    assert far.job("copy").must()["report"] == {"copied": 1}
    forget = (
        "from backup import repository as r; away = r.off_site(); away.forget([one.id for one in away.snapshots()])"
    )
    with far.started("-c", forget, entrypoint="python") as running:
        assert running.exit_code() == 1
        assert "it may be added to and not be taken from (append-only)" in running.logs()
    far.python(
        "import os, shutil; [shutil.rmtree(f) if f.is_dir() else os.remove(f) for f in os.scandir('/repository')]"
    )
    assert far.heads() == []
    assert far.run("restore", "fetch-repository").code == 0
    assert backups(far) == [FIRST, SECOND]
    far.python("import os; os.remove('/files/a1')")
    far.restore("files", {}).must()
    assert far.python("import os; print(sorted(os.listdir('/files')))") == "['a1', 'b2']"
    assert "only an empty repository is filled" in far.run("restore", "fetch-repository").complaint()
    assert far.job("copy").must()["report"] == {"copied": 0}


def test_wrong_credentials_off_site_are_told(far: Stand, engine: Engine) -> None:
    far.python(UPLOAD, "a1", "1000")
    far.job("files").must()
    engine.fill(far.volumes["/run/secrets"], {"off_site_credentials": "RESTIC_REST_USERNAME=stack\n"})
    assert "refuses the credentials" in far.job("copy").complaint()
    engine.fill(far.volumes["/run/secrets"], {"off_site_credentials": "PATH=/evil\n"})
    ended = far.job("copy")
    assert ended.code == 2
    assert "allowed are lines KEY=VALUE" in ended.said


def test_an_exchanged_key_opens_everything_and_the_old_one_nothing(plain: Stand, engine: Engine) -> None:
    with engine.volume() as keys:
        others = {path: volume for path, volume in plain.volumes.items() if path != "/run/secrets"}
        own = replace(plain, volumes={**others, "/run/key": keys})
        own.python("from backup import key; key.make()")
        own.job("files", {"backup": FIRST}).must()
        old = own.file("/run/key", "backup_key")
        own.job("key").must()
        assert own.file("/run/key", "backup_key") != old
        assert backups(own) == [FIRST]
        own.job("files", {"backup": SECOND}).must()
    assert old
    engine.fill(plain.volumes["/run/secrets"], {"backup_key": old})
    assert "does not open it" in plain.job("files").complaint()
    assert "exchange it there" in plain.job("key").said


def test_jobs_wait_for_each_other_and_one_that_waited_too_long_says_so(kept: Stand) -> None:
    hold = "import time\nfrom backup import repository\nwith repository.alone():\n print('held')\n time.sleep(15)"
    with kept.started("-c", hold, entrypoint="python") as holder:
        holder.wait_until(lambda: "held" in holder.logs())
        impatient = "from backup import repository as r\nwith r.alone(wait=1): pass"
        with kept.started("-c", impatient, entrypoint="python") as running:
            running.exit_code()
            assert "another job has worked on the repository" in running.logs()
        kept.job("files").must()


def test_a_question_that_makes_no_sense_is_answered_with_what_is_allowed(plain: Stand) -> None:
    ended = plain.run("list", "--all")
    assert ended.code == 2
    assert "allowed is one of" in ended.said
    plain.put("/work", {"request.json": json.dumps({"backup": 7})})
    assert "backup: allowed is str" in plain.run("job", "files").said


def test_the_image_has_the_size_it_promises(engine: Engine, plain: Stand) -> None:
    assert engine.client.images.get(plain.image).attrs["Size"] <= 110e6
