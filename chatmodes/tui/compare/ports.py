"""What a comparison needs of the screen it was opened from."""

from collections.abc import Coroutine
from typing import Any, Literal, Protocol


class Opener(Protocol):
    """Who opened the comparison, and stays below it."""

    def tell(self, text: str, severity: Literal["notice", "warning", "error"] = "notice") -> None:
        """Show a short message."""
        ...

    def do(self, work: Coroutine[Any, Any, object], *, group: str = "do") -> None:
        """Start something that may wait; a store that fails becomes a notice."""
        ...


class Taking(Protocol):
    """How text and links leave the program."""

    def copy(self, text: str, what: str = "") -> None:
        """To the clipboard, and say what became of it."""
        ...

    async def open_link(self, url: str) -> None:
        """Ask, then open."""
        ...
