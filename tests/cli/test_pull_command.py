"""`chatmodes models pull` as a person meets it: a bar, an end in words, and nothing lost when it is stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.providers.local.hub_server import Hub
from tests.providers.local.test_local_gguf import PLAIN, model

MODEL = model(*PLAIN) + bytes(range(256)) * 4096
COMMAND = ["-m", "chatmodes", "models", "pull"]


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with Hub({"ada/tiny-GGUF": {"tiny.Q8_0.gguf": MODEL}}) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def test_in_a_script_the_models_id_is_the_output(hub: Hub) -> None:
    done = subprocess.run(
        [sys.executable, *COMMAND, "ada/tiny-GGUF"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "local/tiny.Q8_0\n"
    assert "100%" in done.stderr
    assert "\r" not in done.stderr
    listed = subprocess.run(
        [sys.executable, "-m", "chatmodes", "models", "local"], capture_output=True, text=True, timeout=60, check=True
    )
    assert "local/tiny.Q8_0" in listed.stdout


def test_at_a_terminal_a_bar_is_drawn_in_place(hub: Hub) -> None:
    spawn: Any = pexpect.spawn  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - untyped
    child = spawn(sys.executable, [*COMMAND, "ada/tiny-GGUF"], timeout=60, dimensions=(24, 60), encoding="utf-8")
    child.expect(pexpect.EOF)
    child.close()
    seen = str(child.before)
    assert child.exitstatus == 0, seen
    assert "100%" in seen
    assert "local/tiny.Q8_0" in seen
    for line in seen.replace("\r\n", "\n").split("\n")[0].split("\r"):
        assert len(line.removesuffix("\033[K")) < 60, f"a line that wraps cannot be drawn over: {line!r}"


def test_what_is_not_there_is_one_sentence_and_exit_code_1(hub: Hub) -> None:
    done = subprocess.run(
        [sys.executable, *COMMAND, "nobody/nothing"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("chatmodes: ")
    assert done.stderr.count("\n") == 1


def until_something_is_kept(home: Path) -> None:
    deadline = time.monotonic() + 60
    while not any(part.stat().st_size for part in home.rglob("*.part")):
        assert time.monotonic() < deadline, "nothing was kept"
        time.sleep(0.01)


def test_stopped_by_ctrl_c_it_goes_on_the_next_time(hub: Hub, home: Path) -> None:
    hub.allowed.clear()
    with subprocess.Popen(
        [sys.executable, *COMMAND, "ada/tiny-GGUF"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        assert "MB of" in first
        until_something_is_kept(home)
        os.kill(process.pid, signal.SIGINT)
        _, rest = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "goes on from here" in rest
    assert "Traceback" not in rest
    hub.allowed.set()
    again = subprocess.run(
        [sys.executable, *COMMAND, "ada/tiny-GGUF"], capture_output=True, text=True, timeout=60, check=False
    )
    assert again.returncode == 0, again.stderr
    assert hub.ranges[-1] is not None, "the download began anew"
