"""Telling someone who looks elsewhere that a long answer is there: the bell, the terminal's title, a notification.

Only when the terminal has lost the focus and the run took long, so that nobody is told what they have just seen. The
app reports focus (`on_app_focus`, `on_app_blur`) and the start and end of runs, and calls `restore` before it exits.
"""

import os
from collections.abc import Callable, Mapping
from typing import Literal

from chatmodes.sanitize import one_line
from chatmodes.tui.figures import seconds as spelled

NAME = "chatmodes"
_LONGEST = 120
_OSC_9 = frozenset({"iTerm.app", "WezTerm", "ghostty", "WarpTerminal", "rio"})


class Notifier:
    """Writes to the terminal by `write`, such as the driver's; runs shorter than `after` seconds end quietly."""

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        bell: bool = True,
        after: float = 10.0,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self.focused = True
        """Terminals that report no focus leave this as it is: no notification then."""
        self._write = write
        self._bell = bell
        self._after = after
        self._environ = environ
        self._saved = False

    def run_started(self, prompt: str) -> None:
        """The title says what is being answered."""
        self._title(f"… {one_line(prompt, _LONGEST)}")

    def run_ended(
        self, outcome: Literal["finished", "failed", "cancelled"], *, seconds: float, summary: str = ""
    ) -> bool:
        """The title says how it ended; a bell and a notification if nobody is looking. Whether they were given."""
        mark = {"finished": "✓", "failed": "✗", "cancelled": "■"}[outcome]
        self._title(f"{mark} {one_line(summary, _LONGEST)}" if summary else f"{mark} {NAME}")
        if self.focused or outcome == "cancelled" or seconds < self._after:
            return False
        said = "The answer is there" if outcome == "finished" else "The run failed"
        self._notify(one_line(f"{said} after {spelled(seconds)}{': ' if summary else ''}{summary}", _LONGEST))
        if self._bell:
            self._write("\x07")
        return True

    def restore(self) -> None:
        """The title as it was before the program set it."""
        if self._saved:
            self._write("\x1b[23;2t")
            self._saved = False

    def _title(self, text: str) -> None:
        if not self._saved:
            # Terminals keep a stack of titles (XTWINOPS 22 and 23); those without it leave the last one to the shell.
            self._write("\x1b[22;2t")
            self._saved = True
        self._write(f"\x1b]2;{one_line(text, _LONGEST)}\x07")

    def _notify(self, text: str) -> None:
        from chatmodes.tui.host.clipboard import through  # two ms that the first frame does not wait for

        for sequence in self._sequences(text):
            self._write(through(sequence, self._environ))

    def _sequences(self, text: str) -> list[str]:
        """OSC 9, OSC 777, or both where the terminal is not known: what it does not know it ignores."""
        # The name first: OSC 9 followed by a digit is something else (a progress bar) on Windows.
        nine = f"\x1b]9;{NAME}: {text}\x07"
        sevens = f"\x1b]777;notify;{NAME};{text.replace(';', ',')}\x07"
        program = self._environ.get("TERM_PROGRAM", "")
        if program in _OSC_9 or self._environ.get("KITTY_WINDOW_ID") or self._environ.get("LC_TERMINAL") == "iTerm2":
            return [nine]
        if self._environ.get("VTE_VERSION") or self._environ.get("TERM", "").startswith(("foot", "rxvt")):
            return [sevens]
        return [nine, sevens]
