"""The installed program in a real terminal against the loopback server."""

import os
import shutil
import signal
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


def chat(fake: Fake, home: Path, *arguments: str, model: str = "echo", size: tuple[int, int] = (100, 30)) -> Terminal:
    env = {"CHATMODES_HOME": str(home)}
    return Terminal(program(), "--base-url", fake.url, "--model", model, *arguments, env=env, size=size)


def test_type_a_prompt_read_the_answer_and_leave_the_terminal_as_it_was(fake: Fake, home: Path) -> None:
    with chat(fake, home) as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("Hello from a real terminal")
        terminal.sees("Instant · endpoint/echo", "first token")
        assert terminal.format("alternate_on") == "1"
        terminal.press("C-q")
        terminal.sees("left with 0")
        assert terminal.format("alternate_on") == "0"
        assert terminal.format("mouse_any_flag") == "0"
        assert terminal.format("cursor_flag") == "1"


def test_a_coloured_log_is_pasted_and_neither_typed_nor_obeyed(fake: Fake, home: Path) -> None:
    with chat(fake, home) as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.paste("\x1b[31mred\x1b[0m one\n\x1b]0;title\x07\x1b\x11 the end")
        terminal.sees("red[0m one", "the end")
        assert not fake.requests
        terminal.press("C-q")
        terminal.sees("left with 0")


def test_escape_stops_a_stream_and_what_came_is_on_disk(fake: Fake, home: Path) -> None:
    with chat(fake, home, model="slow:ttft=0.1,tps=20") as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("Tell me something long")
        terminal.sees("Esc stops", "writing")
        terminal.press("Escape")
        terminal.sees("Stopped by you; what had come is kept.")
        terminal.press("C-q")
        terminal.sees("left with 0")
    with closing(sqlite3.connect(home / "data" / "chatmodes.db")) as database:
        assert database.execute("select count(*) from messages").fetchone()[0] == 2


def test_a_window_resized_while_streaming_down_to_twenty_by_five_and_back(fake: Fake, home: Path) -> None:
    with chat(fake, home, model="slow:ttft=0.1,tps=20") as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("Tell me something long")
        terminal.sees("writing")
        for width, height in ((60, 20), (20, 5), (200, 50), (100, 30)):
            terminal.resize(width, height)
            terminal.until(lambda width=width: terminal.format("pane_width") == str(width), "the resize")
        terminal.sees("Esc stops", "Tell me something long")
        terminal.press("Escape")
        terminal.sees("Stopped by you")
        terminal.press("C-q")
        terminal.sees("left with 0")


def test_it_starts_and_answers_in_twenty_by_five(fake: Fake, home: Path) -> None:
    with chat(fake, home, size=(20, 5)) as terminal:
        terminal.sees("instant")
        terminal.send("Hi")
        terminal.sees("endpoint/echo")  # above the answer; the composer's title names the model alone
        terminal.press("C-q")
        terminal.until(lambda: "left with" in terminal.text().replace("\n", ""), "the end")


def test_contemplating_shows_its_agents_and_folds_them(fake: Fake, home: Path) -> None:
    with chat(fake, home, "-m", "contemplating", model="slow:ttft=0.1,tps=40", size=(140, 40)) as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("What do you think?")
        terminal.sees("a1", "a5", "of 5 drafts")
        terminal.press("Escape")
        terminal.sees("Stopped by you")


def test_a_hang_up_stores_what_came_and_leaves_no_process(fake: Fake, home: Path) -> None:
    with chat(fake, home, model="slow:ttft=0.1,tps=20") as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("Tell me something long")
        terminal.sees("writing")
        shell = int(terminal.format("pane_pid"))
        children = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
        for child in children:
            os.kill(int(child), signal.SIGTERM)
        terminal.sees("left with 0")
    with closing(sqlite3.connect(home / "data" / "chatmodes.db")) as database:
        states = [row[0] for row in database.execute("select status from runs")]
    assert states == ["cancelled"]


def test_a_terminal_closed_in_a_stream_stores_what_came_and_leaves_no_process(fake: Fake, home: Path) -> None:
    with chat(fake, home, model="slow:tps=2000,repeat=500") as terminal:
        terminal.sees("Ctrl+P commands")
        terminal.send("Tell me something long")
        terminal.sees("writing")
        shell = int(terminal.format("pane_pid"))
        (child,) = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    terminal.until(lambda: not Path(f"/proc/{child}").exists(), "the program to end with its terminal")
    with closing(sqlite3.connect(home / "data" / "chatmodes.db")) as database:
        assert [row[0] for row in database.execute("select status from runs")] == ["cancelled"]
