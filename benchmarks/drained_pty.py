"""A benchmark's program in a process of its own on a terminal that is read: what goes to the screen is paid for.

The program is started with `--result FILE`, writes its figures there as JSON, and ends by itself.
"""

import json
import os
import pty
import struct
import subprocess
import sys
import tempfile
import termios
import threading
from collections.abc import Sequence
from fcntl import ioctl
from pathlib import Path


def figures_of(script: str, arguments: Sequence[str], *, columns: int, lines: int, patience: float) -> dict[str, float]:
    """Run a script with its arguments, on a terminal of so many cells, and return its figures. Its settings and data
    are nobody's. Raises `subprocess.TimeoutExpired` for one that takes longer than `patience` seconds."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        controller, terminal = pty.openpty()
        ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        command = [sys.executable, script, *arguments, "--result", str(result)]
        environ = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "CHATMODES_HOME": folder}
        child = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=subprocess.DEVNULL, env=environ)
        os.close(terminal)
        threading.Thread(target=_drain, args=(controller,), daemon=True).start()
        child.wait(timeout=patience)
        return json.loads(result.read_text())


def figures(lags: list[float], cpu: float, seconds: float, **more: float) -> str:
    """What a program writes: the share of a core over so many seconds, and the loop's lag in milliseconds."""
    lags.sort()
    p50, p99 = lags[len(lags) // 2] * 1e3, lags[len(lags) * 99 // 100] * 1e3
    return json.dumps({"core": cpu / seconds, "p50": p50, "p99": p99, **more})


def _drain(controller: int) -> None:
    try:
        while os.read(controller, 65536):
            pass
    except OSError:  # the program has ended
        pass
