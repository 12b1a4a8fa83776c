"""Pasted text stays text, whatever escape sequences it holds, and the Escape key stays a key of its own.

Textual's parser reads an escape inside a bracketed paste as the start of a key: the rest of a coloured log is then
typed instead of pasted, each line end sends a piece, and a control character among it is a key of the chat's. Many
terminals take escapes out of a paste; tmux and some others do not.

And it takes an escape and a letter within 100 ms for Alt and that letter, though a terminal sends those two in one
piece: whoever stops an answer and types on would copy, delete or compare instead.
"""

import select
import sys
import time
from collections.abc import Callable, Iterable
from typing import Any

from textual import events
from textual.app import App
from textual.message import Message

UNGUARDED = "With this version of Textual, escape sequences in a pasted text act as keys: paste plain text only."
ALONE = 0.05
"""Seconds after which an escape that nothing followed was the key."""
TORN = 0.025
"""Seconds within which a bracket of its own belongs to the escape before it: a sequence that two reads tore apart."""
ESC, BEGIN, END = "\x1b", "\x1b[200~", "\x1b[201~"


class PastingParser:
    """The terminal's input parser, which sees no escape between a paste's begin and its end, nor one that was a key.

    parser: Textual's own, which has a `feed` and a `tick`.
    more_within: waits so many seconds at most for more input, and says whether there is any. Without it an escape is
    told by the time between two ticks, and Textual's are 100 ms apart.
    """

    def __init__(self, parser: Any, more_within: Callable[[float], bool] | None = None) -> None:
        self._parser, self._more_within = parser, more_within
        self._pasting = False
        self._kept = ""
        """Outside a paste, the end of what was passed on; inside, what may be the beginning of its end."""
        self._escapes = 0
        """How many ended the last read: keys, unless what comes next goes on with the last of them."""
        self._escaped = 0.0

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what the terminal sent; an empty string is its end."""
        passed = self._without_pasted_escapes(data)
        if data and not passed:
            return
        if self._escapes:
            goes_on = self._goes_on(passed)
            yield from self._keys(self._escapes - goes_on)
            passed = ESC * goes_on + passed
        kept = passed.rstrip(ESC)
        self._escapes, self._escaped = len(passed) - len(kept), time.monotonic()
        if kept or not data:
            yield from self._parser.feed(kept)

    def tick(self) -> Iterable[Message]:
        """What the time that has passed makes of what was read: an escape that nothing followed is the key."""
        if self._escapes and self._alone():
            yield from self._keys(self._escapes)
            self._escapes = 0
        yield from self._parser.tick()

    def _alone(self) -> bool:
        left = self._escaped + ALONE - time.monotonic()
        return left <= 0 or (self._more_within is not None and not self._more_within(left))

    def _goes_on(self, read: str) -> bool:
        """Whether a read goes on with the sequence of which the one before had the escape only."""
        if read[:1] not in ("[", "O", "]", "P"):
            return False
        return len(read) > 1 or time.monotonic() - self._escaped < TORN

    @staticmethod
    def _keys(count: int) -> Iterable[Message]:
        return [events.Key("escape", ESC) for _ in range(count)]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._parser, name)

    def _without_pasted_escapes(self, data: str) -> str:
        passed: list[str] = []
        while data:
            text = self._kept + data
            if not self._pasting:
                begin = text.find(BEGIN)
                end = begin + len(BEGIN) - len(self._kept) if begin >= 0 else len(data)
                self._kept = "" if begin >= 0 else text[1 - len(BEGIN) :]
                passed.append(data[:end])
                self._pasting, data = begin >= 0, data[end:]
            elif (end := text.find(END)) >= 0:
                passed += text[:end].replace(ESC, ""), END
                self._pasting, self._kept, data = False, "", text[end + len(END) :]
            else:
                whole = len(text) - next(n for n in range(len(END) - 1, -1, -1) if text.endswith(END[:n]))
                passed.append(text[:whole].replace(ESC, ""))
                self._kept, data = text[whole:], ""
        return "".join(passed)


def keep_pastes_inert(app: App[None]) -> str:
    """Let the terminal's driver parse through `PastingParser`. Returns what does not work where that cannot be.

    Drivers name their parser and offer no other way in. The name is Textual's own affair: a version without it starts
    all the same.
    """
    driver = sys.modules[app.driver_class.__module__]
    parser: Any = getattr(driver, "XTermParser", None)
    if not isinstance(parser, type):
        return UNGUARDED

    def pasting(debug: bool = False) -> PastingParser:
        return PastingParser(parser(debug), _more_within)

    driver.XTermParser = pasting  # pyright: ignore[reportAttributeAccessIssue] - there, as just seen
    return ""


def _more_within(seconds: float) -> bool:
    """Whether the terminal sends more within that time. Asked in the thread that reads and has nothing else to do."""
    if sys.__stdin__ is None:
        return True
    try:
        return bool(select.select([sys.__stdin__], [], [], seconds)[0])
    except (OSError, ValueError):  # no terminal, or one that cannot be waited for so: the next tick tells
        return True
