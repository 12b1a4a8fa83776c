"""How long Escape takes in a stream: until the screen says that it stopped, and until the server's socket is closed.

    python benchmarks/escape_key.py [--runs N] [--rate TOKENS_A_SECOND]

The program on a pty against the loopback server, which never ends its answer. Byte code is compiled first, as in an
install. The worst of the runs is held against the budget; exit code 1 when it is exceeded.
"""

import argparse
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.first_paint import LIMIT, compile_install
from tests.fake import Fake

SAID, CLOSED = 0.2, 0.1
"""Budgets in seconds."""


def moments(fake: Fake, rate: int) -> tuple[float, float]:
    """Seconds from the key to the word on the screen, and to the end of the connection."""
    fake.forget()
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 32, 120, 0, 0))
    with tempfile.TemporaryDirectory() as home:
        process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "chatmodes"),
                "--base-url",
                fake.url,
                "--model",
                f"endless:tps={rate}",
            ],
            stdin=terminal,
            stdout=terminal,
            stderr=terminal,
            env={**os.environ, "CHATMODES_HOME": home, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(terminal)
        try:
            _until(controller, b"F1")
            os.write(controller, b"on and on\r")
            _until(controller, b"and on and on")
            _read_for(controller, 2.0)  # some of the answer is there
            open_before = fake.open_connections
            began = time.perf_counter()
            os.write(controller, b"\x1b")
            said = closed = 0.0
            seen = b""
            while not (said and closed):
                now = time.perf_counter() - began
                if now > LIMIT:
                    raise SystemExit(f"Escape did nothing within {LIMIT:.0f} s")
                closed = closed or (now if fake.open_connections < open_before else 0.0)
                if select.select([controller], [], [], 0.002)[0]:
                    seen += os.read(controller, 65_536)
                    said = said or (time.perf_counter() - began if b"Stopped" in seen or b"stopped" in seen else 0.0)
            return said, closed
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            os.close(controller)


def _until(controller: int, wanted: bytes) -> None:
    began, seen = time.perf_counter(), b""
    while wanted not in seen:
        if time.perf_counter() - began > LIMIT:
            raise SystemExit(f"{wanted!r} did not appear within {LIMIT:.0f} s")
        if select.select([controller], [], [], 0.1)[0]:
            seen += os.read(controller, 65_536)


def _read_for(controller: int, seconds: float) -> None:
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        if select.select([controller], [], [], 0.05)[0]:
            os.read(controller, 65_536)


def main() -> int:
    """Print the worst and the median of both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--rate", type=int, default=2000)
    args = parser.parse_args()
    runs: int = args.runs
    compile_install()
    with Fake() as fake:
        found = [moments(fake, args.rate) for _ in range(runs)]
    kept = True
    for index, (what, budget) in enumerate((("said on the screen", SAID), ("connection closed", CLOSED))):
        taken = sorted(run[index] for run in found)
        kept = kept and taken[-1] <= budget
        worst, median = taken[-1] * 1000, taken[len(taken) // 2] * 1000
        print(f"{what}: median {median:.0f} ms, worst {worst:.0f} ms (budget {budget * 1000:.0f} ms)")
    return int(not kept)


if __name__ == "__main__":
    sys.exit(main())
