"""Who listens on every address of this host."""

from pathlib import Path

import pytest

from operations.listeners import listeners_on_every_address

HEADING = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"


def row(address: str, port: int, state: str, inode: int) -> str:
    return (
        f"   0: {address}:{port:04X} 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  0  0 {inode} 1 x\n"
    )


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    (tmp_path / "net").mkdir()
    rows = [
        row("00000000", 22, "0A", 100),
        row("00000000", 8080, "0A", 101),
        row("0100007F", 5432, "0A", 102),
        row("00000000", 9999, "01", 103),
    ]
    (tmp_path / "net" / "tcp").write_text(HEADING + "".join(rows))
    (tmp_path / "net" / "tcp6").write_text(HEADING + row("0" * 32, 3000, "0A", 104))
    (tmp_path / "7" / "fd").mkdir(parents=True)
    (tmp_path / "7" / "fd" / "3").symlink_to("socket:[100]")
    (tmp_path / "7" / "comm").write_text("sshd\n")
    return tmp_path


def test_only_listeners_on_every_address_count_and_who_is_told_where_it_may_be_known(proc: Path):
    assert listeners_on_every_address(but={8080}, proc=proc) == {22: "sshd", 3000: ""}


def test_a_system_without_such_a_list_has_none_to_tell(tmp_path: Path):
    assert listeners_on_every_address(but=(), proc=tmp_path) == {}
