from pathlib import Path

import pytest

from bench.deploys.source import PACKAGE, Source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    package = tmp_path / "original" / PACKAGE
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "__main__.py").write_text("serve()\n")
    return Source.copied(tmp_path / "original", tmp_path / "copy")


def test_a_mark_changes_the_copy_alone(source: Source, tmp_path: Path) -> None:
    source.mark("one")
    assert "MARK = 'one'" in (source.folder / PACKAGE / "__init__.py").read_text()
    assert (tmp_path / "original" / PACKAGE / "__init__.py").read_text() == ""


def test_what_is_mended_is_as_it_was(source: Source) -> None:
    start = source.folder / PACKAGE / "__main__.py"
    source.damage()
    assert start.read_text().startswith("raise SystemExit")
    source.mend()
    assert start.read_text() == "serve()\n"
