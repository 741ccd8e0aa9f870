"""What others wrote comes in by hash: no registry, mirror or cache can slip in something else."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from toolchain.machine import checkout

ROOT = checkout()
TRACKED = [
    ROOT / name
    for name in subprocess.run(
        ["git", "ls-files"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
]
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links|--trusted-host")


def tracked(pattern: str) -> list[Path]:
    return [path for path in TRACKED if re.search(pattern, path.name)]


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


PYTHON = tracked(r"^requirements.*\.lock$")
NPM = tracked(r"^package-lock\.json$")
GO = tracked(r"^go\.mod$")
MAVEN = tracked(r"^pom\.xml$")


def test_every_kind_of_lock_is_there():
    assert len(PYTHON) >= 9
    assert len(NPM) >= 2
    assert len(GO) >= 5
    assert len(MAVEN) >= 3


@pytest.mark.parametrize("lock", PYTHON, ids=named)
def test_every_python_package_has_a_version_and_a_hash(lock: Path):
    text = lock.read_text()
    assert not ADDRESS.search(text)
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines()]
    requirements = [line for line in lines if line and not line.startswith("#")]
    assert requirements
    for requirement in requirements:
        assert re.match(r"[\w.-]+(\[[\w,-]+\])?==\S+ .*--hash=sha256:[0-9a-f]{64}", requirement), requirement


@pytest.mark.parametrize("lock", NPM, ids=named)
def test_every_npm_package_has_a_hash_and_npm_itself_too(lock: Path):
    packages = json.loads(lock.read_text())["packages"]
    for path, package in packages.items():
        if path and not package.get("link"):
            assert package["integrity"].startswith("sha512-"), path
        assert "resolved" not in package, path
    manager = json.loads(lock.with_name("package.json").read_text())["packageManager"]
    assert re.fullmatch(r"npm@[\d.]+\+sha512\.[0-9a-f]{128}", manager)


@pytest.mark.parametrize("module", GO, ids=named)
def test_every_go_module_that_is_required_has_a_hash(module: Path):
    text = module.read_text()
    others = dict(re.findall(r"(?m)^(?:replace )?\s*(\S+) => (\S+ v\S+)$", text))
    required = re.findall(r"(?m)^(?:require )?\s*([\w./~-]+\.[\w./~-]+) (v\S+)", text)
    sums = module.with_name("go.sum").read_text()
    assert required
    for name, version in required:
        assert f"\n{others.get(name, f'{name} {version}')}/go.mod h1:" in f"\n{sums}"


@pytest.mark.parametrize("image", sorted({path.relative_to(ROOT).parts[1] for path in MAVEN}))
def test_every_jar_has_a_hash_which_the_build_compares(image: str):
    folder = ROOT / "images" / image
    lines = (folder / "jars.sha256").read_text().splitlines()
    assert lines
    assert all(re.fullmatch(r"[0-9a-f]{64}  [\w./+-]+\.jar", line) for line in lines)
    assert re.search(r"sha256sum \S*\*\.jar \| diff /build/jars\.sha256 -", (folder / "Dockerfile").read_text())


@pytest.mark.parametrize("dockerfile", tracked(r"^Dockerfile$"), ids=named)
def test_an_image_takes_nothing_without_its_hash(dockerfile: Path):
    text = dockerfile.read_text().replace("\\\n", " ")
    for line in text.splitlines():
        assert not re.search(r"pip.* install (?!.*--require-hashes)", line), line
        assert not re.search(r"npm (install|i) ", line), line
        assert not re.search(r"\bgo (get|install)\b|-mod=mod", line), line
        assert not re.search(r"\b(curl|wget) .*https?://(?!127\.0\.0\.1)", line), line
        assert "http" not in line or not line.startswith("ADD"), line
