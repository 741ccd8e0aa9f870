"""Each rule with resources that break it, and with such that comply."""

from typing import Any

import pytest

from policy import checks
from policy.resource import UNKNOWN, Resource, Stack, ruled
from policy.rules import RULES
from policy.tests.resources import GOOD, SOCKET, container, told

EVALUATION = Stack("dev", for_evaluation=True)
JOB = {"mustRun": False, "restart": "no", "healthcheck": None}


def edge(*others: int, **inputs: Any) -> dict[str, Any]:
    """HTTPS, the HTTP that leads there, and ports that are neither."""
    pairs = ((8080, 80), (8443, 443), *zip(others, others, strict=True))
    ports = [{"internal": internal, "external": external, "ip": "0.0.0.0"} for internal, external in pairs]
    return {"ports": ports, "envs": ["HTTPS_PORT=443"], **inputs}


def public(address: str | None, *envs: str) -> dict[str, Any]:
    return {"ports": [{"internal": 8443, "external": 443, "ip": address}], "envs": list(envs)}


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("limits", {"memory": None}, "memory has no limit"),
    ("limits", {"memory": 0}, "memory has no limit"),
    ("limits", {"memorySwap": -1}, "memorySwap is not its memory"),
    ("limits", {"cpus": None}, "cpus has no limit"),
    ("health-check", {"healthcheck": None}, "it has no healthcheck"),
    ("health-check", {"healthcheck": {"tests": ["NONE"]}}, "it has no healthcheck"),
    ("health-check", {"healthcheck": None, "restart": "no"}, "it has no healthcheck"),
    ("non-root", {"user": None}, "user is that of its image"),
    ("non-root", {"user": "0:0"}, "user is 0:0"),
    ("non-root", {"user": "999:0"}, "user is 999:0"),
    ("non-root", {"user": "redis"}, "user is redis"),
    ("read-only", {"readOnly": None}, "readOnly is not true"),
    ("privileges", {"privileged": True}, "it is privileged"),
    ("privileges", {"capabilities": {"adds": ["NET_ADMIN"], "drops": ["ALL"]}}, "capabilities adds NET_ADMIN"),
    ("privileges", {"capabilities": UNKNOWN}, "capabilities does not drop ALL"),
    ("privileges", {"securityOpts": []}, "securityOpts lacks no-new-privileges:true"),
    (
        "privileges",
        {"securityOpts": ["no-new-privileges:true", "seccomp=unconfined"]},
        "securityOpts has seccomp=unconfined",
    ),
    (
        "privileges",
        {"securityOpts": ["no-new-privileges:true", 'seccomp={"defaultAction":"SCMP_ACT_ALLOW"}']},
        'securityOpts has seccomp={"defaultAction":"SCMP_ACT_ALLOW"}',
    ),
    ("privileges", {"securityOpts": UNKNOWN}, "securityOpts lacks no-new-privileges:true"),
    ("privileges", {"networkMode": "host"}, "networkMode is host"),
    ("privileges", {"networkMode": "container:0123"}, "networkMode is container:0123"),
    ("privileges", {"pidMode": "container:0123"}, "pidMode is container:0123"),
    ("privileges", {"pidMode": UNKNOWN}, "pidMode is not known yet"),
    ("privileges", {"groupAdds": ["0"]}, "groupAdds is 0"),
    ("privileges", {"groupAdds": UNKNOWN}, "groupAdds is not known yet"),
    (
        "privileges",
        {"securityOpts": ["no-new-privileges:true", "no-new-privileges:false"]},
        "securityOpts has no-new-privileges:false",
    ),
    ("privileges", {"cgroupnsMode": "host"}, "cgroupnsMode is host"),
    ("privileges", {"devices": [{"hostPath": "/dev/kvm"}]}, "it gets devices of the host"),
    ("privileges", {"gpus": "all"}, "it gets gpus of the host"),
    ("privileges", {"deviceRequests": [{"driver": "nvidia", "count": -1}]}, "it gets deviceRequests of the host"),
    ("host-paths", {"mounts": [{"type": "bind", "source": "/", "target": "/host"}]}, "it sees / of the host"),
    ("host-paths", {"mounts": [SOCKET]}, "it sees /var/run/docker.sock of the host"),
    ("host-paths", {"mounts": UNKNOWN}, "it sees a path of the host"),
    (
        "host-paths",
        {"mounts": [{"type": "volume", "source": "v", "volumeOptions": {"driverOptions": {"device": "/"}}}]},
        "it sees v of the host",
    ),
    ("host-paths", {"volumes": [{"hostPath": "/etc", "containerPath": "/a"}]}, "it sees /etc of the host"),
    ("host-paths", {"volumes": [{"volumeName": "/srv", "containerPath": "/a"}]}, "it sees /srv of the host"),
    ("host-paths", {"volumes": UNKNOWN}, "it sees a path of the host"),
    ("host-paths", {"volumes": [{"fromContainer": "engine"}]}, "it sees what container engine sees"),
    ("host-paths", {"volumes": [{"containerPath": "/data"}]}, "it mounts a volume without a name at /data"),
    (
        "host-paths",
        {"mounts": [{"type": "volume", "target": "/data"}]},
        "it mounts a volume without a name at /data",
    ),
    ("public-bind", {"publishAllPorts": True}, "publishAllPorts has every port of its image listen on every address"),
    ("public-bind", edge(publishAllPorts=True), "publishAllPorts has every port of its image listen on every"),
    ("public-bind", edge(8404), "port 8404 listens on 0.0.0.0 without TLS"),
    ("public-bind", edge(5432), "port 5432 listens on 0.0.0.0 without TLS"),
    ("public-bind", public("0.0.0.0"), "port 443 listens on 0.0.0.0 without TLS"),
    ("public-bind", public("192.0.2.1", "HTTPS_PORT=8443"), "port 443 listens on 192.0.2.1 without TLS"),
    ("public-bind", public(None), "port 443 listens on every address without TLS"),
    ("public-bind", {"ports": UNKNOWN, "envs": ["HTTPS_PORT="]}, "port 0 listens on every address without TLS"),
    ("no-latest", {"image": "redis"}, "its image redis is whatever is newest"),
    ("no-latest", {"image": "registry:5000/redis"}, "its image registry:5000/redis is whatever is newest"),
    ("no-latest", {"image": "redis:latest"}, "its image redis:latest is whatever is newest"),
    ("no-wildcard", {"envs": ["ALLOWED_HOSTS=*"]}, "ALLOWED_HOSTS=* allows everything"),
    ("no-wildcard", {"envs": ["TRUSTED=10.0.0.1,0.0.0.0/0"]}, "TRUSTED=10.0.0.1,0.0.0.0/0 allows everything"),
    ("no-wildcard", {"envs": ["HOSTS=a.example, *"]}, "HOSTS=a.example, * allows everything"),
    ("no-wildcard", {"envs": ["HOSTS=a.example *"]}, "HOSTS=a.example * allows everything"),
    ("no-wildcard", {"envs": ['ORIGINS=["*"]']}, 'ORIGINS=["*"] allows everything'),
    ("no-wildcard", {"envs": ['ORIGINS=["a", "*"]']}, 'ORIGINS=["a", "*"] allows everything'),
    ("no-wildcard", {"envs": ["CORS_ORIGINS=https://*"]}, "CORS_ORIGINS=https://* allows everything"),
    ("no-wildcard", {"envs": ["CORS_ORIGINS=https://*:443/"]}, "CORS_ORIGINS=https://*:443/ allows everything"),
    ("no-wildcard", {"command": ["serve", "--origins=*"]}, "--origins=* allows everything"),
    ("no-wildcard", {"entrypoints": ["serve", "--allowed-hosts=*"]}, "--allowed-hosts=* allows everything"),
]


