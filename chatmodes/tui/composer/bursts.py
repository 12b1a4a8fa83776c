"""Telling typing from pasting where the terminal does not: keys that arrive faster than anyone types are one paste.

Without bracketed paste a newline in a paste is an Enter, and each would send a piece of it. Keys of one read arrive
within microseconds, a fast typist's 30 ms apart. So keys closer than `GAP` are collected until `QUIET` has passed
without one, and what was collected is judged as a whole: an Enter or a Tab that stands alone at its end is that of
someone typing (or of a program that types), any other is part of the text. Collecting also makes 9,500 edits of a 20
KB paste one.
"""

import re

GAP = 0.015
"""Seconds. Not microseconds: the reading thread may lose the interpreter for 5 ms between two keys of one read."""
QUIET = 0.020
"""Seconds without a key after which a burst is over; below what a reader notices on an Enter."""
PASTING = 32
"""Keys in a burst from which on, if not from an Enter in the middle, it is a paste and nothing else …"""
PATIENCE = 0.15
"""… and then over after so many seconds, and as many more as its keys waited to be handled, at most `MOST_PATIENCE`."""
MOST_PATIENCE = 2.0
"""Where five times the machine's work was waiting, a 20 KB paste was read with gaps of 0.55 s; none may send a part."""

_MOUSE_GARBAGE = re.compile(r"\^?\[?<(?:-?\d+|NaN);(?:-?\d+|NaN);(?:-?\d+|NaN)[Mm]")


def without_mouse_garbage(text: str) -> str:
    """Without the mouse reports that VS Code's terminal sends with NaN for a number, which arrive as typed text."""
    if "NaN" not in text:
        return text
    return _MOUSE_GARBAGE.sub(lambda match: "" if "NaN" in match[0] else match[0], text)


class Burst:
    """Keys collected so far. Times are those of the events, from the thread that read them."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._last = float("-inf")
        self._lead = ""
        self._lag = 0.0

    def __bool__(self) -> bool:
        return bool(self._keys)

    @property
    def lead(self) -> str:
        """The key before the burst's first, where it belongs to it."""
        return self._lead

    def belongs(self, time: float) -> bool:
        """Whether a key of this time came too fast after the last one to have been typed."""
        return time - self._last < GAP

    def typed(self, character: str, time: float) -> None:
        """A key that the editor takes by itself: it may turn out to be the first of a burst."""
        self._last, self._lead = time, character

    def add(self, character: str, time: float, now: float) -> None:
        """A key of the burst; Enter is a carriage return here, to tell it from a newline asked for."""
        self._last = time
        self._lag = max(self._lag, now - time)
        self._keys.append(character)

    def quiet(self, now: float) -> bool:
        """Whether no key has come for long enough, a tenth less since timers are not exact."""
        pasting = len(self._keys) >= PASTING or "\r" in self._keys[:-1]
        patience = min(PATIENCE + self._lag, MOST_PATIENCE) if pasting else QUIET
        return now - self._last >= patience * 0.9

    def over(self, time: float) -> bool:
        """Whether a key of this time came so long after the burst that it is none of it.

        Where the screen was busy, keys typed at leisure are read one right after the other: Enter must not wait for the
        text that was typed behind it.
        """
        return bool(self._keys) and time - self._last >= PATIENCE and self.quiet(time)

    def take(self) -> tuple[int, str, str]:
        """End the burst: how many characters before it to take back, the text to insert, and its lone last key.

        That key is a carriage return for Enter, a tab for Tab and empty otherwise.
        """
        collected = "".join(self._keys)
        self._keys.clear()
        lead, self._lead, self._lag = self._lead, "", 0.0
        text = without_mouse_garbage(lead + collected)
        # The first key of a paste was taken for typing; it belongs to the paste.
        back = 0 if text.startswith(lead) and "\r" not in text[:-1] else len(lead)
        text = text if back else text[len(lead) :]
        ending = text[-1:]
        if ending in ("\r", "\t") and not any(key in text[:-1] for key in "\r\t"):
            return back, text[:-1], ending
        return back, text.replace("\r", "\n"), ""
