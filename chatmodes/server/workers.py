"""Several processes that answer at one port: each takes what it comes to first, and nothing is shared but the socket.

One process has one core. Here are no requests and no models: only workers that are started, started anew when one dies,
and ended together.
"""

import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from types import FrameType

SOON = 5.0
"""Seconds after its start within which a worker's end is no accident: another would end the same way."""


class Workers:
    """So many processes of one command, each of which is told the socket's number by `--listener`."""

    def __init__(self, command: Sequence[str], listener: socket.socket, tell: Callable[[str], None]) -> None:
        self._command = [*command, "--listener", str(listener.fileno())]
        self._listener, self._tell = listener, tell
        self._alive: dict[subprocess.Popen[bytes], float] = {}
        self._ended: queue.SimpleQueue[subprocess.Popen[bytes]] = queue.SimpleQueue()
        self._stopping = False

    def run(self, number: int) -> int:
        """Keep so many at work until told to stop by SIGINT or SIGTERM. The exit code is that of the first that failed,
        else 0."""
        before = {each: signal.signal(each, self.stop) for each in (signal.SIGINT, signal.SIGTERM)}
        code = 0
        try:
            for _ in range(number):
                self._start()
            while self._alive:
                worker = self._ended.get()
                began = self._alive.pop(worker)
                code = code or self._judge(worker.returncode, time.monotonic() - began)
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
        return code

    def _judge(self, code: int, age: float) -> int:
        """What a worker's end means for the others."""
        if self._stopping:
            return max(code, 0)
        if age < SOON:
            self.stop()
            return code if code > 0 else 1
        self._start()
        self._tell(f"A worker ended with {code}; another takes its place.")
        return 0

    def _start(self) -> None:
        # Its standard input ends with this process, however that ends, and the worker with it.
        worker = subprocess.Popen(self._command, stdin=subprocess.PIPE, pass_fds=[self._listener.fileno()])
        self._alive[worker] = time.monotonic()
        if self._stopping:  # told so in this very moment
            worker.terminate()
        threading.Thread(target=self._wait, args=(worker,), daemon=True).start()

    def _wait(self, worker: subprocess.Popen[bytes]) -> None:
        worker.wait()
        self._ended.put(worker)

    def stop(self, number: int = signal.SIGTERM, frame: FrameType | None = None) -> None:
        """End them all; a terminal's Ctrl+C has reached them already. A second one waits for no answer."""
        del frame
        again, self._stopping = self._stopping and number == signal.SIGINT, True
        for worker in list(self._alive):
            worker.send_signal(signal.SIGINT if again else signal.SIGTERM)
