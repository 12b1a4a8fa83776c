"""All branches of a conversation on one screen, to go to any of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatmodes.sanitize import one_line
from chatmodes.tui.dialogs.picking import PickScreen, Row
from chatmodes.tui.figures import plural

if TYPE_CHECKING:
    from chatmodes.store.records import StoredMessage

DEEPEST = 16
"""Forks that indent; what lies deeper stands as far right as those."""
WORDS = 70
"""Characters of a message that its row shows."""


class Branches(PickScreen):
    """Type to narrow, Enter to go. Gives the picked message's id; the branch below it is the one that is shown."""

    TITLE_TEXT = "Branches of this conversation"
    PLACEHOLDER = "Words of a message"

    def __init__(self, messages: Sequence[StoredMessage], path: Sequence[str]) -> None:
        leaves = len(messages) - len({one.parent for one in messages if one.parent})
        note = f"{plural(len(messages), 'message')} in {leaves:,} {'branch' if leaves == 1 else 'branches'}"
        super().__init__(tree_rows(messages, path), f"{note} · Enter goes there. Esc closes.")
        self._last = path[-1] if path else ""

    def on_mount(self) -> None:
        """Begin where one is."""
        super().on_mount()
        self.highlight(self._last)


def tree_rows(messages: Sequence[StoredMessage], path: Sequence[str]) -> list[Row]:
    """Each message under the one it follows, indented where a conversation forks; the open branch is marked.

    messages: parents before children. Walked without recursion: a branch may be ten thousand messages long.
    """
    known = {one.id for one in messages}
    below: dict[str | None, list[StoredMessage]] = {}
    for one in messages:
        below.setdefault(one.parent if one.parent in known else None, []).append(one)
    shown = set(path)
    rows: list[Row] = []
    waiting = [(one, int(len(below.get(None, ())) > 1)) for one in reversed(below.get(None, ()))]
    while waiting:
        message, depth = waiting.pop()
        following = below.get(message.id, [])
        rows.append(_row(message, min(depth, DEEPEST), message.id in shown))
        waiting += [(one, depth + (len(following) > 1)) for one in reversed(following)]
    return rows


def _row(message: StoredMessage, depth: int, shown: bool) -> Row:
    who = "You" if message.message.role == "user" else message.mode.capitalize() or "Answer"
    words = one_line(message.message.written, WORDS).strip() or "(no text)"
    version = f" · {message.position}/{message.siblings}" if message.siblings > 1 else ""
    fork = "├ " if message.siblings > 1 else "  " if depth else ""
    return Row(message.id, f"{'●' if shown else '○'} {'│ ' * max(0, depth - 1)}{fork}{words}", f"{who}{version}")
