"""Questions of tools answered by keys that are typed into a real terminal."""

import shutil
from pathlib import Path

import pytest

from tests.fake import Fake
from tests.terminal.tmux import Terminal, program

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="a real terminal needs tmux"),
]


def approve(fake: Fake, home: Path, times: int) -> None:
    """Answer so many questions, each by its own key, and see that each call was made once it was allowed."""
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "settings.toml").write_text("[tools]\nrounds = 100\n[store]\ntitles = false\n")
    model = f"calls:find_files,argument=pattern,with=number-,times={times}"
    env = {"CHATMODES_HOME": str(home)}
    line = (program(), "--base-url", fake.url, "--model", model, "--tool", "find_files")
    with Terminal(*line, env=env, size=(100, 40)) as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("Look for them all")
        for at in range(1, times + 1):
            terminal.sees(f'"number-{at}"', "Press a letter")
            terminal.press("y")
            terminal.gone(f'"number-{at}"')
        terminal.sees(f"Called {times} times.", "✓ find_files")
        terminal.press("C-q")
        terminal.sees("left with 0")
    results = str(fake.requests[-1].fields["messages"])
    assert results.count("No file fits.") == times


def test_questions_are_answered_by_typed_keys(fake: Fake, home: Path) -> None:
    approve(fake, home, 4)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_questions_are_answered_by_typed_keys(fake: Fake, home: Path) -> None:
    approve(fake, home, 100)
