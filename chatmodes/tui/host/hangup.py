"""A terminal that is closed in the middle of a stream ends the program, as one that is closed at rest does.

Textual's writer thread dies of the first write that fails. Nobody empties its queue of 30 frames from then on, so the
event loop stops at the 31st, before it hears of the hangup: the program, its run and the embedded model live on unseen.
"""

import sys
from contextlib import suppress
from typing import IO, cast

from textual.app import App
from textual.drivers._writer_thread import WriterThread


class Lasting:
    """A stream that drops what is written once nothing is at its other end; the hangup's signal ends the program."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def write(self, text: str) -> None:
        """Write, where somebody reads."""
        with suppress(OSError):
            self._file.write(text)

    def flush(self) -> None:
        """Flush, where somebody reads."""
        with suppress(OSError):
            self._file.flush()


class LastingWriter(WriterThread):
    """The writer thread that goes on taking frames when the terminal is gone."""

    def __init__(self, file: IO[str]) -> None:
        super().__init__(cast("IO[str]", Lasting(file)))


def outlive_the_terminal(app: App[None]) -> None:
    """Let the terminal's driver write with `LastingWriter`. Drivers name their writer and offer no other way in."""
    driver = sys.modules[app.driver_class.__module__]
    if hasattr(driver, "WriterThread"):  # a browser's driver has none
        driver.WriterThread = LastingWriter  # pyright: ignore[reportAttributeAccessIssue] - guarded above
