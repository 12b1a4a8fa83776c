"""The last choices, kept without being told to and lost without harm."""

from pathlib import Path

import pytest

from chatmodes.settings.remembered import Recalled, Remembered, forget, recall, remember, state_file


def test_choices_are_kept_one_by_one(home: Path) -> None:
    assert recall() == Recalled(Remembered())
    remember(mode="thinking", sizes={"sidebar": 30})
    remember(theme="nord", sizes={"agents": 12})
    assert recall().choices == Remembered(mode="thinking", theme="nord", sizes={"sidebar": 30, "agents": 12})
    assert state_file().is_relative_to(home / "data")
    assert (state_file().stat().st_mode & 0o777, state_file().parent.stat().st_mode & 0o777) == (0o600, 0o700)
    forget()
    forget()
    assert recall() == Recalled(Remembered())


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"\xff\xfe", b"[1]", b'{"mode": 3}', b'{"mode": "\xff"}', b"[" * 50_000, b" " * 200_000],
)
def test_a_damaged_file_is_a_note_and_no_obstacle(home: Path, damage: bytes) -> None:
    remember(mode="auto")
    state_file().write_bytes(damage)
    choices, problem = recall()
    assert choices == Remembered()
    assert str(state_file()) in problem
    assert problem.endswith("the last choices are forgotten.") or problem.endswith("The last choices are forgotten.")
    remember(mode="thinking")
    assert recall() == Recalled(Remembered(mode="thinking"))


def test_what_a_newer_version_keeps_is_passed_over(home: Path) -> None:
    state_file().parent.mkdir()
    state_file().write_text('{"mode": "auto", "colour": {"hue": 1}}')
    assert recall() == Recalled(Remembered(mode="auto"))
