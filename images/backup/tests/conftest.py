"""The stand that most tests need."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gate import Stand, stand


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Stand]:
    """A stack that has everything."""
    with stand(tmp_path) as found:
        yield found
