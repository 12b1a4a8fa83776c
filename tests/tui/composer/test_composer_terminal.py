"""The composer in a real terminal (tmux): keys, pastes with and without brackets, $EDITOR and the way back."""

import json
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.terminal
ROOT = Path(__file__).parents[3]


class Terminal:
    """The composer's app in a tmux of its own."""

    def __init__(self, folder: Path, **environ: str) -> None:
        tmux = shutil.which("tmux")
        assert tmux is not None
        # A server of its own for each: one that has just been killed may still answer.
        self._tmux = [tmux, "-S", str(folder / "tmux")]
        self.out = folder / "out"
        self.out.touch()
        program = shlex.join([sys.executable, "-m", "tests.tui.composer.composer_app", str(self.out)])
        settings = " ".join(f"{name}={shlex.quote(value)}" for name, value in environ.items())
        self(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "100",
            "-y",
            "24",
            "-c",
            str(ROOT),
            f"env {settings} {program}",
        )
        self.wait(lambda: "ready" in self.screen() and "Ask anything" in self.screen())

    def __call__(self, *arguments: str, text: str | None = None) -> str:
        return subprocess.run([*self._tmux, *arguments], capture_output=True, text=True, input=text, check=False).stdout

    def keys(self, *keys: str) -> None:
        self("send-keys", *keys)

    def type(self, text: str) -> None:
        self("send-keys", "-l", text)

    def paste(self, text: str, *, bracketed: bool) -> None:
        self("load-buffer", "-", text=text)
        self("paste-buffer", *(["-p"] if bracketed else []))

    def screen(self) -> str:
        return self("capture-pane", "-p")

    def told(self, kind: str) -> list[str]:
        lines = self.out.read_text().splitlines()
        return [text for said, text in map(json.loads, lines) if said == kind]

    def wait(self, condition: object, seconds: float = 20) -> None:
        assert callable(condition)
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, f"{self.screen()}\n{self.told('text')[-3:]} {self.told('sent')}"
            time.sleep(0.02)

    def close(self) -> None:
        self("kill-server")


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    script = tmp_path / "editor"
    script.write_text(
        f"#!/bin/sh\ntouch {tmp_path}/editing\nwhile [ ! -e {tmp_path}/go ]; do sleep 0.02; done\n. {tmp_path}/go\n"
    )
    script.chmod(0o755)
    found = Terminal(tmp_path, EDITOR=str(script))
    yield found
    found.close()


def test_a_line_typed_at_once_is_sent(terminal: Terminal) -> None:
    terminal("send-keys", "hello there", "Enter")
    terminal.wait(lambda: terminal.told("sent") == ["hello there"])


def test_control_j_makes_a_line_also_when_all_comes_at_once(terminal: Terminal) -> None:
    terminal("send-keys", "one", "C-j", "two", "Enter")
    terminal.wait(lambda: terminal.told("sent") == ["one\ntwo"])


@pytest.mark.parametrize(("key", "text"), [("\x7f", "worXYZ"), ("\x1b[D", "worXYZd"), ("\n", "word\nXYZ")])
def test_letters_in_one_read_with_an_editing_key_stay_behind_it(terminal: Terminal, key: str, text: str) -> None:
    terminal.type("word")
    terminal.wait(lambda: terminal.told("text")[-1:] == ["word"])
    terminal("send-keys", "-l", f"{key}XYZ")
    terminal.wait(lambda: terminal.told("text")[-1:] == [text])


def test_a_bracketed_paste_is_one_thing(terminal: Terminal) -> None:
    text = "\n".join(f"line {number}" for number in range(300))
    terminal.paste(text, bracketed=True)
    terminal.wait(lambda: "[pasted 300 lines]" in terminal.screen())
    terminal.keys("Enter")
    terminal.wait(lambda: terminal.told("sent") == [text])


def test_a_paste_without_brackets_is_folded_and_nothing_of_it_sent(terminal: Terminal) -> None:
    text = "\n".join(f"line {number}: some words to make it twenty kilobytes long" for number in range(400))
    terminal.paste(text, bracketed=False)
    terminal.wait(lambda: terminal.told("text")[-1:] == [text])
    assert terminal.told("sent") == []
    # One chip, or two where a busy machine reads it with a gap.
    terminal.wait(lambda: re.search(r"\[pasted \d+ lines\]", terminal.screen()))
    assert "line 200" not in terminal.screen()


def test_the_editor_gets_the_text_and_what_it_leaves_comes_back(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("a prompt")
    terminal.wait(lambda: terminal.told("text")[-1:] == ["a prompt"])
    terminal.keys("C-g")
    terminal.wait((tmp_path / "editing").exists)
    # The loop goes on while the editor has the terminal, so that a run under way does too.
    ticks = len(terminal.told("tick"))
    terminal.wait(lambda: len(terminal.told("tick")) > ticks + 5)
    (tmp_path / "next").write_text('echo "made longer" >> "$1"\n')
    (tmp_path / "next").rename(tmp_path / "go")
    terminal.wait(lambda: terminal.told("text")[-1:] == ["a prompt\nmade longer"])
    terminal.wait(lambda: "made longer" in terminal.screen())
    terminal.keys("!")
    terminal.wait(lambda: terminal.told("text")[-1:] == ["a prompt\nmade longer!"])


def test_when_the_editor_fails_the_text_stays_and_it_is_said(terminal: Terminal, tmp_path: Path) -> None:
    terminal.type("a prompt")
    terminal.wait(lambda: terminal.told("text")[-1:] == ["a prompt"])
    terminal.keys("C-g")
    (tmp_path / "next").write_text('echo "lost?" >> "$1"\nexit 3\n')
    (tmp_path / "next").rename(tmp_path / "go")
    terminal.wait(lambda: bool(terminal.told("notice")))
    said = terminal.told("notice")[0]
    assert "ended with code 3, so the prompt is as it was. What you wrote is in " in said
    kept = Path(said.rpartition(" is in ")[2].removesuffix("."))
    assert kept.read_text() == "a prompt\nlost?\n"
    assert kept.stat().st_mode & 0o777 == 0o600
    kept.unlink()
    terminal.wait(lambda: "Enter sends" in terminal.screen())
    terminal.keys("!")
    terminal.wait(lambda: terminal.told("text")[-1:] == ["a prompt!"])
