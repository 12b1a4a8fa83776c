"""The transcript's widget: what its blocks are, and what the reader does with them by keys and mouse."""

import time
from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset

from chatmodes.tui.host import keymap
from chatmodes.tui.markdown.lines import Hit
from chatmodes.tui.markdown.render import fence_text
from chatmodes.tui.transcript import messages
from chatmodes.tui.transcript.blocks import Block
from chatmodes.tui.transcript.document import Place
from chatmodes.tui.transcript.drawing import GUTTER
from chatmodes.tui.transcript.search import Search, find_in
from chatmodes.tui.transcript.view import TranscriptView

FLUSH_SECONDS = 0.1
"""Between two paints of a stream. 100 ms cost 30% less processor time than 50, and nobody reads faster."""


class Transcript(TranscriptView):
    """Blocks of a conversation, virtualised. The package's docstring says how it is used."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "scroll_up", "Scroll up", show=False, id="transcript.up"),
        Binding("down", "scroll_down", "Scroll down", show=False, id="transcript.down"),
        Binding("pageup", "page_up", "Page up, also from a composer of few lines", show=False, id="transcript.page_up"),
        Binding("pagedown", "page_down", "Page down, likewise", show=False, id="transcript.page_down"),
        Binding("home", "scroll_home", "Start", show=False, id="transcript.start"),
        Binding("end", "follow", "End, and follow it", show=False, id="transcript.follow"),
        Binding("alt+up,k", "cursor_previous", "Previous message", show=False, id="transcript.previous"),
        Binding("alt+down,j", "cursor_next", "Next message", show=False, id="transcript.next"),
        Binding("enter,space", "toggle_fold", "Fold, unfold or open", show=False, id="transcript.fold"),
        Binding("c", "copy_fence", "Copy code", show=False, id="transcript.copy_fence"),
    ]
    FOCUS_ON_CLICK = False
    """Who clicks a link or selects a line goes on typing; Tab leads here."""

    LinkClicked = messages.LinkClicked
    LinkHovered = messages.LinkHovered
    CopyRequested = messages.CopyRequested
    OpenRequested = messages.OpenRequested
    FollowChanged = messages.FollowChanged
    SearchChanged = messages.SearchChanged
    CursorMoved = messages.CursorMoved

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._pending: dict[str, list[str]] = {}
        self._flush_due = False
        self._last_flush = 0.0
        self._pressed = Offset()
        self._over = ""
        """The address that `LinkHovered` was last posted with."""

    # -- blocks

    def append(self, block: Block) -> None:
        """Add a block at the end. ValueError if its id is there already."""
        self.document.append(block)
        self.settle()

    def insert(self, block: Block, *, before: str) -> None:
        """Add a block before another."""
        self.deselect()
        with self.kept():
            self.document.insert(self.document.index(before), block)

    def remove_block(self, id: str) -> None:
        """Take a block away; KeyError if it is not there."""
        self.deselect()
        self._pending.pop(id, None)
        with self.kept():
            self.document.remove(id)
        if self.cursor == id:
            self.cursor = None

    def replace(self, id: str, block: Block) -> None:
        """Put another block (with the same id or a new one) in a block's place."""
        self.deselect()
        self._pending.pop(id, None)
        with self.kept():
            self.document.replace(id, block)

    def load(self, blocks: Iterable[Block]) -> None:
        """Show a conversation: these blocks and no others, at their end."""
        self.clear()
        for block in blocks:
            self.document.append(block)
        self.settle()

    def clear(self) -> None:
        """Take all blocks away."""
        self.deselect()
        self._pending.clear()
        self._found.clear()
        self.document.clear()
        self.cursor = self.search = self._hover = self._current = None
        self.set_following(True)
        self.settle()

    def stream(self, id: str, text: str) -> None:
        """More of a live block's text. Painted within a tenth of a second, at once if nothing was painted lately."""
        self._pending.setdefault(id, []).append(text)
        if self._flush_due:
            return
        self._flush_due = True
        wait = self._last_flush + FLUSH_SECONDS - time.monotonic()
        if wait <= 0:
            self.call_later(self.flush)
        else:
            self.set_timer(wait, self.flush)

    def flush(self) -> None:
        """Paint what has been streamed: called by itself, by `finish`, and by who cannot wait."""
        self._flush_due = False
        pending, self._pending = self._pending, {}
        if not pending:
            return
        self._last_flush = time.monotonic()
        with self.kept():
            for id, texts in pending.items():
                if id in self.document and self.document.entry(id).live:
                    self.document.feed(id, "".join(texts))

    def finish(self, id: str) -> None:
        """A live block is complete."""
        self.flush()
        with self.kept():
            self.document.finish(id)

    def set_head(self, id: str, head: str) -> None:
        """Another head for a block."""
        with self.kept():
            self.document.change(id, head=head)

    def set_folded(self, id: str, folded: bool) -> None:
        """Fold or unfold a block. Its head stays where it is on the screen."""
        if self.document.entry(id).block.folded == folded:
            return
        self.flush()
        self.deselect()
        if not folded:
            self.set_following(False)  # what opens below the head is to be read from its start
        with self.kept():
            self.document.change(id, folded=folded)

    def text(self, id: str) -> str:
        """A block's source, cleaned."""
        self.flush()
        return self.document.entry(id).source

    def action_follow(self) -> None:
        """Back to the end, and stay there as it grows."""
        self.set_following(True)
        self.settle()

    # -- mouse

    def _hit(self, event: events.MouseEvent) -> tuple[Place, Hit] | None:
        offset = event.get_content_offset(self)
        if offset is None:
            return None
        place = self.document.locate(self.scroll_offset.y + offset.y)
        if place is None or place.row < 0:
            return None
        cell = offset.x - GUTTER
        for hit in self.document.line(place).hits:
            if hit.start <= cell < hit.end:
                return place, hit
        return None

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Show what would be clicked, and say where a link goes."""
        self._set_hover(self._hit(event))

    def on_leave(self) -> None:
        """The mouse is elsewhere."""
        self._set_hover(None)

    def _set_hover(self, found: tuple[Place, Hit] | None) -> None:
        if found == self._hover:
            return
        self._hover = found
        over = found[1].payload if found is not None and found[1].kind == "link" else ""
        if over != self._over:
            self._over = over
            self.post_message(messages.LinkHovered(over))
        self.refresh()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """A click, or the start of a selection."""
        self._pressed = event.offset

    def on_click(self, event: events.Click) -> None:
        """Links, copy marks and fold lines."""
        found = self._hit(event)
        # Textual calls the end of a selection a click too.
        if found is None or event.offset != self._pressed:
            return
        place, hit = found
        entry = self.document.entries[place.entry]
        if hit.kind == "link":
            self.post_message(messages.LinkClicked(hit.payload))
        elif hit.kind in ("fold", "open"):
            self._toggle(entry.block.id)
        else:
            section = (entry.units or [])[place.unit].section
            own = section is not None and section.kind == "fence"
            text = self._fence(entry.block.id, section.serial) if own and section else hit.payload
            self.post_message(messages.CopyRequested(text))

    def _fence(self, id: str, serial: int) -> str:
        """A fence's text, which may lie in several sections."""
        parts = [part for part in self.document.entry(id).sections if part.kind == "fence" and part.serial == serial]
        return "\n".join(fence_text(part) for part in parts)

    # -- the cursor

    def _toggle(self, id: str) -> None:
        block = self.document.entry(id).block
        if block.opens:
            self.post_message(messages.OpenRequested(id))
        elif block.foldable:
            self.set_folded(id, not block.folded)

    def action_toggle_fold(self) -> None:
        """Fold, unfold or open the block under the cursor."""
        if self.cursor is not None and self.cursor in self.document:
            self._toggle(self.cursor)

    def action_cursor_next(self) -> None:
        """The cursor one block down."""
        self._step(1)

    def action_cursor_previous(self) -> None:
        """The cursor one block up."""
        self._step(-1)

    def _step(self, by: int) -> None:
        count = len(self.document.entries)
        if not count:
            return
        if self.cursor is None or self.cursor not in self.document:
            bottom = self.document.locate(self.scroll_offset.y + self.scrollable_content_region.height - 1)
            index = bottom.entry if bottom is not None else count - 1
        else:
            index = self.document.index(self.cursor) + by
        self.move_cursor(self.document.entries[max(0, min(count - 1, index))].block.id)

    def move_cursor(self, id: str | None) -> None:
        """Put the cursor on a block (None: on none) and bring it into view."""
        if id != self.cursor:
            self.cursor = id
            self.post_message(messages.CursorMoved(id))
        self.refresh()
        if id is None:
            return
        rows = self.scrollable_content_region.height
        index = self.document.index(id)
        height = self.document.measure_from(index, rows)
        top = self.document.stack.top(index)
        start = self.scroll_offset.y
        if top < start or height >= rows:
            self.go_to(top)
        elif top + height > start + rows:
            self.go_to(top + height - rows)

    def action_copy_fence(self) -> None:
        """Ask for code to be copied: the last fence of the cursor's block, or without a cursor the newest there is."""
        from chatmodes.tui.markdown.code_blocks import code_blocks

        if self.cursor is not None and self.cursor in self.document:
            ids = [self.cursor]
        else:
            ids = [entry.block.id for entry in reversed(self.document.entries)]
        for id in ids:
            # Most blocks have none, and splitting all of 10,000 to see that would take seconds.
            if "```" not in (source := self.document.entry(id).source) and "~~~" not in source:
                continue
            if blocks := code_blocks(source):
                self.post_message(messages.CopyRequested(blocks[-1].text))
                return

    # -- search

    def find(self, query: str) -> int:
        """Mark all matches, go to the first from the top of the window; returns how many there are. Empty ends the
        search."""
        self.flush()
        self._found.clear()
        self._current = None
        self.search = None
        self.refresh()
        if not query.strip():
            self.post_message(messages.SearchChanged(0, 0))
            return 0
        self.search = Search(query)
        self.search.collect(self.document)
        self.find_next()
        return len(self.search.hits)

    def find_next(self, by: int = 1) -> None:
        """Go to the next match, or with -1 to the one before."""
        search = self.search
        if search is None:
            return
        top = self.document.locate(self.scroll_offset.y)
        start = top.entry if top is not None else 0
        hit = search.step(by, start, self.document)
        if hit is not None:
            id, number = hit
            if self.document.entry(id).block.folded:
                self.set_folded(id, False)
            self._current = find_in(self.document, search, self.document.index(id), number)
            if self._current is not None:
                row = self.document.row(self._current)
                self.go_to(max(0, row - self.scrollable_content_region.height // 3))
        self.post_message(messages.SearchChanged(search.current + 1, len(search.hits)))
        self.refresh()


keymap.learn("chat/transcript", Transcript.BINDINGS)
