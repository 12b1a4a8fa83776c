"""Copying: what took the text is asked, and "copied" is said only where something says that it did."""

import base64
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import anyio
import pytest

from chatmodes.tui.host import clipboard
from tests.tui.harness import until


class Tools:
    """A PATH of one folder with tools of our own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}

    def add(self, name: str, *, code: int = 0, then: str = "") -> None:
        script = self.folder / name
        script.write_text(f"#!/bin/sh\ncat > {self.folder}/{name}.in\n{then}\nexit {code}\n")
        script.chmod(0o755)

    def given(self, name: str) -> bytes:
        return (self.folder / f"{name}.in").read_bytes()


@pytest.fixture
def tools(tmp_path: Path) -> Tools:
    return Tools(tmp_path)


@pytest.fixture
def terminal() -> list[str]:
    return []


def decoded(written: list[str]) -> bytes:
    sequence = "".join(written).replace("\x1b\x1b", "\x1b")
    start = sequence.index("\x1b]52;c;") + len("\x1b]52;c;")
    return base64.b64decode(sequence[start : sequence.index("\x07", start)])


TEXT = "naïve 数学 🙂\nsecond line"


async def test_a_tool_that_took_it_is_believed_and_the_terminal_is_asked_too(tools: Tools, terminal: list[str]) -> None:
    tools.add("wl-copy")
    tools.environ["WAYLAND_DISPLAY"] = "wayland-0"
    result = await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")
    assert result.confirmed
    assert result.message == "Copied 22 characters."
    assert tools.given("wl-copy") == TEXT.encode()
    assert decoded(terminal) == TEXT.encode()


async def test_without_a_tool_it_says_sent_and_not_copied(tools: Tools, terminal: list[str]) -> None:
    result = await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")
    assert not result.confirmed
    assert "Sent 22 characters to the terminal (OSC 52)" in result.message
    assert "opied" not in result.message


async def test_the_next_tool_is_tried_when_one_fails(tools: Tools, terminal: list[str]) -> None:
    tools.add("xclip", code=1)
    tools.add("xsel")
    tools.environ["DISPLAY"] = ":0"
    result = await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")
    assert result.confirmed
    assert tools.given("xsel") == TEXT.encode()


async def test_a_tool_that_stays_in_the_background_is_not_waited_for(tools: Tools, terminal: list[str]) -> None:
    tools.add("xclip", then="sleep 30 &")
    tools.environ["DISPLAY"] = ":0"
    with anyio.fail_after(30):
        assert (await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")).confirmed


async def test_a_tool_that_hangs_is_given_up(
    tools: Tools, terminal: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clipboard, "TOOL_SECONDS", 0.2)
    tools.add("xclip", then="exec sleep 30")
    tools.environ["DISPLAY"] = ":0"
    with anyio.fail_after(30):
        result = await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")
    assert not result.confirmed
    assert result.sent


async def test_over_ssh_the_other_machines_clipboard_is_left_alone(tools: Tools, terminal: list[str]) -> None:
    tools.add("pbcopy")
    tools.environ["SSH_CONNECTION"] = "10.0.0.1 1 10.0.0.2 22"
    result = await clipboard.copy(TEXT, terminal.append, tools.environ, "darwin")
    assert not result.confirmed
    assert not (tools.folder / "pbcopy.in").exists()
    assert decoded(terminal) == TEXT.encode()


async def test_windows_gets_utf_16(tools: Tools, terminal: list[str]) -> None:
    tools.add("clip.exe")
    tools.environ["WSL_DISTRO_NAME"] = "Debian"
    assert (await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")).confirmed
    assert tools.given("clip.exe").decode("utf-16") == TEXT


async def test_what_is_too_large_for_a_terminal_is_not_sent_to_it(tools: Tools, terminal: list[str]) -> None:
    result = await clipboard.copy("x" * 60_000, terminal.append, tools.environ, "linux")
    assert terminal == []
    assert result.message.startswith("Not copied: 60,000 characters are more than terminals take")
    tools.environ["DISPLAY"] = ":0"
    tools.add("xclip")
    assert (await clipboard.copy("x" * 60_000, terminal.append, tools.environ, "linux")).confirmed


async def test_an_old_tmux_has_the_sequence_passed_through(tools: Tools, terminal: list[str]) -> None:
    tools.add("tmux", code=1)
    tools.environ["TMUX"] = "/tmp/tmux-0/default,1,0"
    result = await clipboard.copy(TEXT, terminal.append, tools.environ, "linux")
    assert not result.confirmed
    assert terminal[0].startswith("\x1bPtmux;\x1b\x1b]52;c;")
    assert terminal[0].endswith("\x07\x1b\\")
    assert decoded(terminal) == TEXT.encode()


def test_screen_gets_it_in_pieces_it_can_take() -> None:
    sequence = clipboard.osc52(b"x" * 3_000, {"STY": "1.tty"})
    pieces = sequence.split("\x1b\\")
    assert all(len(piece) <= 768 for piece in pieces)
    assert decoded(["".join(piece.removeprefix("\x1bP") for piece in pieces)]) == b"x" * 3_000


@pytest.mark.terminal
async def test_in_a_real_tmux_the_text_is_in_its_buffer_and_leaves_for_the_terminal(tmp_path: Path) -> None:
    """A tmux in a tmux: the outer one is the terminal whose clipboard the inner one sets."""
    tmux = shutil.which("tmux")
    assert tmux is not None
    outer, inner = f"chatmodes-outer-{os.getpid()}", f"chatmodes-inner-{os.getpid()}"
    said = tmp_path / "said"
    script = tmp_path / "copies.py"
    script.write_text(
        "import asyncio, sys, pathlib\nfrom chatmodes.tui.host.clipboard import copy\n"
        f"result = asyncio.run(copy({TEXT!r}, sys.stdout.write))\n"
        f"pathlib.Path({str(said)!r}).write_text(result.message)\n"
    )
    environ = {**os.environ, "TERM": "xterm-256color"}
    for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
        environ.pop(name, None)

    def run(socket: str, *arguments: str) -> str:
        done = subprocess.run(
            [tmux, "-L", socket, *arguments], capture_output=True, text=True, env=environ, check=False
        )
        return done.stdout

    try:
        run(outer, "-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24")
        run(outer, "set-option", "-s", "set-clipboard", "on")
        program = shlex.join([sys.executable, str(script)])
        options = "set -s set-clipboard on\\; set -g remain-on-exit on"
        start = f"env -u TMUX {tmux} -L {inner} -f /dev/null new-session {program}\\; {options}"
        run(outer, "send-keys", start, "Enter")
        await until(lambda: said.exists() and bool(said.read_text()))
        assert said.read_text() == "Copied 22 characters into tmux's buffer and sent to the terminal (OSC 52)."
        await until(lambda: run(inner, "show-buffer") == TEXT)
        await until(lambda: run(outer, "show-buffer") == TEXT)
    finally:
        run(inner, "kill-server")
        run(outer, "kill-server")
