"""Conversations at the left: opened, searched by name, pinned, renamed, archived, deleted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from chatmodes import tags
from chatmodes.sanitize import one_line
from chatmodes.tui.dialogs.rows import Rows
from chatmodes.tui.host import keymap

if TYPE_CHECKING:
    from chatmodes.store.records import Conversation

DAY = 86_400
ListAction = Literal["pin", "rename", "archive", "delete"]
"""What can be done to a conversation of the list."""


class ConversationList(Rows):
    """The list itself; its keys act on the highlighted conversation."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("p", "act('pin')", "Pin or unpin", id="list.pin"),
        Binding("r", "act('rename')", "Rename", id="list.rename"),
        Binding("a", "act('archive')", "Archive or bring back", id="list.archive"),
        Binding("d,delete", "act('delete')", "Delete", id="list.delete"),
        Binding("slash", "search", "Search names", id="list.search"),
        Binding("t", "toggle_archived", "Show archived", id="list.archived"),
    ]

    def on_focus(self) -> None:
        """What the keys act on is seen from the first moment: the first conversation, where none was chosen."""
        if self.highlighted is None:
            self.action_first()

    def action_act(self, action: ListAction) -> None:
        """Ask for something to be done to the highlighted conversation."""
        option = self.highlighted_option
        if option is not None and option.id is not None:
            self.post_message(Sidebar.Asked(action, option.id))

    def action_search(self) -> None:
        """Type a part of a name."""
        self.screen.query_one("#sidebar-search", Input).focus()

    def action_toggle_archived(self) -> None:
        """Show the archived ones instead, and back."""
        self.screen.query_one(Sidebar).toggle_archived()


class Sidebar(Vertical):
    """The conversation list with its search."""

    DEFAULT_CSS = """
    Sidebar {
        width: 1fr;
        height: 1fr;
        & #sidebar-search {
            padding: 0 1;
            margin: 0 0 1 0;
            background: $panel;
        }
        & ConversationList {
            border: none;
            padding: 0 1;
            height: 1fr;
            background: $surface;
            scrollbar-size-vertical: 1;
        }
        & ConversationList:focus { border: none; }
    }
    """

    @dataclass
    class Opened(Message):
        """A conversation was chosen."""

        conversation: str

    @dataclass
    class Asked(Message):
        """Something is to be done to a conversation."""

        action: ListAction
        conversation: str

    @dataclass
    class Wanted(Message):
        """The list should be read anew: its search or its view changed."""

        query: str
        archived: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.archived = False
        self._conversations: Sequence[Conversation] = ()
        self._busy: frozenset[str] = frozenset()
        self._current: str | None = None

    def compose(self) -> ComposeResult:
        """A search line above the list."""
        yield Input(placeholder="Search conversations", id="sidebar-search", select_on_focus=False, compact=True)
        yield ConversationList(id="conversations", markup=False)

    @property
    def query_text(self) -> str:
        """What is searched for."""
        return self.query_one("#sidebar-search", Input).value

    @property
    def wanted(self) -> tuple[str, tuple[str, ...]]:
        """What is searched for: words of a name, and tags."""
        return tags.split(self.query_text)

    def clear_search(self) -> bool:
        """Show all again; False where nothing was searched for."""
        searched = bool(self.query_text)
        self.query_one("#sidebar-search", Input).value = ""
        return searched

    def toggle_archived(self) -> None:
        """Show the archived conversations instead of the others, or back."""
        self.archived = not self.archived
        self.post_message(self.Wanted(self.query_text, self.archived))

    def show(self, conversations: Sequence[Conversation], current: str | None, busy: frozenset[str]) -> None:
        """Show these; `current` is marked as open, `busy` ones as being answered."""
        if conversations and (conversations, current, busy) == (self._conversations, self._current, self._busy):
            return
        self._conversations, self._current, self._busy = conversations, current, busy
        options = self.query_one(ConversationList)
        place, marked = options.highlighted, options.highlighted_option
        # Who is in the list stays where they are; otherwise its keys begin at the open conversation, if one is open.
        inside = self.screen.focused is options
        kept = marked.id if marked is not None and inside else current
        options.clear_options()
        options.add_options(self._rows())
        ids = [option.id for option in options.options]
        if kept is not None and kept in ids:  # a heading has no id either
            options.highlighted = ids.index(kept)
        elif place is not None and inside:  # it was archived or deleted: its neighbour is where the next key acts
            rows = [index for index, id in enumerate(ids) if id is not None]
            options.highlighted = min(rows, key=lambda index: abs(index - place), default=None)

    def _rows(self) -> list[Option]:
        rows: list[Option] = []
        group = ""
        for conversation in self._conversations:
            heading = self._group(conversation)
            if heading != group:
                group = heading
                rows.append(Option(Content.styled(heading, "$text-muted bold"), disabled=True))
            rows.append(Option(self._line(conversation), id=conversation.id))
        if not rows:
            empty = "Nothing archived." if self.archived else "No conversations yet."
            if self.query_text:
                empty = f"No {'tag' if self.wanted[1] else 'name'} has that; Esc clears it."
            rows.append(Option(Content.styled(empty, "$text-muted"), disabled=True))
        return rows

    def _group(self, conversation: Conversation) -> str:
        if self.archived:
            return "Archived"
        if conversation.pinned:
            return "Pinned"
        age = time.time() - conversation.updated
        return "Today" if age < DAY else "This week" if age < 7 * DAY else "Earlier"

    def _line(self, conversation: Conversation) -> Content:
        mark = "● " if conversation.id in self._busy else "▸ " if conversation.id == self._current else "  "
        style = "bold" if conversation.id == self._current else ""
        name = (one_line(conversation.name, 80), style)
        tagged = (f" {tags.shown(conversation.tags)}" if conversation.tags else "", "$text-muted")
        return Content.assemble((mark, "$primary"), name, tagged).truncate(27, ellipsis=True)

    @on(Input.Changed, "#sidebar-search")
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Wanted(event.value, self.archived))

    @on(Input.Submitted, "#sidebar-search")
    def _to_list(self, event: Input.Submitted) -> None:
        event.stop()
        self.query_one(ConversationList).focus()

    @on(OptionList.OptionSelected, "#conversations")
    def _open(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Opened(event.option_id))


keymap.learn("chat/list", ConversationList.BINDINGS)
