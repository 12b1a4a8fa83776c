"""A real terminal that a test types into and reads: tmux on a socket of its own."""

import os
import shlex
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Self

PATIENCE = 60.0
"""Seconds for something to appear: a busy machine takes three to start the program."""


class Terminal:
    """`with Terminal("chatmodes …") as terminal:` runs a command under a shell, in a window of a size."""

    def __init__(self, *command: str, env: Mapping[str, str] | None = None, size: tuple[int, int] = (100, 30)) -> None:
        self._socket = f"chatmodes-test-{uuid.uuid4().hex[:8]}"
        self._command, self._env, self._size = command, dict(env or {}), size

    def __enter__(self) -> Self:
        width, height = self._size
        variables = [f"{name}={shlex.quote(value)}" for name, value in self._env.items()]
        line = " ".join(["env", *variables, *map(shlex.quote, self._command)])
        self._tmux(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            str(width),
            "-y",
            str(height),
            f"{line}; echo left with $?; cat",
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._tmux("kill-server")

    def type(self, text: str) -> None:
        """Characters as a person types them."""
        self._tmux("send-keys", "-l", text)

    def paste(self, text: str) -> None:
        """Paste between brackets; tmux leaves escapes in."""
        self._tmux("set-buffer", "--", text)
        self._tmux("paste-buffer", "-p")

    def press(self, *keys: str) -> None:
        """Keys by tmux's names: Enter, Escape, C-q, M-o."""
        self._tmux("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        self._tmux("resize-window", "-x", str(width), "-y", str(height))

    def text(self) -> str:
        """What is on the screen."""
        return self._tmux("capture-pane", "-p")

    def format(self, name: str) -> str:
        """One of tmux's format variables about the pane, such as `alternate_on`."""
        return self._tmux("display-message", "-p", f"#{{{name}}}").strip()

    def until(self, condition: Callable[[], object], what: str) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"waited in vain for {what}; the screen shows:\n{self.text()}")
            time.sleep(0.05)

    def sees(self, *texts: str) -> None:
        for text in texts:
            self.until(lambda text=text: text in self.text(), repr(text))

    def gone(self, text: str) -> None:
        self.until(lambda: text not in self.text(), f"{text!r} to go")

    def send(self, text: str) -> None:
        """Type a prompt and send it. The pause tells typing from an unbracketed paste, whose Enter is a new line."""
        self.type(text)
        self.sees(text[-20:])
        time.sleep(0.3)
        self.press("Enter")

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, *arguments], capture_output=True, text=True, env=os.environ, check=False
        )
        return done.stdout


def program() -> str:
    """The installed program."""
    return str(Path(sys.executable).parent / "chatmodes")
