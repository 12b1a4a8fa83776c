"""The chat in a browser, as `textual serve` shows it: the same program, drawn by xterm.js."""

import os
import shlex
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fake import Fake

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SERVE = "import sys; from textual_serve.server import Server; Server(sys.argv[1], port=int(sys.argv[2])).serve()"


@pytest.fixture
def address(fake: Fake, home: Path) -> Iterator[str]:
    """Where textual-serve serves the chat, which talks to the loopback server."""
    del home
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    command = shlex.join([sys.executable, "-m", "chatmodes", "--base-url", fake.like("ollama"), "--model", "gpt"])
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, command, str(port)],
        env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _until_listening(port)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _until_listening(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("localhost", port), timeout=1):
            return
    raise TimeoutError("textual-serve never listened")


class Screen:
    """What the program drew. xterm.js paints on a canvas, so its text is read where it comes in: from the socket."""

    def __init__(self, page: "Page") -> None:
        self._page, self._drawn = page, b""
        page.on("websocket", lambda socket: socket.on("framereceived", self._take))

    def _take(self, frame: "str | bytes") -> None:
        self._drawn += frame.encode() if isinstance(frame, str) else frame

    def shows(self, text: str) -> None:
        """Wait until this was drawn."""
        deadline = time.monotonic() + 60
        while text.encode() not in self._drawn:
            assert time.monotonic() < deadline, f"{text!r} was never drawn"
            self._page.wait_for_timeout(50)


def test_a_prompt_is_answered_in_the_browser(address: str, fake: Fake, tmp_path: Path) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install the package chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 760})
        screen = Screen(page)
        page.goto(f"{address}/?fontsize=14")
        screen.shows("anything")
        page.mouse.click(600, 715)  # a page has no focus of its own; this is the composer
        page.keyboard.type("Why is the sky blue?")
        page.keyboard.press("Enter")
        screen.shows("Hello")
        page.screenshot(path=str(tmp_path / "chat.png"))
        browser.close()
    body = fake.chats[0].json
    assert body is not None
    assert body["messages"][-1]["content"] == "Why is the sky blue?"
