"""Stopped and continued from outside, or killed: every key still arrives, one can leave, and what was typed is kept."""

import os
import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.terminal.tmux import Terminal, program

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="a real terminal needs tmux"),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes in /proc"),
]


def process_in(terminal: Terminal) -> int:
    shell = int(terminal.format("pane_pid"))
    (child,) = Path(f"/proc/{shell}/task/{shell}/children").read_text().split()
    return int(child)


def state(process: int) -> str:
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]


def test_stopped_and_continued_three_times_every_key_arrives_and_one_can_leave(home: Path) -> None:
    with Terminal(program(), "--private", env={"CHATMODES_HOME": str(home)}) as terminal:
        terminal.sees("F1 help", "private")
        process = process_in(terminal)
        for _ in range(3):
            os.kill(process, signal.SIGSTOP)
            terminal.until(lambda: state(process) == "T", "the program to stop")
            os.kill(process, signal.SIGCONT)
            terminal.until(lambda: state(process) != "T", "the program to go on")
        for word in ("begun", " and typed on", " without a letter lost"):
            terminal.type(word)
        terminal.sees("begun and typed on without a letter lost")
        assert terminal.format("alternate_on") == "1"
        terminal.press("C-q")
        terminal.sees("left with 0")
        assert terminal.format("alternate_on") == "0"
        assert terminal.format("mouse_any_flag") == "0"


def test_keys_typed_while_it_is_stopped_are_read_afterwards(home: Path) -> None:
    with Terminal(program(), "--private", env={"CHATMODES_HOME": str(home)}) as terminal:
        terminal.sees("F1 help", "private")
        process = process_in(terminal)
        os.kill(process, signal.SIGSTOP)
        terminal.until(lambda: state(process) == "T", "the program to stop")
        terminal.type("typed meanwhile")
        os.kill(process, signal.SIGCONT)
        terminal.sees("typed meanwhile")
        terminal.press("C-q")
        terminal.sees("left with 0")


def test_an_unsent_draft_outlives_kill_9(home: Path) -> None:
    """On disk while one looks at it: nobody had the time to write it at the end."""
    env = {"CHATMODES_HOME": str(home), "CHATMODES_MODEL": "openai/gpt-5"}
    database = home / "data" / "chatmodes.db"

    def kept() -> list[str]:
        with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
            return [row[0] for row in opened.execute("SELECT text FROM drafts")]

    with Terminal(program(), env=env) as terminal:
        terminal.sees("F1 help", "Ctrl+P commands")
        terminal.type("a letter I was writing")
        terminal.until(lambda: database.exists() and kept() == ["a letter I was writing"], "the draft on disk")
        os.kill(process_in(terminal), signal.SIGKILL)
        terminal.sees("left with 137")
    with Terminal(program(), env=env) as terminal:
        terminal.sees("a letter I was writing")
        terminal.press("C-q")
        terminal.sees("left with 0")
