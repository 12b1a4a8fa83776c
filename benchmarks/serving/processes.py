"""The processes of a measurement: an upstream, and `serve` or another program in front of it."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Family:
    """A process that leads a session, and all that it started: what they take of the machine, from /proc."""

    leader: int

    @property
    def cpu(self) -> float:
        """Seconds of CPU so far."""
        return sum(int(each) for fields in self._stats() for each in fields[11:13]) / os.sysconf("SC_CLK_TCK")

    @property
    def waited(self) -> float:
        """Seconds that the leader was ready to work and had no core, for the work of others."""
        return int(Path(f"/proc/{self.leader}/task/{self.leader}/schedstat").read_text().split()[1]) / 1e9

    @property
    def resident(self) -> int:
        """Bytes of memory now."""
        return sum(int(fields[21]) for fields in self._stats()) * os.sysconf("SC_PAGE_SIZE")

    @property
    def threads(self) -> int:
        """Threads now."""
        return sum(int(fields[17]) for fields in self._stats())

    @property
    def descriptors(self) -> int:
        """Files that they have open now."""
        return sum(len(list((folder / "fd").iterdir())) for folder, _ in self._members())

    def _stats(self) -> list[list[str]]:
        """What /proc says of each, from its state on."""
        return [fields for _, fields in self._members()]

    def _members(self) -> list[tuple[Path, list[str]]]:
        found: list[tuple[Path, list[str]]] = []
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                fields = (folder / "stat").read_text().rpartition(") ")[2].split()
                if int(fields[3]) == self.leader:
                    found.append((folder, fields))
        return found


@contextmanager
def upstream(ttft: float, rate: float, tokens: int) -> Generator[int]:
    """The port of an upstream that keeps time: seconds to its first token, tokens a second (0 for all at once)."""
    command = [sys.executable, str(HERE / "upstream.py"), str(ttft), str(rate), str(tokens)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield int(process.stdout.readline())


@contextmanager
def program(command: Sequence[str], port: int, environ: Mapping[str, str] | None = None) -> Generator["Family"]:
    """A program that listens at `port`, from then on until the block ends. Raises `RuntimeError` where it does not."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log"
        told = {**os.environ, "CHATMODES_HOME": folder, "OPENAI_API_KEY": "none", **(environ or {})}
        with log.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=told, start_new_session=True)
        try:
            deadline = time.monotonic() + 120
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{command[0]} does not serve: {log.read_text(errors='replace')[-2000:]}")
                time.sleep(0.1)
            yield Family(process.pid)
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()


def serving(port: int, behind: int, workers: int = 1) -> list[str]:
    """`chatmodes serve` at one port over an upstream at another."""
    command = [sys.executable, "-m", "chatmodes", "serve", "--port", str(port), "--workers", str(workers)]
    return [*command, "--base-url", f"http://127.0.0.1:{behind}/v1", "--model", "timed"]


def litellm(python: str, port: int, behind: int, config: Path) -> list[str]:
    """LiteLLM's proxy, one worker, at one port over an upstream at another; `config` is written."""
    config.write_text(
        "model_list:\n  - model_name: timed\n    litellm_params:\n      model: openai/timed\n"
        f"      api_base: http://127.0.0.1:{behind}/v1\n      api_key: none\nlitellm_settings:\n  telemetry: false\n"
        "general_settings:\n  dangerously_permit_weak_or_unset_master_key: true\n"
    )
    program = str(Path(python).with_name("litellm"))
    return [program, "--config", str(config), "--host", "127.0.0.1", "--port", str(port), "--num_workers", "1"]


def optillm(python: str, port: int, behind: int, _config: Path) -> list[str]:
    """optillm, handing requests on, at one port over an upstream at another."""
    program = str(Path(python).with_name("optillm"))
    base = f"http://127.0.0.1:{behind}/v1"
    return [program, "--approach", "none", "--base-url", base, "--host", "127.0.0.1", "--port", str(port)]


RIVALS = {"litellm": litellm, "optillm": optillm}
"""Programs that can be put in front of the upstream instead of `serve`: how each is begun."""


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _listens(port: int) -> bool:
    with socket.socket() as trying:
        trying.settimeout(1)
        return trying.connect_ex(("127.0.0.1", port)) == 0
