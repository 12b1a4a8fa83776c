"""Thousands of prompts in one window, or in several on one database while one is killed: what grows, what is lost.

    python benchmarks/soak_windows.py [--prompts 2000] [--windows 1] [--kill] [--each 50]

A window is the real program driven by a pilot, over an upstream that answers at once; a new conversation begins every
`--each` prompts. Told a tenth of the way at a time: memory, descriptors, threads. `--kill` starts one window more and
kills it half-way. At the end the database must be sound and hold every prompt and answer of the windows that lived.
Budget: at most 100 MB more for 1,000 messages, no more descriptors, no more threads.
"""

import argparse
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import anyio
from textual.pilot import Pilot

from benchmarks.serving import processes
from chatmodes.settings import load
from chatmodes.tui import Start
from chatmodes.tui.app import ChatApp
from chatmodes.tui.backend import real_backend
from chatmodes.tui.engine import Engine

PATIENCE = 120.0
"""Seconds for one answer, on a machine with other work."""


async def until(pilot: Pilot[None], condition: Callable[[], object]) -> None:
    """Wait for the screen to have come so far."""
    with anyio.fail_after(PATIENCE):
        while not condition():
            await pilot.pause(0.005)


async def window(prompts: int, each: int, base_url: str) -> None:
    """One window: prompts, one after the other, and a line for each tenth."""
    settings = load({"model": "endpoint/timed", "tui": {"reduced_motion": True}, "store": {"titles": False}})
    engine = Engine(Start(settings, base_url=base_url), real_backend)
    app = ChatApp(engine)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(engine.serve)
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: engine.state != "starting" and app.chat.assembled)
            for number in range(prompts):
                session, at = app.chat.session, number % each
                if number and not at:
                    await pilot.press("ctrl+n")
                    await until(pilot, lambda session=session: not session.path)
                app.chat.composer.load(f"Window {os.getpid()}, prompt {number}")
                await pilot.press("enter")
                await until(
                    pilot,
                    lambda session=session, at=at: len(session.path) >= 2 * (at + 1) and not session.live,
                )
                if (number + 1) % max(1, prompts // 10) == 0:
                    print(number + 1, flush=True)
            engine.close()


class Window:
    """A window in a process of its own, and what it took of the machine a tenth of the way at a time."""

    def __init__(self, home: str, base_url: str, options: argparse.Namespace) -> None:
        command = [sys.executable, __file__, "--child", base_url, "--prompts", str(options.prompts)]
        command += ["--each", str(options.each)]
        environ = {**os.environ, "CHATMODES_HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=environ, text=True, start_new_session=True
        )
        self.family = processes.Family(self.process.pid)
        self.rows: list[tuple[int, float, int, int]] = []

    def follow(self, killed_at: float = math.inf) -> int:
        """Note the figures with each tenth, to the end or to where it is killed; the exit code."""
        assert self.process.stdout
        for line in self.process.stdout:
            of = self.family
            self.rows.append((int(line), of.resident / 1e6, of.descriptors, of.threads))
            done, memory, files, threads = self.rows[-1]
            print(
                f"{of.leader:>8} {done:>6,} prompts {memory:7.1f} MB {files:>4} open {threads:>3} threads", flush=True
            )
            if done >= killed_at:
                self.process.kill()
                print(f"{of.leader:>8} killed", flush=True)
                break
        self.process.stdout.close()
        return self.process.wait(PATIENCE)


def stored(home: str, window: int) -> tuple[str, int]:
    """What SQLite says of the database, and how many prompts and answers of a window it holds."""
    with sqlite3.connect(Path(home) / "data" / "chatmodes.db") as db:
        (sound,) = db.execute("PRAGMA integrity_check").fetchone()
        asked = f"%Window {window}, prompt%"
        (count,) = db.execute(
            "SELECT count(*) FROM messages AS prompt JOIN messages AS answer ON answer.parent = prompt.id"
            " WHERE prompt.role = 'user' AND prompt.parts LIKE ? AND answer.role = 'assistant'",
            (asked,),
        ).fetchone()
    return sound, count


def judged(home: str, window: Window, code: int, prompts: int) -> bool:
    """Tell how a window ended; whether nothing is lost and nothing grew that must not."""
    state, count = stored(home, window.family.leader)
    settled, last = window.rows[len(window.rows) // 2 - 1], window.rows[-1]
    more = (last[1] - settled[1]) / max(1, last[0] - settled[0]) * 500
    print(f"{window.family.leader:>8} exit {code}, {count:,} of {prompts:,} answers stored, {state}")
    print(f"memory for 1,000 messages more {more:.1f} MB, ratio to the budget of 100 MB: {more / 100:.2f}")
    flat = last[2] <= settled[2] + 1 and last[3] <= settled[3] + 2
    return (code, state, count) == (0, "ok", prompts) and more <= 100 and flat


def main() -> int:
    """Run the windows; 1 where something is lost or grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--prompts", type=int, default=2000, help="prompts in each window")
    parser.add_argument("--each", type=int, default=50, help="prompts in a conversation")
    parser.add_argument("--windows", type=int, default=1)
    parser.add_argument("--kill", action="store_true", help="one window more, which is killed half-way")
    parser.add_argument("--child", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        anyio.run(window, options.prompts, options.each, options.child)
        return 0
    began, sound = time.monotonic(), True
    with tempfile.TemporaryDirectory() as home, processes.upstream(0.0, 0, 20) as behind:
        started = [
            Window(home, f"http://127.0.0.1:{behind}/v1", options) for _ in range(options.windows + options.kill)
        ]
        doomed = started.pop() if options.kill else None
        with ThreadPoolExecutor() as following:
            if doomed:
                following.submit(doomed.follow, options.prompts // 2)
            codes = list(following.map(Window.follow, started))
        for each, code in zip(started, codes, strict=True):
            sound = judged(home, each, code, options.prompts) and sound
        if doomed:
            state, count = stored(home, doomed.family.leader)
            print(f"of the killed one {count:,} answers stored, {state}")
            sound = sound and state == "ok" and count >= doomed.rows[-1][0] - 1
    print(f"{'sound' if sound else 'NOT SOUND'}, {time.monotonic() - began:.0f} s")
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
