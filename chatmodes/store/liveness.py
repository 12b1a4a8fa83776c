"""Whether the program that began a run still lives.

Each program that has runs under way holds a lock on a file of its own beside the database; the kernel lets go of it
however the program ends. That is POSIX's, one reason why the program is for Linux and macOS. A process id can't say as
much: another process gets it again, and a container counts its own.
"""

import contextlib
import fcntl
import glob
import os
from pathlib import Path

from chatmodes.store.ids import new_id

_MARK = "-live-"


class Presence:
    """This program's own lock, held from its first run to the end of the store."""

    def __init__(self, database: Path | None) -> None:
        self._database = database
        self._descriptor: int | None = None
        self.token = ""

    def announce(self) -> str:
        """Take the lock, once, and return the token that marks this program's runs. Raises `OSError`."""
        if self.token:
            return self.token
        if self._database is None:
            self.token = new_id()
            return self.token
        _sweep(self._database)
        while not self.token:
            token = new_id()
            file = _file(self._database, token)
            descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                self._descriptor, self.token = descriptor, token
            else:  # swept away as a dead program's in the moment before it was locked
                os.close(descriptor)
        return self.token

    def leave(self) -> None:
        """Let go of the lock and take its file away."""
        if self._database is not None and self._descriptor is not None:
            _file(self._database, self.token).unlink(missing_ok=True)
            os.close(self._descriptor)
        self._descriptor, self.token = None, ""


def has_died(database: Path, token: str) -> bool:
    """Whether nobody holds the lock of this token any more. Takes the dead program's file away."""
    file = _file(database, token)
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return not file.exists()  # there but not to be opened: someone else's, and none of our business
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)
        return True
    finally:
        os.close(descriptor)


def _sweep(database: Path) -> None:
    """Take away what was left by programs that were killed before their first run had been written."""
    for file in database.parent.glob(f"{glob.escape(database.name)}{_MARK}*"):
        has_died(database, file.name.rpartition(_MARK)[2])


def _file(database: Path, token: str) -> Path:
    return database.with_name(f"{database.name}{_MARK}{token}")
