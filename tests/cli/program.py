"""The installed program, run as users and scripts run it."""

import io
import json
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from chatmodes.cli import main


@dataclass
class Result:
    """What a program left behind."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Stdout as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


def chatmodes(*args: str, stdin: str | bytes = b"", timeout: float = 60, **env: str) -> Result:
    """Run `chatmodes ARGS` to its end, in this test's home."""
    result = subprocess.run(
        [sys.executable, "-m", "chatmodes", *args],
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        timeout=timeout,
        env={**os.environ, **env},
        check=False,
    )
    return Result(result.returncode, result.stdout.decode(), result.stderr.decode())


def inside(*args: str, stdin: str | bytes = b"", **env: str) -> Result:
    """The same without a process of its own, which is a second sooner: for what does not depend on one."""
    out, err = io.StringIO(), io.StringIO()
    piped = io.TextIOWrapper(io.BytesIO(stdin.encode() if isinstance(stdin, str) else stdin), encoding="utf-8")
    with redirect_stdout(out), redirect_stderr(err), patch.dict(os.environ, env), patch.object(sys, "stdin", piped):
        try:
            code = main(list(args))
        except SystemExit as end:  # argparse, for wrong usage and for help
            code = end.code if isinstance(end.code, int) else 1
    return Result(code, out.getvalue(), err.getvalue())


def start(*args: str, **env: str) -> "subprocess.Popen[bytes]":
    """Start `chatmodes ARGS`, with pipes, for tests that act while it runs."""
    return subprocess.Popen(
        [sys.executable, "-m", "chatmodes", *args],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **env},
    )
