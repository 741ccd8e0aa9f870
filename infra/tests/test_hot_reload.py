"""A stack with hot reload: what its containers see of the checkout, and what it is refused with."""

import shutil
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pulumi
import pytest

from infra import hot_reload
from infra.market_research import SERVICES
from infra.tests.conftest import ROOMY, SETTINGS, WITH_EDGE, Declared, Deploy, FakeEngine, declare

SOURCES = {service.name: service.source for service in SERVICES if service.source}


@pytest.fixture(scope="module")
def reloading() -> Declared:
    return declare(FakeEngine(ROOMY), {"hot_reload": True}, exit_code=0, preview=False)


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources that may be changed."""
    for name, source in SOURCES.items():
        shutil.copytree(source.at(name), tmp_path / name / source.folder)
    monkeypatch.setattr(hot_reload, "IMAGES", tmp_path)
    return tmp_path


def with_service(name: str, **change: Any) -> dict[str, Any]:
    return {**SETTINGS["services"], name: {**SETTINGS["services"][name], **change}}


def refusal(deploy: Deploy, **settings: Any) -> str:
    with pytest.raises(pulumi.RunError) as refused:
        deploy(hot_reload=True, **settings)
    return str(refused.value)


def test_the_source_is_seen_read_only_by_what_runs_it_and_by_nothing_else(reloading: Declared):
    mounts = {name: it["mounts"] for name, it in reloading.containers().items() if it.get("mounts")}
    api = {"source": str(hot_reload.IMAGES / "api/market_research"), "target": "/app/market_research"}
    frontend = {"source": str(hot_reload.IMAGES / "frontend/src"), "target": "/app/src"}
    bound = {"type": "bind", "readOnly": True}
    assert mounts == {"api": [api | bound], "migration": [api | bound], "frontend": [frontend | bound]}


def test_without_the_setting_nothing_of_the_checkout_is_seen(declared: Declared):
    assert not [name for name, it in declared.of("Container").items() if it.get("mounts")]
    assert not [name for name, it in declared.of("Image").items() if it.get("target")]


def test_the_images_of_what_reloads_are_built_without_source(reloading: Declared):
    built = {name: (it["dockerfile"]["location"], it.get("target")) for name, it in reloading.of("Image").items()}
    dev = {name: (f"../images/{name}/dev.Dockerfile", "dev") for name in SOURCES}
    assert built == dev | {name: (f"../images/{name}/Dockerfile", None) for name in built.keys() - dev.keys()}


@pytest.mark.parametrize("name", SOURCES)
def test_their_recipe_is_that_of_the_image_with_source_which_it_ignores(name: str):
    recipe = hot_reload.IMAGES / name / "dev.Dockerfile"
    assert recipe.readlink() == Path("Dockerfile")
    taken = recipe.with_name("dev.Dockerfile.dockerignore").read_text().splitlines()
    assert taken[0] == "*"
    assert f"!{SOURCES[name].folder}" not in taken


def test_everything_but_the_source_is_as_it_was(reloading: Declared, declared: Declared):
    own = {"api": {"mounts", "envs"}, "migration": {"mounts", "envs"}, "frontend": {"mounts", "command"}}
    for name, before in declared.containers().items():
        after = reloading.containers()[name]
        assert {key for key in after | before if after.get(key) != before.get(key)} == own.get(name, set()), name


def test_the_api_reloads_in_one_process_and_without_draining(deploy: Deploy):
    envs = deploy(hot_reload=True, services=with_service("api", cpus=4, memory_mb=2048)).containers()["api"]["envs"]
    assert {"HOT_RELOAD=true", "WORKERS=1", "DRAIN_SECONDS=0"} <= set(envs)


def test_a_changed_migration_runs_again_and_the_api_stays(deploy: Deploy, copied: Path):
    before = deploy(hot_reload=True).containers()
    (copied / "api/market_research/migrations/versions/9999_more.py").write_text("revision = '9999'\n")
    after = deploy(hot_reload=True).containers()
    assert {name for name in after if after[name] != before[name]} == {"migration"}


def test_other_changed_source_changes_nothing(deploy: Deploy, copied: Path):
    before = deploy(hot_reload=True).inputs
    (copied / "api/market_research/routes.py").write_text("changed = True\n")
    (copied / "frontend/src/App.tsx").write_text("changed")
    (copied / "frontend/src/.#App.tsx").symlink_to("somebody@somewhere")
    assert deploy(hot_reload=True).inputs == before


def test_an_engine_elsewhere_is_refused(deploy: Deploy, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("DOCKER_HOST", "tcp://192.0.2.1:2376")
    assert refusal(deploy).startswith("Pulumi.dev.yaml: hot_reload: the engine of DOCKER_HOST cannot mount")


def test_a_public_address_is_refused(deploy: Deploy, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "of my own")
    message = refusal(deploy, bind_address=IPv4Address("0.0.0.0"))
    assert "hot_reload: a dev server is for this machine alone; remove it, or bind_address 0.0.0.0" in message


@pytest.mark.parametrize("name", SOURCES)
def test_an_image_with_source_of_its_own_is_refused(deploy: Deploy, name: str):
    message = refusal(deploy, services=with_service(name, image="elsewhere:1"))
    assert message == f"Pulumi.dev.yaml: hot_reload: services.{name}.image has its own source; remove it, or hot_reload"


def test_an_edge_is_refused(deploy: Deploy):
    assert "remove it, or services.edge" in refusal(deploy, **WITH_EDGE)


@pytest.mark.parametrize("name", SOURCES)
def test_memory_that_what_reloads_does_not_fit_in_is_refused_with_what_does(deploy: Deploy, name: str):
    least = SOURCES[name].minimum_memory_mb
    message = refusal(deploy, services=with_service(name, memory_mb=least - 1))
    assert f"services.{name}.memory_mb: {least - 1} is too little to reload in; with hot_reload it needs" in message
    assert deploy(hot_reload=True, services=with_service(name, memory_mb=least)).containers()


def test_source_that_the_containers_user_cannot_read_is_refused_with_the_command_that_opens_it(
    deploy: Deploy, copied: Path
):
    closed = copied / "frontend/src/App.tsx"
    closed.chmod(0o640)
    message = refusal(deploy)
    assert str(closed.relative_to(copied.parent)) in message
    assert f"`chmod -R o+rX {closed.parent.relative_to(copied.parent)}`" in message
