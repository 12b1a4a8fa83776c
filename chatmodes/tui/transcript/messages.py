"""What the transcript tells its screen. It opens and copies nothing by itself: the screen decides."""

from textual.message import Message


class LinkClicked(Message):
    """A link was clicked. The address is the model's: show it before opening it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class LinkHovered(Message):
    """The mouse is over a link, or (empty) has left it."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url


class CopyRequested(Message):
    """The copy mark of a fence was clicked, or its key pressed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class OpenRequested(Message):
    """A block that opens something else was clicked, or Enter pressed on it."""

    def __init__(self, block: str) -> None:
        super().__init__()
        self.block = block


class FollowChanged(Message):
    """The reader has left the end, or is back at it."""

    def __init__(self, following: bool) -> None:
        super().__init__()
        self.following = following


class CursorMoved(Message):
    """Another block is chosen, or (None) none is."""

    def __init__(self, block: str | None) -> None:
        super().__init__()
        self.block = block


class SearchChanged(Message):
    """The number of matches or the present one has changed. `current` counts from 1; 0 is none."""

    def __init__(self, current: int, total: int) -> None:
        super().__init__()
        self.current = current
        self.total = total
