"""Processes in which algebra is done that may never end: started when needed, kept for what follows, killed when late.

Not anyio's worker processes nor multiprocessing's, which load the caller's main module: a script without a guard that
asks a panel for a formula would run again in each of them, and ask again. The process is the interpreter with
`proving` in it and nothing else, and ends by itself when this program does.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from typing import Any, Literal

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from chatmodes.providers.keys.environment import without_keys

Task = Literal["load", "prove", "grade"]
LOADING = 60.0
"""Seconds for the process to import sympy: two on an idle machine, over ten on a busy one."""
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);from chatmodes.modes.answers.proving import serve; serve()"
)
_places: RunVar[anyio.CapacityLimiter] = RunVar("_places")


class _Worker:
    """One process. Its calls block, so they are made in threads; `kill` ends a call that is under way."""

    def __init__(self) -> None:
        path = json.dumps([entry for entry in sys.path if entry])
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=without_keys(),
        )

    def ask(self, task: Task, pairs: Sequence[tuple[str, str]]) -> Any:
        """The process's answer. Raises `OSError` where it has ended, as by its memory limit."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([task, pairs]).encode() + b"\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise OSError("The process has ended.")
        return json.loads(line)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()


_idle: list[_Worker] = []
"""Processes without work, the last used last; any thread may take one."""


async def asked(task: Task, pairs: Sequence[tuple[str, str]], seconds: float) -> Any:
    """What a process makes of the pairs; None where that took longer than so many seconds, or cost too much memory."""
    async with _limiter():
        try:
            worker = _idle.pop()
        except IndexError:
            worker = await anyio.to_thread.run_sync(_Worker)
        answered = False
        try:
            with anyio.move_on_after(LOADING):
                await _in_thread(worker, "load", ())
                with anyio.move_on_after(seconds):
                    found = await _in_thread(worker, task, pairs)
                    answered = True
                    return found
        except OSError:
            return None
        finally:
            if answered:
                _idle.append(worker)
            else:
                worker.kill()  # whose thread then reads the end
    return None


async def _in_thread(worker: _Worker, task: Task, pairs: Sequence[tuple[str, str]]) -> Any:
    return await anyio.to_thread.run_sync(partial(worker.ask, task, pairs), abandon_on_cancel=True)


def _limiter() -> anyio.CapacityLimiter:
    """As many at once as there are cores."""
    try:
        return _places.get()
    except LookupError:
        _places.set(limiter := anyio.CapacityLimiter(os.cpu_count() or 1))
        return limiter
