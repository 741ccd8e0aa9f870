"""A folder is told by its files' sums, alike from an archive and from the disk, and swapped whole or not at all."""

import io
import tarfile
from pathlib import Path

import pytest
from backup import exchange, folders, settings
from backup.settings import JobError

HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "below").mkdir()
    (tmp_path / "a1").write_text("hello")
    (tmp_path / "below" / "żółć").write_text("")
    return tmp_path


def test_an_archive_and_the_folder_have_the_same_facts(folder: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path in sorted(folder.rglob("*")):
            archive.add(path, f"/{path.relative_to(folder)}", recursive=False)
    buffer.seek(0)
    facts = folders.sums_of_archive(buffer)
    assert facts == folders.sums_of_folder(folder)
    assert facts["file a1"] == HELLO
    assert (facts["files"], set(facts)) == (2, {"file a1", "file below/żółć", "files"})


def test_an_empty_folder_has_no_files(tmp_path: Path) -> None:
    assert folders.sums_of_folder(tmp_path) == {"files": 0}


def test_a_swap_puts_the_new_files_into_place_and_the_old_ones_aside(folder: Path) -> None:
    (folder / ".restoring").mkdir()
    (folder / ".restoring" / "a1").write_text("new")
    folders.swap(folder)
    assert (folder / "a1").read_text() == "new"
    assert not (folder / "below").exists()
    assert sorted(path.name for path in (folder / ".replaced").iterdir()) == ["a1", "below"]


def test_a_swap_that_fails_in_the_middle_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".restoring").mkdir()
    (folder / ".restoring" / "a1").write_text("new")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.parent.name == ".restoring":
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(JobError, match="a1: Permission denied: the folder was left as it was"):
        folders.swap(folder)
    assert (folder / "a1").read_text() == "hello"
    assert (folder / "below").is_dir()


def test_what_passes_through_the_exchange_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "EXCHANGE", tmp_path)
    (tmp_path / "redis").mkdir()
    (tmp_path / "redis" / "left").write_text("by a job that was killed")
    with pytest.raises(ZeroDivisionError), exchange.passing("redis") as passing:
        assert list(passing.iterdir()) == []
        assert passing.stat().st_mode & 0o777 == 0o777
        (passing / "dump.rdb").write_text("half")
        raise ZeroDivisionError
    assert list((tmp_path / "redis").iterdir()) == []