@pytest.mark.parametrize(("rule", "inputs", "wrong"), BAD, ids=[wrong for *_, wrong in BAD])
def test_a_container_that_breaks_a_rule_is_told_once(rule: str, inputs: dict[str, Any], wrong: str):
    (sentence,) = told(container(**inputs))
    assert sentence.startswith(f"container web: {wrong}")
    assert f". Rule {rule}: " in sentence
    assert ". Way out: " in sentence


def test_every_rule_has_a_bad_resource():
    assert {rule.name for rule in RULES} - {rule for rule, *_ in BAD} == {"retain", "known-kind"}


@pytest.mark.parametrize(
    "kind", ["docker:index/service:Service", "docker:index/image:Image", "docker-build:index:Index"]
)
def test_what_no_rule_is_about_is_refused(kind: str):
    (sentence,) = told(Resource(str(ruled(kind)), "web", GOOD))
    assert sentence.startswith(f"{kind.rpartition(':')[2].lower()} web: it is a {kind}. Rule known-kind: ")


def test_what_is_not_dockers_is_left_alone():
    assert ruled("random:index/randomPassword:RandomPassword") is None


@pytest.mark.parametrize(
    "inputs",
    [
        {},
        JOB,
        {"image": UNKNOWN},
        {"image": "registry:5000/redis:7.4@sha256:0123"},
        {"command": ["sh", "-c", "ls *"]},
        {"envs": ["ORIGINS=https://*.example.com"]},
        {"networkMode": "none"},
        public("0.0.0.0", "HTTPS_PORT=443"),
        edge(),
        public("::1"),
        {"volumes": [{"volumeName": UNKNOWN, "containerPath": "/data"}], "mounts": [{"type": "tmpfs", "target": "/t"}]},
    ],
    ids=[
        "a service",
        "a job",
        "an image not built yet",
        "a digest",
        "a shell's star",
        "a part of a name",
        "no network",
        "TLS",
        "HTTP that leads to it",
        "loopback",
        "a volume",
    ],
)
def test_what_complies_is_not_told_of(inputs: dict[str, Any]):
    assert told(container(**inputs)) == []


def test_under_the_published_passphrase_tls_does_not_help():
    (sentence,) = told(container(**public("0.0.0.0", "HTTPS_PORT=443")), EVALUATION)
    assert "port 443 listens on 0.0.0.0 while the stack's secrets are under the published passphrase" in sentence


def test_a_volume_that_is_not_retained_is_told():
    (sentence,) = told(Resource("Volume", "postgres-data", {}, retained=False))
    assert sentence.startswith("volume postgres-data: it is not retained")
    assert told(Resource("Volume", "postgres-data", {}, retained=True)) == []


def test_an_image_that_is_built_without_a_tag_of_its_own_is_told():
    (sentence,) = told(Resource("Image", "api", {"tags": ["market-research/api:latest"]}))
    assert sentence.startswith("image api: its image market-research/api:latest is whatever is newest")


def test_a_volume_that_lies_elsewhere_is_told():
    (sentence,) = told(Resource("Volume", "data", {"driverOpts": {"type": "none", "device": "/"}}, retained=True))
    assert sentence.startswith("volume data: driverOpts says where it lies. Rule host-paths: ")


def test_an_image_that_is_about_to_be_built_is_left_out_of_a_preview_and_is_no_latest():
    container = Resource("Container", "api", {})
    assert not list(checks.fixed_tag(container, Stack("dev", for_evaluation=False)))
