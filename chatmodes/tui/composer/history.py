"""Stepping through earlier prompts with up and down, narrowed to those that begin with what is typed."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from chatmodes.messages import File, Image


class Earlier(str):
    """A prompt with the paths in it that were attached, which count as mentioned by hand once more, and with what hung
    on it."""

    __slots__ = ("hung", "mentions")
    mentions: tuple[str, ...]
    hung: "tuple[File | Image, ...]"

    def __new__(cls, text: str, mentions: Collection[str] = (), hung: "Iterable[File | Image]" = ()) -> Self:
        made = super().__new__(cls, text)
        made.mentions, made.hung = tuple(mentions), tuple(hung)
        return made


Source = Callable[[], Awaitable[Sequence[str]]] | Sequence[str]
"""Earlier prompts, the oldest first; a callable is asked each time stepping begins, and may read them from a disk."""


class PromptHistory:
    """Where the reader is in the earlier prompts. `None` from a step means: stay where you are."""

    def __init__(self, source: Source = ()) -> None:
        self.source = source
        self._found: list[str] = []
        self._at = 0
        self._draft: str | None = None

    @property
    def stepping(self) -> bool:
        """Whether a prompt of the history is shown in place of the draft."""
        return self._draft is not None

    async def older(self, text: str) -> str | None:
        """The prompt before; the first step keeps `text` as the draft to come back to and as the prefix."""
        if self._draft is None:
            earlier = await self.source() if callable(self.source) else self.source
            # Each prompt once, where it was used last: a prompt sent ten times is one step.
            unique = list(dict.fromkeys(reversed([p for p in earlier if p != text and p.startswith(text)])))
            if not unique:
                return None
            self._draft, self._found, self._at = text, unique, -1
        if self._at + 1 >= len(self._found):
            return None
        self._at += 1
        return self._found[self._at]

    def newer(self) -> str | None:
        """The prompt after; beyond the newest one the draft comes back."""
        if self._draft is None:
            return None
        self._at -= 1
        if self._at >= 0:
            return self._found[self._at]
        draft = self._draft
        self.stop()
        return draft

    def stop(self) -> None:
        """The shown prompt is the draft from here on: it was edited, sent or replaced."""
        self._draft = None
        self._found = []
