"""An app with nothing but a transcript, for its tests and snapshots."""

from collections.abc import Sequence

from textual.app import App, ComposeResult
from textual.message import Message

from chatmodes.tui.transcript import Block, Transcript
from chatmodes.tui.transcript.document import Place


class TranscriptApp(App[None]):
    """Keeps the messages that the transcript posts."""

    def __init__(self, blocks: Sequence[Block] = (), theme: str = "textual-dark") -> None:
        super().__init__()
        self.posted: list[Message] = []
        self.blocks = blocks
        self.theme = theme

    def compose(self) -> ComposeResult:
        yield Transcript()

    def on_mount(self) -> None:
        self.transcript.load(self.blocks)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)

    def _keep(self, message: Message) -> None:
        self.posted.append(message)

    def on_link_clicked(self, message: Transcript.LinkClicked) -> None:
        self._keep(message)

    def on_link_hovered(self, message: Transcript.LinkHovered) -> None:
        self._keep(message)

    def on_copy_requested(self, message: Transcript.CopyRequested) -> None:
        self._keep(message)

    def on_follow_changed(self, message: Transcript.FollowChanged) -> None:
        self._keep(message)

    def on_search_changed(self, message: Transcript.SearchChanged) -> None:
        self._keep(message)


def put_at_top(app: TranscriptApp, id: str) -> None:
    """Scroll so that a block begins at the window's first row."""
    document = app.transcript.document
    app.transcript.go_to(document.row(Place(document.index(id), 0, -1)))


def rows(app: TranscriptApp) -> list[str]:
    """The rows of the transcript as drawn."""
    transcript = app.transcript
    return [transcript.render_line(y).text.rstrip() for y in range(transcript.size.height)]


def shown(app: TranscriptApp) -> str:
    """All rows."""
    return "\n".join(rows(app))
