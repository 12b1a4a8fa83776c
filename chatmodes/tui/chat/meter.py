"""How much of the model's window the next prompt takes: told while there is still room, and estimated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatmodes.tui import figures
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chatmodes.messages import File, Image, Message
    from chatmodes.providers.calls import ModelInfo
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
        self._model: str = ""
        self._info: ModelInfo | None = None
        """What is known of that model."""

    def reading(self, model: str, typed: str, hung: Sequence[File | Image] = ()) -> tuple[str, bool]:
        """`1.3k of 8k` for what is sent to `model` with what is `typed` now and hangs on it, and whether that is nearly
        all; empty where the window is not known, and where there is nothing to send."""
        if self._engine.state != "ready" or not (self._session.path or typed.strip() or hung):
            return "", False
        window = self._room(model)
        if not window:
            return "", False
        texts = [text for text in (self._session.settings.system, typed) if text]
        taken = self._of_path() + sum(map(self._tokens, texts)) + (self._tokens("", hung) if hung else 0)
        return f"{figures.short(taken)} of {figures.short(window)}", taken >= FULL * window

    def _room(self, model: str) -> int | None:
        if self._model != model or self._info is None:
            self._model, self._info = model, self._engine.info(model) if model else None
            self._known.clear()  # each model counts pictures by a rule of its own
            self._path = None
        return self._info.context_window if self._info else None

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

    def _tokens(self, text: str, hung: Sequence[File | Image] = ()) -> int:
        from chatmodes.messages import user

        return self._count(user(text, hung))

    def _count(self, message: Message) -> int:
        return self._engine.backend.tokens(message, self._info)
