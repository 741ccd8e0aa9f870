"""Values on their way to the engine and back."""

from __future__ import annotations

import tarfile
from io import BytesIO
from typing import Any

import pytest

from toolchain.providers.container_request import create_request
from toolchain.providers.container_uploads import archive
from toolchain.providers.engine_fields import duration_of, nanoseconds
from toolchain.providers.failures import ProviderError
from toolchain.providers.tests.stage import creation


@pytest.mark.parametrize("text", ["0s", "1s", "500ms", "1m30s", "1h0m0s", "1.5s", "250us", "10ns", "2h3m4.5s"])
def test_a_duration_comes_back_as_it_went(text: str) -> None:
    assert duration_of(nanoseconds(text)) == text


@pytest.mark.parametrize(
    ("text", "amount"), [("2ms", 2_000_000), ("1m30s", 90_000_000_000), ("1h", 3_600_000_000_000), ("0", 0)]
)
def test_a_duration_is_counted_in_nanoseconds(text: str, amount: int) -> None:
    assert nanoseconds(text) == amount


@pytest.mark.parametrize("text", ["", "5", "1 s", "s", "1d"])
def test_what_is_no_duration_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match="write it like 500ms, 10s or 1m30s"):
        nanoseconds(text)


def test_the_create_request_carries_every_recorded_input() -> None:
    body = create_request(creation("02-up-create", "c").request["properties"])
    host = body.pop("HostConfig")

    assert body["User"] == "1000:1000"
    assert body["Env"] == ["A=1", "B=2"]
    assert body["Labels"] == {"svc": "c"}
    assert body["StopSignal"] == "SIGTERM"
    assert body["StopTimeout"] == 5
    assert body["Healthcheck"]["Test"] == ["CMD", "test", "-f", "/x"]
    assert body["Healthcheck"]["Interval"] == 1_000_000_000
    assert "StartInterval" not in body["Healthcheck"]
    assert body["ExposedPorts"] == {"80/tcp": {}}
    assert host == {
        "Binds": ["rec-vol:/data:rw", "/etc/hostname:/h:ro"],
        "CapAdd": ["CAP_CHOWN"],
        "CapDrop": ["ALL"],
        "Init": True,
        "LogConfig": {"Type": "json-file", "Config": {"max-file": "3", "max-size": "10m"}},
        "Memory": 64 * 2**20,
        "MemorySwap": 64 * 2**20,
        "NanoCpus": 500_000_000,
        "NetworkMode": "bridge",
        "PortBindings": {"80/tcp": [{"HostIp": "127.0.0.1", "HostPort": "18080"}]},
        "ReadonlyRootfs": True,
        "RestartPolicy": {"Name": "unless-stopped"},
        "SecurityOpt": ["no-new-privileges:true"],
        "ShmSize": 64 * 2**20,
        "Tmpfs": {"/tmp": "rw,noexec,nosuid,size=16m"},
        "Ulimits": [{"Name": "nofile", "Soft": 1024, "Hard": 2048}],
        "VolumesFrom": [],
    }


@pytest.mark.parametrize(
    ("upload", "content", "mode"),
    [
        ({"content": "hé"}, "hé".encode(), 0o644),
        ({"contentBase64": "AP8="}, b"\x00\xff", 0o644),
        ({"content": "x", "executable": True}, b"x", 0o744),
        ({"content": "x", "permissions": "0400"}, b"x", 0o400),
    ],
)
def test_an_upload_is_packed_as_a_file_of_root(upload: dict[str, Any], content: bytes, mode: int) -> None:
    with tarfile.open(fileobj=BytesIO(archive({"file": "/run/secrets/x", **upload}))) as tar:
        (entry,) = tar.getmembers()
        unpacked = tar.extractfile(entry)
        assert unpacked
        assert unpacked.read() == content

    assert (entry.name, entry.mode, entry.uid, entry.gid) == ("run/secrets/x", mode, 0, 0)


def test_an_upload_of_a_file_reads_it(tmp_path: Any) -> None:
    (tmp_path / "a").write_bytes(b"from disk")

    assert b"from disk" in archive({"file": "/x", "source": str(tmp_path / "a")})


@pytest.mark.parametrize(
    ("upload", "cause"),
    [
        ({}, "exactly one of content, contentBase64, source must be set and not empty; got none"),
        ({"content": "a", "contentBase64": "YQ=="}, "got content, contentBase64"),
        ({"source": "/does/not/exist"}, "cannot read /does/not/exist: No such file or directory"),
    ],
)
def test_an_upload_without_one_clear_content_is_refused(upload: dict[str, Any], cause: str) -> None:
    with pytest.raises(ProviderError, match=cause):
        archive({"file": "/x", **upload})
