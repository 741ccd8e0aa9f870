"""The API answers whatever it is asked as its own document says: made-up requests, right and wrong ones."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import SearchStrategy, one_of
from schemathesis import Case, GenerationMode
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation, BaseSchema

from images.tests.api_members import Member, first_member, furnish
from images.tests.api_stand import Api, Stand

Operation = APIOperation[Any, Any, Any, Any]
SECONDS = 20  # for one answer: a stream of events has to end by itself
EXAMPLES = 40
AS_DOCUMENTED = schemathesis.Config.from_dict(
    {
        "checks": {
            "enabled": False,
            "not_a_server_error": {"enabled": True},
            "status_code_conformance": {"enabled": True},
            "content_type_conformance": {"enabled": True},
            "response_headers_conformance": {"enabled": True},
            "response_schema_conformance": {"enabled": True},
        }
    }
)
# The same requests in every run; how long one takes is no matter here.
made_up = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def api(full_stand: Stand) -> Iterator[Api]:
    """The API with all its stores."""
    with full_stand.api() as api:
        api.wait_for(code=200, neo4j="up")
        yield api


@pytest.fixture(scope="module")
def host(api: Api) -> Member:
    """Who invites all others."""
    return first_member(api)


@pytest.fixture(scope="module")
def document(api: Api) -> BaseSchema:
    """What the API says of itself."""
    return schemathesis.openapi.from_url(f"{api.url}/api/openapi.json", config=AS_DOCUMENTED)


def test_whatever_is_asked_is_answered_as_documented(
    document: BaseSchema, host: Member, subtests: pytest.Subtests
) -> None:
    ask_all(document, host, subtests, {})


def test_questions_about_what_is_there_are_answered_as_documented(
    document: BaseSchema, host: Member, subtests: pytest.Subtests
) -> None:
    ask_all(document.include(path_regex="{").exclude(method="DELETE"), host, subtests, furnish(host))


def ask_all(document: BaseSchema, host: Member, subtests: pytest.Subtests, known: Mapping[str, str]) -> None:
    """Put made-up requests to every operation, about known things where its path names them; tell the codes."""
    codes: Counter[str] = Counter()
    for found in document.get_all_operations():
        assert isinstance(found, Ok), f"the document must say what one can ask: {found.err()}"
        operation = found.ok()
        with subtests.test(operation.label):
            # Of their own: one operation logs out, another deletes the account.
            codes.update(f"{code} {operation.label}" for code in ask(operation, host.invite(), known))
    print(f"\n{codes.total()} requests", *sorted(codes.items()), sep="\n  ")  # noqa: T201 - the figures of the run


def ask(operation: Operation, member: Member, known: Mapping[str, str]) -> list[int]:
    """The codes of the answers to made-up requests, each of which was as documented."""
    codes: list[int] = []

    @made_up
    @given(case=requests_to(operation))
    def answered_as_documented(case: Case[Operation]) -> None:
        case.path_parameters.update({name: known[name] for name in case.path_parameters.keys() & known})
        codes.append(case.call_and_validate(session=member.http, timeout=SECONDS).status_code)

    answered_as_documented()
    return codes


def requests_to(operation: Operation) -> SearchStrategy[Case[Operation]]:
    """Requests as the document wants them, and others where anything can be wrong with them."""
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if not (operation.body or list(operation.iter_parameters())):
        return right
    return one_of(right, operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
