"""What is attached to the prompt being written: a chip each, above the text, with a mark that takes it away.

An attachment is made ready from the moment at which it is put here, away from the event loop, while one types on. Who
sends the prompt takes them all and waits for those that are not ready.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from chatmodes.tui import attached
from chatmodes.tui.names import fitted, one_line
from chatmodes.tui.reading import read

if TYPE_CHECKING:
    from chatmodes.attaching import Part

MOST_ROWS = 3
"""Of chips; what is beyond is counted."""
AWAY = " ×"


class Attachment:
    """One thing that is attached: being made ready, ready, or refused."""

    def __init__(self, name: str, parts: "Iterable[Part]" = ()) -> None:
        self.name = one_line(name)
        self.parts: tuple[Part, ...] = tuple(parts)
        """What is sent; empty until it is ready, and where it was refused."""
        self.problem = ""
        """Why it was refused, a sentence."""
        self._settled = asyncio.Event()
        if self.parts:
            self._settled.set()

    @property
    def settled(self) -> bool:
        """Whether it is ready or refused."""
        return self._settled.is_set()

    async def wait(self) -> None:
        """Wait until it is ready or refused."""
        await self._settled.wait()

    async def make(self, work: "Callable[[], Awaitable[Sequence[Part]]]") -> None:
        """Make it ready."""
        await read(_imports)  # 100 ms, in a thread: in the loop a key press would wait
        from chatmodes.attaching import AttachError
        from chatmodes.tui.host.pictures import NoPictureError

        try:
            self.parts = tuple(await work())
        except (AttachError, NoPictureError) as problem:
            self.problem = str(problem)
        finally:
            if not (self.parts or self.problem):  # given up half-way, with the screen
                self.problem = f"{self.name} was not read to its end; attach it again."
            self._settled.set()

    @property
    def label(self) -> str:
        """What its chip says."""
        if not self.parts:
            return f"{self.name}, reading…"
        if len(self.parts) == 1:
            return attached.line(self.parts[0])
        return f"{self.name}, {len(self.parts) - 1} pages, {attached.about(attached.tokens(self.parts))}"


def attachments_of(parts: "Iterable[Part]") -> list[Attachment]:
    """Attachments of a prompt that was sent, ready as they are: the pages of a scanned PDF belong to it."""
    made: list[Attachment] = []
    for part in parts:
        if made and part.name.startswith(f"{made[-1].name}, page "):
            made[-1].parts += (part,)
        else:
            made.append(Attachment(part.name, (part,)))
    return made


class Shelf(Widget):
    """The chips. It takes no room while there are none, and never the focus.

    home: what it is mounted in, at the top, when the first is put here: the first frame does without. Its messages go
    there too.
    """

    DEFAULT_CSS = """
    Shelf {
        display: none;
        height: auto;
        width: 1fr;
        background: transparent;
        & .shelf--chip { background: $panel; color: $text-accent; text-style: bold; }
        & .shelf--more { color: $text-muted; }
        &:ansi .shelf--chip { text-style: bold reverse; }
        &.-filled { display: block; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"shelf--chip", "shelf--more"}

    class Changed(Message):
        """Something was put here, became ready or was taken away."""

    class Opened(Message):
        """A chip was clicked: show what it stands for."""

    class Refused(Message):
        """Something could not be attached, in a sentence."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    def __init__(self, home: Widget) -> None:
        super().__init__()
        self._home = home
        self.attachments: tuple[Attachment, ...] = ()

    # What is here

    @property
    def unkept(self) -> str:
        """What to say when the program ends: a draft on disk is its text alone. Empty where nothing is attached."""
        names = ", ".join(each.name for each in self.attachments)
        return f"Not kept with the prompt that was not sent: {names}. Attach it again." if names else ""

    def put(self, attachments: Iterable[Attachment]) -> None:
        """Add attachments that are ready, or being made ready."""
        self._show((*self.attachments, *attachments))

    def take(self) -> tuple[Attachment, ...]:
        """All of them, which are here no more: they are sent."""
        taken = self.attachments
        self._show(())
        return taken

    def take_last(self) -> bool:
        """Take the last one away; False where there is none."""
        there = bool(self.attachments)
        self._show(self.attachments[:-1])
        return there

    def add(self, name: str, work: "Callable[[], Awaitable[Sequence[Part]]]") -> None:
        """Make something ready, with a chip from now on."""
        attachment = Attachment(name)
        self.put([attachment])
        # What a hostile file makes a library raise must not end the chat: the attachment is refused then as well.
        self._home.run_worker(self._made(attachment, work), group="attach", exit_on_error=False)

    async def _made(self, attachment: Attachment, work: "Callable[[], Awaitable[Sequence[Part]]]") -> None:
        await attachment.make(work)
        if attachment not in self.attachments:  # taken away, or sent: who sends it says what is wrong
            return
        if attachment.problem:
            self._home.post_message(self.Refused(attachment.problem))
            self._show(each for each in self.attachments if each is not attachment)
        else:
            self._show(self.attachments)

    def _show(self, attachments: Iterable[Attachment]) -> None:
        before, self.attachments = self.attachments, tuple(attachments)
        if not (before or self.attachments):
            return
        if not self.is_attached:
            self._home.mount(self, before=0)
        self.set_class(bool(self.attachments), "-filled")
        self.refresh(layout=True)
        self._home.post_message(self.Changed())

    # Where it comes from

    async def files_in(self, pasted: str) -> list[Path]:
        """The files whose paths were pasted, and nothing else with them; empty where it is a text."""
        from chatmodes.tui.composer.dropped import files_of, may_be_paths

        return await read(files_of, pasted) if may_be_paths(pasted) else []

    def add_file(self, path: Path) -> None:
        """Attach a file by its path."""

        async def made() -> "Sequence[Part]":
            from chatmodes.attaching import attach_file, followed

            return await attach_file(await read(partial(followed, path)), name=path.name)

        self.add(path.name, made)

    def add_clipboard(self) -> None:
        """Attach the clipboard's picture."""

        async def made() -> "Sequence[Part]":
            from chatmodes.attaching import attach_bytes
            from chatmodes.tui.host.pictures import clipboard_picture

            return await attach_bytes(await clipboard_picture(), "clipboard")

        self.add("clipboard", made)

    # How it looks

    def _rows(self, width: int) -> list[list[tuple[str, Attachment | None]]]:
        """The chips in rows, and what is said of those for which there is no room."""
        rows: list[list[tuple[str, Attachment | None]]] = [[]]
        used = 0
        for at, attachment in enumerate(self.attachments):
            chip = f" {fitted(attachment.label, max(1, width - 5))}{AWAY} "
            if rows[-1] and used + cell_len(chip) > width:
                if len(rows) == MOST_ROWS:
                    rows[-1][-1:] = [(f"and {len(self.attachments) - at + 1} more", None)]
                    break
                rows.append([])
                used = 0
            rows[-1].append((chip, attachment))
            used += cell_len(chip) + 1
        return rows

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        return len(self._rows(width)) if self.attachments else 0

    def render_line(self, y: int) -> Strip:
        width, rows = self.size.width, self._rows(self.size.width)
        segments: list[Segment] = []
        for text, attachment in rows[y] if y < len(rows) else []:
            style = self.get_component_rich_style("shelf--chip" if attachment else "shelf--more")
            segments += [Segment(text, style), Segment(" ", self.rich_style)]
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def on_click(self, event: events.Click) -> None:
        event.stop()
        rows, left = self._rows(self.size.width), 0
        for text, attachment in rows[event.y] if event.y < len(rows) else []:
            end = left + cell_len(text)
            if attachment is not None and left <= event.x < end - len(AWAY) - 1:
                self._home.post_message(self.Opened())
            elif attachment is not None and left <= event.x < end:
                self._show(each for each in self.attachments if each is not attachment)
            left = end + 1


def _imports() -> None:
    from chatmodes import attaching
    from chatmodes.tui.host import pictures

    del attaching, pictures
