"""What a stack file may say, and what it is told when it may not."""

import json
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from stacks.settings import ServiceSettings, SettingsError, load_settings

ROOT = Path(__file__).resolve().parents[2]
STACK_FILES = sorted(ROOT.glob("Pulumi.*.yaml"))
GOOD = {"free_disk_gb": "4", "services": json.dumps({"api": {"cpus": 1, "memory_mb": 512}})}


def load(**changes: str):
    values = {f"shop:{key}": value for key, value in {**GOOD, **changes}.items()}
    return load_settings({**values, "docker:host": "elsewhere"}, project="shop", stack="dev")


def refusal(**changes: str) -> str:
    with pytest.raises(SettingsError) as refused:
        load(**changes)
    return str(refused.value)


def api(**settings: object) -> str:
    return json.dumps({"api": {"cpus": 1, "memory_mb": 512, **settings}})


def test_settings_of_other_namespaces_are_none_of_ours():
    assert load().services["api"].memory_mb == 512


def test_an_unknown_key_is_refused_by_file_and_key_with_the_known_ones():
    assert refusal(limts="{}") == (
        "Pulumi.dev.yaml: shop:limts: unknown key; "
        "allowed are backup, bind_address, edge, free_disk_gb, hot_reload, llm, monitoring, services"
    )


def test_an_unknown_key_of_a_service_is_refused_with_the_known_ones():
    message = refusal(services=api(memory=512))
    assert message.startswith(
        "Pulumi.dev.yaml: shop:services.api.memory: unknown key; allowed are cpus, image, memory_mb"
    )


def test_a_misspelled_key_comes_before_what_it_leaves_missing_with_the_one_that_is_alike():
    with pytest.raises(SettingsError) as refused:
        load_settings({"shop:servics": api()}, project="shop", stack="dev")
    first, *_, last = str(refused.value).splitlines()
    assert first.startswith("Pulumi.dev.yaml: shop:servics: unknown key; allowed are ")
    assert first.endswith("services (is services meant?)")
    assert last.endswith(": missing; add it to the file")


@pytest.mark.parametrize("wrong", ["2GB", "512 MB", True])
def test_an_amount_with_its_unit_is_refused_with_the_unit_that_is_meant(wrong: object):
    message = refusal(services=api(memory_mb=wrong))
    assert message.startswith("Pulumi.dev.yaml: shop:services.api.memory_mb: Input should be a valid integer")
    assert message.endswith(": MB, without the unit")


def test_a_language_model_is_an_endpoint_with_a_model():
    llm = load(llm=json.dumps({"url": "https://llm.example/v1", "model": "small"})).llm
    assert llm
    assert (llm.url, llm.model, llm.embedding_model) == ("https://llm.example/v1", "small", None)


@pytest.mark.parametrize(
    "wrong", ["llm.example/v1", "https://user:pass@llm.example/v1", "https://llm.example/v1?key=x", ""]
)
def test_the_endpoint_is_an_address_without_anything_secret(wrong: str):
    message = refusal(llm=json.dumps({"url": wrong, "model": "small"}))
    assert message == (
        "Pulumi.dev.yaml: shop:llm.url: write https://<host>/<path>, without a user, a password or a query"
    )


def test_an_unknown_key_of_the_language_model_is_refused_with_the_known_ones():
    message = refusal(llm=json.dumps({"url": "https://llm.example", "model": "small", "api_key": "hush"}))
    assert message == (
        "Pulumi.dev.yaml: shop:llm.api_key: unknown key; allowed are embedding_model, model, private, url"
    )


@pytest.mark.parametrize("host", ["10.0.0.5:8000", "127.0.0.1", "169.254.169.254", "[fd00::1]"])
def test_a_language_model_at_an_address_that_is_not_public_has_to_be_called_private(host):
    wanted = {"url": f"http://{host}/v1", "model": "small"}
    assert "is no public address; add `private: true`" in refusal(llm=json.dumps(wanted))
    assert load(llm=json.dumps({**wanted, "private": True})).llm


def test_a_secret_of_the_stack_is_no_setting():
    assert load(llm_api_key="hush").llm is None


@pytest.mark.parametrize("wrong", ["512", "lots", None, 512.5, True, 0, -1])
def test_memory_is_a_positive_whole_number(wrong: object):
    assert "Pulumi.dev.yaml: shop:services.api.memory_mb: " in refusal(services=api(memory_mb=wrong))


@pytest.mark.parametrize("wrong", ["1", 0, -0.5])
def test_cpus_are_a_positive_number(wrong: object):
    assert "Pulumi.dev.yaml: shop:services.api.cpus: " in refusal(services=api(cpus=wrong))


@pytest.mark.parametrize("wrong", [0, 65536, "http"])
def test_a_port_is_a_port(wrong: object):
    assert "Pulumi.dev.yaml: shop:services.api.port: " in refusal(services=api(port=wrong))


def test_a_bind_address_is_an_address():
    assert "Pulumi.dev.yaml: shop:bind_address: " in refusal(bind_address="everywhere")


def test_a_missing_key_is_named():
    assert refusal(services=json.dumps({"api": {"cpus": 1}})) == (
        "Pulumi.dev.yaml: shop:services.api.memory_mb: missing; add it to the file"
    )


def test_every_mistake_is_told_at_once():
    assert len(refusal(limts="{}", free_disk_gb="much").splitlines()) == 2


def test_an_error_does_not_repeat_the_value():
    assert "hunter2" not in refusal(services=api(cpus="hunter2"))


@pytest.mark.parametrize(("address", "public"), [("127.0.0.1", False), ("127.0.1.1", False), ("0.0.0.0", True)])
def test_only_loopback_is_not_public(address: str, public: bool):
    assert load(bind_address=address).is_public is public


def test_settings_cannot_be_changed():
    with pytest.raises(ValidationError):
        ServiceSettings(cpus=1, memory_mb=1).cpus = 2  # type: ignore[misc]


@pytest.mark.parametrize("file", STACK_FILES, ids=lambda file: file.name)
def test_every_stack_file_of_the_project_is_valid(file: Path):
    content = yaml.safe_load(file.read_text())
    # As Pulumi hands it over: `pulumi config set` leaves text where a person would write a number.
    values = {key: value if isinstance(value, str) else json.dumps(value) for key, value in content["config"].items()}
    assert load_settings(values, project="market-research", stack=file.name.split(".")[1]).services


@pytest.mark.parametrize(
    ("edge", "reason"),
    [
        ({"rate_limit": -1}, "edge.rate_limit: Input should be greater than or equal to 0"),
        ({"login_rate_limit": -1}, "edge.login_rate_limit: Input should be greater than or equal to 0"),
        ({"https_port": 70000}, "edge.https_port: Input should be less than or equal to 65535"),
        ({"hostname": "research test"}, "edge.hostname: String should match pattern"),
        (
            {"certificate": "x"},
            "edge.certificate: unknown key; allowed are hostname, https_port, login_rate_limit, rate_limit",
        ),
    ],
)
def test_a_mistake_in_the_edges_settings_is_refused_by_file_and_key(edge: dict[str, object], reason: str):
    assert refusal(edge=json.dumps(edge)).startswith(f"Pulumi.dev.yaml: shop:{reason}")
