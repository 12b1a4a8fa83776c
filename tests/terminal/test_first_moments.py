"""Typed at once: what is on its way before the program has drawn anything arrives, whole and in order, and acts."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fake import Fake
from tests.terminal.tmux import PATIENCE, program

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal is POSIX's"),
]


class Raw:
    """The program on a pseudo-terminal that a test writes to when it likes."""

    def __init__(self, controller: int) -> None:
        self._controller = controller
        self.seen = b""

    def write(self, text: str) -> None:
        os.write(self._controller, text.encode())

    def read(self, seconds: float) -> None:
        """Take in what the program draws, for so long at most."""
        if select.select([self._controller], [], [], seconds)[0]:
            self.seen += os.read(self._controller, 65_536)

    def until(self, wanted: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while wanted not in self.seen:
            assert time.monotonic() < deadline, f"{wanted!r} did not come"
            self.read(0.1)

    def asked(self, fake: Fake, count: int = 1) -> list[str]:
        """The prompts that reached the server, once there are so many, without that for a conversation's name."""
        deadline = time.monotonic() + PATIENCE
        while len(fake.chats) < count:
            assert time.monotonic() < deadline, f"{len(fake.chats)} of {count} prompts arrived"
            self.read(0.1)
        prompts = [request.fields["messages"][-1]["content"] for request in fake.chats]
        return [prompt for prompt in prompts if not prompt.endswith("The name:")]


@contextmanager
def started(fake: Fake, home: Path) -> Generator[Raw]:
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
    process = subprocess.Popen(
        [program(), "--base-url", fake.url, "--model", "echo"],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, "CHATMODES_HOME": str(home), "TERM": "xterm-256color"},
        start_new_session=True,
    )
    os.close(terminal)
    try:
        yield Raw(controller)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(controller)


def test_a_prompt_typed_before_the_program_has_begun_is_sent(fake: Fake, home: Path) -> None:
    with started(fake, home) as terminal:
        terminal.write("hello there\r")
        assert terminal.asked(fake) == ["hello there"]


def test_a_prompt_typed_before_the_first_frame_is_sent(fake: Fake, home: Path) -> None:
    with started(fake, home) as terminal:
        terminal.until(b"\x1b[?1049h")
        terminal.write("hello there\r")
        assert terminal.asked(fake) == ["hello there"]


def test_every_letter_of_someone_who_types_from_the_start_arrives(fake: Fake, home: Path) -> None:
    text = "the quick brown fox jumps over the lazy dog " * 2
    with started(fake, home) as terminal:
        for letter in text:
            terminal.write(letter)
            terminal.read(0.02)
        terminal.until(b"endpoint/echo")  # the first frame: what was typed stands in the placeholder's stead
        terminal.write("end")
        terminal.until(b"end")
        terminal.write("\r")
        assert terminal.asked(fake) == [f"{text}end"]


def test_a_mode_chosen_before_the_screen_is_whole_is_the_prompts(fake: Fake, home: Path) -> None:
    with started(fake, home) as terminal:
        terminal.until(b"Ask anything")
        terminal.write("\x14")  # Ctrl+T
        terminal.until(b"thinking")  # beside the model, not the welcome's capital one
