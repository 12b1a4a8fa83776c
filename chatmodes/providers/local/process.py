"""One llama.cpp server in a process of its own: started, awaited, explained when it dies, ended.

All that is known of processes is here, so that the room above deals in models and endpoints.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from typing import IO

from anyio import to_thread

from chatmodes.providers.local.serve import Order
from chatmodes.providers.local.weights import problem

_KILLED = 9
_SCRIPT = Path(__file__).with_name("serve.py")
_ENVIRONMENT = ("PATH", "HOME", "TMP", "LANG", "LC_", "LD_", "DYLD_", "PYTHON", "VIRTUAL_ENV",
                "GGML_", "CUDA_", "HIP_", "ROCR_", "VK_", "OMP_", "GOMP_")  # fmt: skip
"""What the server may see of the environment, by the names' beginnings. The keys of every provider are in there too."""
_SPINS = {"GOMP_SPINCOUNT": "1000"}
"""How often a thread looks before it sleeps where the threads of one computation meet, 700 times a token. OpenMP's own
is endless while there are no more threads than cores; on two cores with ten other programs at work that came to a token
a second, and 1,000 to 15. On an idle machine both give the same 95 to 100 tokens a second."""


class ServerProcess:
    """A server process from its start to its end. Made and used in the event loop's thread."""

    def __init__(self, order: Order) -> None:
        """Start the process; it loads the model while `address` waits. Raises `ProviderError` if there is none."""
        # Its log goes to a file without a name: it takes no reader, as a pipe would, and leaves nothing behind.
        self._log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as the process
        # Popen itself and not the loop's own way of starting one: trio's forks in a helper thread, and on Linux the
        # server would end with that thread, 10 s later. It takes 2 ms.
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_SCRIPT)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                env=_environment(),
                start_new_session=True,  # Ctrl+C in the terminal is for the program, which ends the server itself
            )
        except OSError as error:
            self._log.close()
            raise problem(
                f"The embedded model's process cannot be started: {error.strerror}.", "Close other programs."
            ) from error
        self._ended_by_us = False
        self._answered: Future[str] = Future()
        with suppress(BrokenPipeError):  # it has ended already; how is told where its answer is read
            assert self._process.stdin
            self._process.stdin.write(json.dumps(order).encode() + b"\n")
            self._process.stdin.flush()  # and never closed while the program lives: its end ends the server
        self._reader = threading.Thread(target=self._read_answer, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    async def address(self) -> str:
        """Its base address, once the model is loaded. Raises `StartError` if that does not come about.

        May be cancelled and asked again; the process goes on loading.
        """
        return await to_thread.run_sync(self._answered.result, abandon_on_cancel=True)

    def _read_answer(self) -> None:
        """Read the one line. A thread of its own, since pipes have no asynchronous form that all systems share.

        However this ends, `address` must get something: it waits in one of AnyIO's threads, which is no daemon and
        would hold up the end of the program for ever.
        """
        try:
            self._answered.set_result(self._answer())
        except Exception as error:  # noqa: BLE001 - the edge of the thread: who waits for the answer raises it
            self._answered.set_exception(error)

    def _answer(self) -> str:
        assert self._process.stdout
        try:
            answer: dict[str, str] = json.loads(self._process.stdout.readline())
            return answer["address"]
        except (ValueError, KeyError):
            raise StartError(self._failed(), self.last_words()) from None

    def _failed(self) -> int:
        """The exit code of a process that has given up, or been killed in the middle of that."""
        try:
            return self._process.wait(5)
        except subprocess.TimeoutExpired:  # llama.cpp's threads may hang in an orderly end
            self._process.kill()
            self._process.wait()
            return 1

    def last_words(self) -> str:
        """The last lines of its log that speak of errors, or else the last lines, as one line of text."""
        self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, self._log.tell() - 8192))
        lines = [line.strip() for line in self._log.read().decode(errors="replace").splitlines() if line.strip()]
        errors = [line for line in lines if " E " in line[:20]]
        return " ".join(_without_time(line) for line in (errors or lines)[-3:])

    def ending(self) -> str:
        """How a process that has ended came to its end, as the end of a sentence; empty where it lives."""
        code = self._process.poll()
        return "" if code is None or self._ended_by_us else cause_of(code)

    def end(self) -> None:
        """End it at once and wait until it is gone. It keeps nothing that could be lost."""
        self._ended_by_us = True
        self._process.kill()
        self._process.wait()
        self._reader.join()  # it may be reading the pipe or the log, and the process is gone that could keep it waiting
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._log.close()


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(_ENVIRONMENT)}
    return {**_SPINS, **kept}


class StartError(Exception):
    """The server ended before it could answer."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.words = words
        """The last that it logged."""
        self.cause = cause_of(code)
        self.killed = code == -_KILLED
        self.port_taken = "HTTP server error" in words


def cause_of(code: int) -> str:
    """What an exit code says: "was killed by the system…", "ended with code 1"."""
    if code == -_KILLED:
        return "was killed by the system, most likely because memory ran out"
    if code < 0:
        try:
            return f"crashed ({signal.Signals(-code).name})"
        except ValueError:
            return f"crashed (signal {-code})"
    return f"ended with code {code}"


def _without_time(line: str) -> str:
    """`0.00.004.398 E llama_model_load: why` without the first two words."""
    words = line.split(maxsplit=2)
    return words[2] if len(words) == 3 and words[1] in ("E", "W", "I", "D") else line
