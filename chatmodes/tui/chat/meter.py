"""How much of the model's window the next prompt takes: told while there is still room, and estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatmodes.tui import figures
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine

if TYPE_CHECKING:
    from chatmodes.messages import Message
    from chatmodes.store.records import StoredMessage

FULL = 0.8
"""The share of the window from which it is told as a warning: an eighth is kept for the answer."""


class Meter:
    """Counts each stored message once: a frame of a stream must not walk through ten thousand of them."""

    def __init__(self, session: Session, engine: Engine) -> None:
        self._session, self._engine = session, engine
        self._known: dict[str, int] = {}
        self._path: list[StoredMessage] | None = None
        self._taken = 0
        self._window: tuple[str, int | None] = ("", None)

    def reading(self, model: str, typed: str) -> tuple[str, bool]:
        """`1.3k of 8k` for what is sent to `model` with what is `typed` now, and whether that is nearly all; empty
        where the window is not known, and where there is nothing to send."""
        if self._engine.state != "ready" or not (self._session.path or typed.strip()):
            return "", False
        window = self._room(model)
        if not window:
            return "", False
        taken = self._of_path() + sum(self._tokens(text) for text in (self._session.settings.system, typed) if text)
        return f"{figures.short(taken)} of {figures.short(window)}", taken >= FULL * window

    def _room(self, model: str) -> int | None:
        if self._window[0] != model or self._window[1] is None:
            info = self._engine.info(model) if model else None
            self._window = model, info.context_window if info else None
        return self._window[1]

    def _of_path(self) -> int:
        path = self._session.path
        if path is not self._path:
            self._path, self._taken = path, sum(map(self._of_message, path))
        return self._taken

    def _of_message(self, stored: StoredMessage) -> int:
        if stored.id in self._session.live:  # still being written
            return self._count(stored.message)
        if stored.id not in self._known:
            self._known[stored.id] = self._count(stored.message)
        return self._known[stored.id]

    def _tokens(self, text: str) -> int:
        from chatmodes.messages import user

        return self._count(user(text))

    def _count(self, message: Message) -> int:
        return self._engine.backend.tokens(message)
