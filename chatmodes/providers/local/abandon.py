"""Looking at files that may never answer: a pipe nobody writes to, a network drive that is gone.

A call into such a file system cannot be cancelled, so it is made in a thread that is given up on. The thread is a
daemon: what hangs there holds up neither the program nor its end.
"""

import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, TypeVar

T = TypeVar("T")

SECONDS = 5.0
"""For a file's header: a disk that has to spin up takes two or three."""
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class NoFileError(OSError):
    """There is something at the path that is no regular file. `strerror` says what, as the end of a sentence."""


def within(work: Callable[[], T], seconds: float | None = None) -> T:
    """What `work` gives or raises; `TimeoutError` where it has not come back in time (`SECONDS`)."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # noqa: BLE001 - the edge of the thread: the caller raises it
            errors.append(error)

    thread = threading.Thread(target=run, name="file", daemon=True)
    thread.start()
    thread.join(SECONDS if seconds is None else seconds)
    if errors:
        raise errors[0]
    if not results:
        raise TimeoutError
    return results[0]


def open_regular(path: Path) -> BinaryIO:
    """A regular file opened for reading. Raises `NoFileError` for anything else, which is not opened: a pipe would
    wait for a writer, a device may do anything. Raises `OSError` as `open` does."""
    _check(path.stat().st_mode, path)
    # Without waiting, since what stands there may have changed; what was opened is looked at again.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        _check(os.fstat(descriptor).st_mode, path)
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def _check(mode: int, path: Path) -> None:
    if not stat.S_ISREG(mode):
        raise NoFileError(0, f"it is {_KINDS.get(stat.S_IFMT(mode), 'something else')} and no file", str(path))
