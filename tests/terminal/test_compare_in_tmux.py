"""A comparison in a real terminal against the loopback server: faults in some columns, a pick, the way back."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fake import Fake
from tests.terminal.tmux import Terminal, program

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="a real terminal needs tmux"),
]


def chat(fake: Fake, home: Path, model: str, size: tuple[int, int] = (150, 36)) -> Terminal:
    command = (program(), "--base-url", fake.url, "--model", model)
    return Terminal(*command, env={"CHATMODES_HOME": str(home)}, size=size)


def add(terminal: Terminal, model: str) -> None:
    terminal.press("a")
    terminal.sees("which mode?")
    terminal.type("instant")
    terminal.press("Enter")
    terminal.sees("Choose a model")
    terminal.type(model)
    terminal.sees("as typed")
    terminal.press("Enter")
    terminal.sees(model.split(":")[0].split(",")[0])


def test_one_column_failing_and_one_hanging_leave_the_others_live_and_a_pick_goes_on(fake: Fake, home: Path) -> None:
    with chat(fake, home, "say:ANSWER: 4") as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("/compare What is 2+2?")
        terminal.sees("Instant · endpoint/say", "Contemplating", "of 5 agents", "Esc back to the chat")
        add(terminal, "endpoint/hang")
        terminal.sees("Esc stops 1 run")
        terminal.press("x")
        terminal.sees("Esc back to the chat")
        add(terminal, "endpoint/fault:401")
        terminal.sees("✗")
        terminal.press("x", "p")
        terminal.sees("Which answer is the best?")
        terminal.press("Enter")
        terminal.sees("Ctrl+P commands", "What is 2+2?", "ANSWER: 4")
        terminal.press("C-q")
        terminal.sees("left with 0")
    with closing(sqlite3.connect(home / "data" / "chatmodes.db")) as database:
        assert database.execute("select verdict from picks").fetchall() == [("winner",)]
        assert database.execute("select count(*) from runs where comparison is not null").fetchone() == (5,)


def test_a_resized_comparison_turns_to_tabs_and_back_while_it_streams_and_escape_stops_it(
    fake: Fake, home: Path
) -> None:
    with chat(fake, home, "slow:ttft=0.1,tps=20") as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("/compare Tell me something long")
        terminal.sees("Esc stops 3 runs", "◇ Thinking · endpoint/slow")
        terminal.resize(70, 20)
        terminal.sees("[● A")
        terminal.resize(150, 36)
        terminal.gone("[● A")
        terminal.press("Escape")
        terminal.sees("Esc back to the chat", "Stopped by you")
        terminal.press("Escape")
        terminal.sees("Ctrl+P commands")
        terminal.press("C-q")
        terminal.sees("left with 0")
