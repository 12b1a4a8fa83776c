"""The process of the embedded model's server, without a model: whoever waits for its address always gets an end."""

import threading
from pathlib import Path

import anyio
import anyio.to_thread
import pytest

from chatmodes.providers.local import process
from chatmodes.providers.local.process import ServerProcess, StartError
from chatmodes.providers.local.serve import Order

pytestmark = pytest.mark.anyio
ORDER: Order = {
    "parent": 0,
    "path": "",
    "name": "",
    "token": "",
    "port": 0,
    "slots": 1,
    "context": 1,
    "threads": 1,
    "sampling": {},
}


def script(monkeypatch: pytest.MonkeyPatch, folder: Path, code: str) -> None:
    """What runs in the place of the server."""
    path = folder / "server.py"
    path.write_text(code)
    monkeypatch.setattr(process, "_SCRIPT", path)


async def test_the_last_words_are_read_before_the_log_is_closed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    script(monkeypatch, tmp_path, "import sys; sys.stdin.readline(); sys.stdin.read()")
    reading, ended = threading.Event(), threading.Event()
    last_words = ServerProcess.last_words

    def slow(self: ServerProcess) -> str:
        reading.set()
        ended.wait(0.5)  # the time in which an `end` that waits for nobody would close the log
        return last_words(self)

    monkeypatch.setattr(ServerProcess, "last_words", slow)
    server = ServerProcess(ORDER)

    def end() -> None:
        server.end()
        ended.set()

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.to_thread.run_sync, end)
            with pytest.raises(StartError):
                await server.address()
    assert reading.is_set()


async def test_a_reader_that_fails_is_no_endless_wait(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    script(monkeypatch, tmp_path, "")

    def fail(_: ServerProcess) -> str:
        raise OSError("The disk is gone.")

    monkeypatch.setattr(ServerProcess, "last_words", fail)
    server = ServerProcess(ORDER)
    try:
        with anyio.fail_after(60), pytest.raises(OSError, match="disk is gone"):
            await server.address()
    finally:
        server.end()
