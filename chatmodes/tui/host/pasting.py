"""Pasted text stays text, whatever escape sequences it holds.

Textual's parser reads an escape inside a bracketed paste as the start of a key: the rest of a coloured log is then
typed instead of pasted, each line end sends a piece, and a control character among it is a key of the chat's. Many
terminals take escapes out of a paste; tmux and some others do not.
"""

import sys
from collections.abc import Iterable

from textual._xterm_parser import XTermParser
from textual.app import App
from textual.message import Message

ESC, BEGIN, END = "\x1b", "\x1b[200~", "\x1b[201~"


class PastingParser(XTermParser):
    """The terminal's input parser, which sees no escape between a paste's begin and its end."""

    def __init__(self, debug: bool = False) -> None:
        super().__init__(debug)
        self._pasting = False
        self._kept = ""
        """Outside a paste, the end of what was passed on; inside, what may be the beginning of its end."""

    def feed(self, data: str) -> Iterable[Message]:
        """Parse what the terminal sent; an empty string is its end."""
        passed = self._without_pasted_escapes(data)
        return super().feed(passed) if passed or not data else ()

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


def keep_pastes_inert(app: App[None]) -> None:
    """Let the terminal's driver parse with `PastingParser`. Drivers name their parser and offer no other way in."""
    driver = sys.modules[app.driver_class.__module__]
    if hasattr(driver, "XTermParser"):  # Windows reads keys from the console instead
        driver.XTermParser = PastingParser  # pyright: ignore[reportAttributeAccessIssue] - guarded above
