"""How long a language model is waited for."""

import anyio
import pytest
from market_research.llm.model import RETRY_AFTER, LlmError
from market_research.llm.patience import within

pytestmark = pytest.mark.anyio


async def test_what_is_done_in_time_is_left_alone() -> None:
    async with within(5):
        await anyio.sleep(0)


async def test_what_takes_too_long_all_together_is_broken_off_with_a_sentence_for_people() -> None:
    done = []
    with pytest.raises(LlmError, match=r"^The language model was not done within 0\.1 seconds\.$") as error:
        async with within(0.1):
            for number in range(3):
                await anyio.sleep(0.07)
                done.append(number)
    assert done == [0]
    assert error.value.retry_after == RETRY_AFTER


async def test_an_error_of_the_model_itself_is_passed_on() -> None:
    with pytest.raises(LlmError, match="busy"):
        async with within(5):
            raise LlmError("http_429", "busy")
