"""A folder is told by its files' sums, alike from an archive and from the disk, and swapped whole or not at all."""

import io
import tarfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from backup import exchange, folders, repository, restore, settings
from backup.results import Result
from backup.settings import JobError, Request, StoppedError

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
    assert sorted(path.name for path in folder.iterdir()) == ["a1"]


def test_a_swap_that_fails_in_the_middle_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".restoring").mkdir()
    (folder / ".restoring" / "a1").write_text("new")
    rename = Path.rename

    def failing(self: Path, target: Path) -> Path:
        if self.parent.name == ".restored":
            raise PermissionError(13, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(JobError, match="a1: Permission denied: the folder was left as it was"):
        folders.swap(folder)
    assert (folder / "a1").read_text() == "hello"
    assert (folder / "below").is_dir()


OLD = {"a1": "hello", "below/żółć": "", "b2": "old"}
NEW = {"a1": "new", "c3": "new", "d4/e": "new"}


def laid(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def laid_folder(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def found(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def kill_after(renames: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From so many renames on every one more fails: nothing follows a SIGKILL."""
    left, rename = iter(range(renames)), Path.rename

    def killed(path: Path, target: Path) -> Path:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", killed)


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    laid(folder, OLD)
    laid(folder / ".restoring", NEW)
    return folder


@pytest.mark.parametrize("renames", range(8))
def test_a_swap_that_was_killed_at_any_rename_is_finished_or_undone_by_the_next_run(
    begun: Path, renames: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        kill_after(renames, patched)
        with suppress(KeyboardInterrupt):
            folders.swap(begun)
    with monkeypatch.context() as patched:
        # The one that mends is killed, too.
        kill_after(1, patched)
        with suppress(KeyboardInterrupt):
            folders.mend(begun)
    folders.mend(begun)
    # Three that served go, the folder is renamed, three come.
    assert found(begun) == (OLD if renames <= 3 else NEW)
    assert not any(path.name.startswith(".") for path in begun.iterdir())


def test_a_swap_that_is_told_to_stop_leaves_everything_as_it_was(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stops, rename = iter(range(5)), Path.rename

    def stopping(path: Path, target: Path) -> Path:
        if next(stops, None) == 4:
            raise StoppedError("it was told to stop before it had ended")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stopping)
    with pytest.raises(StoppedError):
        folders.swap(begun)
    assert found(begun) == OLD | {f".restoring/{name}": text for name, text in NEW.items()}


@pytest.mark.parametrize(
    ("lying", "left"),
    [
        ({".replaced/a1": "hello", ".restoring/a1": "new", "b2": "old"}, {"a1": "hello", "b2": "old"}),
        ({".replaced/a1": "hello", "a1": "new"}, {"a1": "new"}),
        ({".restoring/a1": "half", "a1": "hello"}, {"a1": "hello"}),
    ],
)
def test_what_a_killed_restore_left_is_told_by_which_folders_there_are(
    tmp_path: Path, lying: Mapping[str, str], left: Mapping[str, str]
) -> None:
    laid(tmp_path, lying)
    folders.mend(tmp_path)
    assert found(tmp_path) == left


def test_a_restore_mends_what_a_killed_one_left_before_it_does_anything(
    begun: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (begun / ".restoring").rename(begun / ".restored")
    for name in ("a1", "b2", "below"):
        (begun / name).rename(laid_folder(begun / ".replaced") / name)

    def away() -> None:
        raise JobError("the repository is away")

    monkeypatch.setattr(settings, "FILES", begun)
    monkeypatch.setattr(repository, "alone", away)
    with pytest.raises(JobError, match="is away"):
        restore.files(Request(), Result("restore-files", "now"))
    assert found(begun) == NEW


def test_half_swapped_uploads_are_not_backed_up(begun: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (begun / ".replaced").mkdir()
    monkeypatch.setattr(settings, "FILES", begun)
    with pytest.raises(JobError, match=r"a restore was killed .*`research restore --service files"):
        folders.files_job(Request(), Result("files", "now"))


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
