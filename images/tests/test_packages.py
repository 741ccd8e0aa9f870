"""What every image tells scanners of the Debian packages in it, and passes on of their licences."""

import io
import re
import tarfile
from collections.abc import Callable
from typing import Any

import pytest

from images.tests.engine import IMAGES, Engine, fresh_name

pytestmark = pytest.mark.docker
EXPORTERS = {f"prometheus-{one}-exporter" for one in ("blackbox", "node", "postgres", "redis")}
MADE_OF = {
    "alertmanager": {"prometheus-alertmanager", "busybox-static", "ca-certificates", "libc6"},
    "api": {"python3.13-minimal", "libpython3.13-stdlib", "libssl3t64", "tzdata", "ca-certificates", "libc6"},
    "backup": {"restic", "postgresql-client-17", "redis-server", "redis-tools", "python3.13-minimal", "libc6"},
    "dashboards": {"nginx", "libnginx-mod-http-brotli-static", "busybox", "libc6"},
    "edge": {"haproxy", "openssl", "libssl3t64", "busybox", "libc6"},
    "engine": {"haproxy", "busybox-static", "libc6"},
    "exporters": {*EXPORTERS, "busybox-static", "ca-certificates", "libc6"},
    "frontend": {"nginx", "libnginx-mod-http-brotli-static", "busybox", "libc6"},
    "logcollector": {"syslog-ng-core", "syslog-ng-mod-http", "libcurl4t64", "busybox-static", "libc6"},
    "neo4j": {"openjdk-21-jdk-headless", "util-linux", "busybox-static", "libc6"},
    "observers": {"python3.13-minimal", "libpython3.13-stdlib", "busybox-static", "ca-certificates", "libc6"},
    "postgres": {"postgresql-17", "postgresql-17-pgvector", "postgresql-client-17", "libicu76", "tzdata", "libc6"},
    "prometheus": {"prometheus", "promtool", "busybox-static", "ca-certificates", "libc6"},
    "redis": {"redis-server", "redis-tools", "busybox-static", "libssl3t64", "libc6"},
    "victorialogs": {"busybox-static"},
    "zipkin": {"openjdk-21-jdk-headless", "busybox-static", "libc6"},
}


def files(engine: Engine, image: str, folder: str) -> dict[str, bytes]:
    """The files below a folder of an image, which need not have a shell, by their paths in it."""
    container: Any = engine.client.containers.create(image, ["none"], name=fresh_name())
    try:
        parts, _ = container.get_archive(folder)
        with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
            found = {member.name.partition("/")[2]: archive.extractfile(member) for member in archive}
            return {name: file.read() for name, file in found.items() if file}
    finally:
        container.remove(v=True)


def test_every_image_is_looked_at() -> None:
    assert MADE_OF.keys() == {file.parent.name for file in IMAGES.glob("*/Dockerfile")}


@pytest.mark.parametrize("name", MADE_OF)
def test_scanners_find_each_debian_package_and_its_licence(
    engine: Engine, image: Callable[[str], str], name: str
) -> None:
    packages = files(engine, image(name), "/var/lib/dpkg/status.d")
    assert MADE_OF[name] <= packages.keys()
    for package, status in packages.items():
        assert re.search(rf"(?m)^Package: {re.escape(package)}$", status.decode())
        assert re.search(r"(?m)^Version: \d", status.decode())
    texts = files(engine, image(name), "/usr/share/doc")
    assert {f"{package}/copyright" for package in packages} == texts.keys()
    referred = set(re.findall(rb"/usr/share/common-licenses/([A-Za-z]+-[0-9.]*[0-9])", b"".join(texts.values())))
    assert referred <= {licence.encode() for licence in files(engine, image(name), "/usr/share/common-licenses")}


@pytest.mark.parametrize(
    ("name", "bundled"), [("frontend", {"react", "d3-force"}), ("dashboards", {"react", "echarts", "@perses-dev/core"})]
)
def test_scanners_find_what_the_pages_are_bundled_of(
    engine: Engine, image: Callable[[str], str], name: str, bundled: set[str]
) -> None:
    found = files(engine, image(name), "/usr/share/javascript")
    packages = {path.rpartition("@")[0] for path in found if path.endswith("/package.json")}
    assert bundled <= packages
    assert "vite" not in packages, "what only builds them is not in them"
    assert any(b"Permission is hereby granted" in text for path, text in found.items() if path.endswith("/LICENSE"))
    assert "packages.json" not in files(engine, image(name), "/usr/share/nginx/html"), "nor is it told to the public"
