import sys

import pytest

from bench.__main__ import main


@pytest.mark.parametrize("options", ["--users 401", "--users 0", "--seconds 601", "--seconds 0"])
def test_load_is_bounded_in_users_and_time(
    options: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["bench", "--stack", "nowhere", *options.split()])
    with pytest.raises(SystemExit):
        main()
    assert "at most 400 users and 600 seconds" in capsys.readouterr().err
