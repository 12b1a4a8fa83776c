"""A terminal that is closed in the middle of a stream ends the program, as one that is closed at rest does.

Textual's writer thread dies of the first write that fails. Nobody empties its queue of 30 frames from then on, so the
event loop stops at the 31st, before it hears of the hangup: the program, its run and the embedded model live on unseen.
"""

import sys
from contextlib import suppress
from typing import IO, Any

from textual.app import App

LOSING = "With this version of Textual, closing the terminal in the middle of an answer may leave the program running."


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

    def fileno(self) -> int:
        """The stream's own number."""
        return self._file.fileno()


def outlive_the_terminal(app: App[None]) -> str:
    """Let the terminal's driver write to a stream that lasts. Returns what does not work where that cannot be.

    Drivers name their writer and offer no other way in. The name is Textual's own affair: a version without it starts
    all the same. A browser's driver has no terminal to lose.
    """
    driver = sys.modules[app.driver_class.__module__]
    writer: Any = getattr(driver, "WriterThread", None)
    if not isinstance(writer, type):
        return "" if "web" in driver.__name__ else LOSING

    def lasting(file: IO[str]) -> Any:
        return writer(Lasting(file))

    driver.WriterThread = lasting  # pyright: ignore[reportAttributeAccessIssue] - there, as just seen
    return ""
