"""How long a person waits for the chat: from the start of the process to a composer that takes a key.

    python benchmarks/first_paint.py [--runs N]

On a pty, beside a bare Textual app of one text area, the two taking turns, both with their byte code compiled as in an
install: without, compiling Textual hides what the program itself costs. Two waits count: until the first frame (the
placeholder of the composer is on the terminal), and from then until a key that is typed at that moment is echoed, while
the rest of the program is imported and mounted. The ratios of the medians are printed; exit code 1 when a budget is
exceeded.
"""

import argparse
import compileall
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

BUDGETS = {"first paint": 1.15, "echo of a key typed right after": 1.2}
COMPILED = ("chatmodes", "textual", "rich", "markdown_it", "pygments", "msgspec", "anyio", "openai", "platformdirs")
LIMIT = 60.0
KEY = "\u00e6"
"""Not on the screen unless it was typed."""

BARE = """\
from textual.app import App
from textual.widgets import TextArea

class Bare(App):
    BINDINGS = [("ctrl+q", "quit")]
    def compose(self):
        yield TextArea(placeholder="Ask anything")

Bare().run()
"""


def moments(command: list[str], env: Mapping[str, str]) -> tuple[float, float]:
    """Seconds to the first frame, and from there to the echo of a key."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 32, 120, 0, 0))
    began = time.perf_counter()
    process = subprocess.Popen(
        command, stdin=terminal, stdout=terminal, stderr=terminal, env=dict(env), start_new_session=True
    )
    os.close(terminal)
    try:
        painted = _wait_for(controller, b"sk anything", began)
        os.write(controller, KEY.encode())
        echoed = _wait_for(controller, KEY.encode(), began)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        os.close(controller)
    return painted, echoed - painted


def _wait_for(controller: int, wanted: bytes, began: float) -> float:
    seen = b""
    while wanted not in seen:
        left = LIMIT - (time.perf_counter() - began)
        if left <= 0 or not select.select([controller], [], [], left)[0]:
            raise SystemExit(f"{wanted!r} did not appear within {LIMIT:.0f} s")
        seen += os.read(controller, 65_536)
    return time.perf_counter() - began


def compile_install() -> None:
    """Write the byte code of everything the first seconds import, whatever the environment says about writing it."""
    for package in COMPILED:
        spec = find_spec(package)
        for folder in spec.submodule_search_locations or () if spec else ():
            compileall.compile_dir(folder, quiet=1)


def main() -> int:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs: int = parser.parse_args().runs
    compile_install()
    program = str(Path(sys.executable).parent / "chatmodes")
    with tempfile.TemporaryDirectory() as home:
        env = {**os.environ, "CHATMODES_HOME": home, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        commands = {"bare Textual app": [sys.executable, "-c", BARE], "chatmodes": [program]}
        for command in commands.values():
            moments(command, env)  # disk caches
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                taken[name].append(moments(command, env))
    bare, ours = taken["bare Textual app"], taken["chatmodes"]
    kept = True
    for index, (wait, budget) in enumerate(BUDGETS.items()):
        yardstick = statistics.median(run[index] for run in bare)
        median = statistics.median(run[index] for run in ours)
        ratio = median / yardstick
        kept = kept and ratio <= budget
        print(f"{wait}: {median * 1000:.0f} ms, bare {yardstick * 1000:.0f} ms, ratio {ratio:.2f} (budget {budget})")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
