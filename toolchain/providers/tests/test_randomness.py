"""Random values: as long, as mixed and as hard to guess as asked for."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from toolchain.providers import bcrypt_hash
from toolchain.providers.difference import difference
from toolchain.providers.failures import ProviderError
from toolchain.providers.randomness import IDENTIFIER, PASSWORD, STRING, Randoms
from toolchain.providers.resource import State
from toolchain.providers.schema import ResourceType

_EVERY_CLASS: dict[str, Any] = {"minLower": 2, "minUpper": 2, "minNumeric": 2, "minSpecial": 2}


def _result(*, kind: ResourceType = STRING, **inputs: Any) -> str:
    return str(Randoms(kind).create(inputs).outputs["result"])


def test_a_password_has_its_length_and_no_class_that_is_off() -> None:
    result = _result(kind=PASSWORD, length=200, special=False, upper=False)

    assert len(result) == 200
    assert set(result) <= set("abcdefghijklmnopqrstuvwxyz0123456789")


@pytest.mark.parametrize("_round", range(20))
def test_every_minimum_is_kept(_round: int) -> None:
    result = _result(length=8, **_EVERY_CLASS)

    counts = [sum(map(test, result)) for test in (str.islower, str.isupper, str.isdigit)]
    assert counts == [2, 2, 2]


def test_special_characters_can_be_chosen() -> None:
    only: dict[str, Any] = {"lower": False, "upper": False, "numeric": False}

    assert set(_result(length=200, overrideSpecial="_-", **only)) == {"_", "-"}


def test_no_two_results_are_equal() -> None:
    assert len({_result(length=16) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("inputs", "cause"),
    [
        ({"length": 7, **_EVERY_CLASS}, "length is 7"),
        ({"length": 0}, "length is 0"),
        ({"length": 5, "lower": False, "upper": False, "numeric": False, "special": False}, "all false"),
    ],
)
def test_what_cannot_be_drawn_is_refused(inputs: dict[str, Any], cause: str) -> None:
    with pytest.raises(ProviderError, match=cause):
        _result(**inputs)


def test_the_bcrypt_hash_belongs_to_the_password() -> None:
    outputs = Randoms(PASSWORD).create({"length": 20}).outputs
    hashed = outputs["bcryptHash"].encode()

    assert hashed.startswith(b"$2a$10$")
    assert bcrypt_hash.crypt(outputs["result"].encode(), hashed) == hashed


def test_the_hash_that_the_official_plugin_made_is_understood() -> None:
    official = b"$2a$10$Cx/kfw.S6PS6qw8yyuSK3uGiF72g/xfDnLVYSOHOrfw5n1ZVdaE5."

    assert bcrypt_hash.crypt(b"XcTOp2KXPL453DNH9MSiRj4PJfVGNWjH", official) == official


def test_an_id_writes_the_same_bytes_in_four_ways() -> None:
    made = Randoms(IDENTIFIER).create({"byteLength": 8, "prefix": "p-"})
    drawn = bytes.fromhex(made.outputs["hex"].removeprefix("p-"))

    assert len(drawn) == 8
    assert made.outputs["dec"] == f"p-{int.from_bytes(drawn)}"
    assert made.outputs["b64Std"] == "p-" + base64.b64encode(drawn).decode()
    assert made.outputs["b64Url"] == f"p-{made.identifier}"


@pytest.mark.parametrize("kind", [PASSWORD, STRING, IDENTIFIER])
def test_what_was_drawn_shows_no_difference_and_new_keepers_replace(kind: ResourceType) -> None:
    inputs = {"byteLength": 4} if kind is IDENTIFIER else {"length": 4, "special": False}
    outputs = Randoms(kind).create(inputs).outputs

    assert difference(kind, outputs, inputs).actions == {}
    assert difference(kind, outputs, {**inputs, "keepers": {"a": "1"}}).replaces == ["keepers"]


def test_importing_is_refused() -> None:
    with pytest.raises(ProviderError, match="importing random:index/randomString:RandomString is not supported"):
        Randoms(STRING).read(State("abc", {}, {}))
