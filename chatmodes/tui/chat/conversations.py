"""The open conversation: opening, branching, what was typed in it, and where it goes on when the disk is full."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from chatmodes.folding import RunView, fold
from chatmodes.tui.agents.panes import AgentPanes
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.ports import Frames, Notifying
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.chat.session import Session
from chatmodes.tui.composer.composer import Composer, Draft
from chatmodes.tui.engine import Engine
from chatmodes.tui.painting.conversation import ConversationPainter
from chatmodes.tui.painting.projection import shown_as
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.store import Store, StoreError
    from chatmodes.store.records import StoredMessage

REPLAYED = 100
"""Runs whose reasoning and drafts are read when a conversation is opened, the newest first; those of older answers are
read when they are asked for."""


class Conversations:
    """Shows conversations of the store, one at a time."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        screen: Notifying,
        frames: Frames,
        *,
        display: Display,
        painter: ConversationPainter,
        transcript: Transcript,
        composer: Composer,
        listing: Listing,
        panes: AgentPanes,
        editing: Editing,
        remembering: Remembering,
    ) -> None:
        self._session, self._engine, self._screen, self._frames = session, engine, screen, frames
        self._display, self._painter, self._editing = display, painter, editing
        self._remembering = remembering
        self._transcript, self._composer, self._listing, self._panes = transcript, composer, listing, panes
        self._drafts: dict[str, Draft] = {}
        """Drafts of this session by conversation: the store keeps their texts, not what is folded or typed in them."""
        self._changing = 0
        """While above zero, another conversation is on its way to the screen."""

    @property
    def _store(self) -> Store:
        return self._engine.store

    # Opening

    async def open_first(self) -> None:
        """What the program was started for: a conversation, the last one, or the draft of none."""
        start = self._engine.start
        if start.conversation:
            await self.open(start.conversation, first=True)
        elif start.resume:
            latest = await read(self._store.latest)
            if latest is not None:
                await self.open(latest.id, first=True)
            else:
                self._screen.tell("There is no conversation to go on with yet.")
        else:
            draft = await read(self._store.draft, "")
            if draft and not self._composer.text and not self._session.queue:
                self._composer.load(draft)

    async def open(self, conversation: str, *, message: str | None = None, first: bool = False) -> None:
        """Show a conversation; with `message` the branch it is on, scrolled to it; `first` is what a start asks for."""
        found = await read(self._store.conversation, conversation)
        if found is None:
            self._screen.tell(f"There is no conversation {conversation}. /history lists them.", "error")
            return
        # What is typed at a start is meant for what it opens.
        async with self._changing_over(kept="" if first else None) as put_draft:
            # All is read before anything is shown: with half of it the next prompt would follow another one's end.
            leaf = await self._engine.chat.leaf(found.id)
            if message is not None:
                leaf = await read(self._store.leaf_below, message)
                await read(self._store.set_leaf, found.id, leaf)
            path = await read(self._store.path, leaf) if leaf else []
            draft = await self._draft(found.id)
            choice = await self._remembering.of(found.id)
            session = self._session
            other = session.conversation != found.id
            if other:
                self._hold_choices()
                session.conversation = found.id
                self._remembering.take_up(choice, first=first)
            session.path, session.outdated = path, False
            session.views.clear()
            self._show()
            if message is not None:
                self._mark(message)
            if other:
                put_draft(draft)
        self._listing.refresh()
        await self._replay()

    async def new(self) -> None:
        """An empty conversation, made when its first prompt is sent."""
        async with self._changing_over() as put_draft:
            ready = self._engine.state == "ready"
            draft = await self._draft("") if ready else self._composer.draft
            session = self._session
            self._hold_choices()
            self._remembering.begin_anew()
            session.conversation, session.path, session.outdated = None, [], False
            session.views.clear()
            self._show()
            put_draft(draft)
        self._listing.refresh()

    def _hold_choices(self) -> None:
        """The prompts that wait in the conversation that is left are sent as its own, whatever is opened."""
        session = self._session
        for queued in session.queue:
            if queued.conversation == session.conversation and queued.chosen is None:
                queued.chosen = session.chosen_now

    async def keep_draft(self) -> None:
        """Keep what stands in the composer with its conversation."""
        self._editing.put_aside()
        await self._save_draft()

    @asynccontextmanager
    async def _changing_over(self, kept: str | None = None) -> AsyncGenerator[Callable[[Draft], None]]:
        """Keep the open conversation's draft while another is read; gives what puts that one's draft in its place.

        What is typed meanwhile is meant for the other: it is no part of the draft that is kept, and comes behind the
        one that is put. `kept` is what is kept already.
        """
        if kept is None:
            self._editing.put_aside()
        before = self._composer.text if kept is None else kept

        def put(draft: Draft) -> None:
            text = self._composer.text
            typed = text.removeprefix(before) if text != before else ""
            self._composer.load(draft)
            if typed:
                self._composer.insert(typed)

        self._changing += 1
        try:
            if kept is None:
                await self._save_draft()
            yield put
        finally:
            self._changing -= 1

    async def save_draft(self) -> None:
        """Keep what stands in the composer as it is: while one types, and when a prompt was sent."""
        if not self._changing:
            await self._save_draft()

    async def _save_draft(self) -> None:
        if self._engine.state == "ready":
            conversation, draft = self._session.conversation or "", self._composer.draft
            self._drafts[conversation] = draft
            await read(self._store.save_draft, conversation, self._editing.unsent(draft.text))

    async def begun(self, conversation: str) -> None:
        """A prompt began a conversation: what is typed from now on is that one's draft, and no other's."""
        self._drafts.pop("", None)
        await read(self._store.save_draft, "", "")
        self._remembering.begun(conversation)

    async def _draft(self, conversation: str) -> Draft:
        """What stood in the composer with a conversation."""
        text, known = await read(self._store.draft, conversation), self._drafts.get(conversation)
        return known if known and known.text == text else Draft(text)

    def _show(self) -> None:
        session, display = self._session, self._display
        self._panes.clear()
        self._painter.show(session.path, session.views, session.live)
        display.show_waiting()
        display.show_empty(not session.path)
        display.show_status()
        display.show_title()
        if session.running:
            display.show_empty(False)
            self._frames.frames_wanted()

    async def reload(self) -> None:
        """Read the open path again and show it. Where the store fails, what is shown stays: a run may go on with it."""
        from chatmodes.store import StoreError

        session, opened = self._session, self._session.conversation
        if opened is None:
            return
        try:
            leaf = await self._engine.chat.leaf(opened)
            path = await read(self._store.path, leaf) if leaf else []
        except StoreError as error:
            self._screen.tell(f"{error.message} {error.hint}", "error")
            session.outdated = session.outdated or session.conversation == opened
            return
        if session.conversation == opened:
            session.path, session.outdated = path, False
            self._show()

    def _mark(self, message: str) -> None:
        """Put the cursor on a message, by whatever block it is shown as."""
        document = self._transcript.document
        block = next((id for id in shown_as(message) if id in document), None)
        if block is not None:
            self._transcript.move_cursor(block)

    async def show_again(self) -> None:
        """Read the open path again, and what stands behind its answers."""
        await self.reload()
        await self._replay()

    async def grow(self) -> None:
        """Show what was added at the end of the open path by somebody else. Another branch stays theirs."""
        session, opened, shown_path = self._session, self._session.conversation, self._session.path
        if opened is None or session.running:
            return
        leaf = await self._engine.chat.leaf(opened)
        path = await read(self._store.path, leaf) if leaf else []
        if session.path is not shown_path:  # a run ended here meanwhile, and what was read is older than that
            return
        states = {one.id: one.state for one in session.path}
        if session.conversation != opened or session.running or [one.id for one in path[: len(states)]] != list(states):
            return
        changed = [one.id for one in path if states.get(one.id) != one.state]
        if changed:
            for message in changed:  # what was read of a run that was under way is not all of it
                session.views.pop(message, None)
            session.path = path
            self._show()
            await self._replay()

    async def _replay(self) -> None:
        """Read what stands behind the answers, the newest first: reasoning and drafts, folded."""
        session, opened = self._session, self._session.conversation
        answers = [one for one in reversed(session.path) if one.run and one.id not in session.live]
        for message in answers[:REPLAYED]:
            await self.read_behind(message)
            if session.conversation != opened:
                return
        self._display.show_status()

    async def read_behind(self, message: StoredMessage) -> None:
        """Read the run that wrote an answer, and show its reasoning and drafts above it, folded."""
        session, opened = self._session, self._session.conversation
        if message.run is None or message.id in session.live or message.id in session.views:
            return
        events = await read(self._store.run_events, message.run)
        if session.conversation != opened:
            return
        view = RunView()
        for event in events:
            fold(view, event)
        session.views[message.id] = view
        self._painter.add_extras(message, view)

    # Branches

    async def step(self, message: StoredMessage, by: int) -> None:
        """Show the sibling before or after a message, down to the end of its branch."""
        siblings = await read(self._store.siblings, message.id)
        ids = [one.id for one in siblings]
        at = ids.index(message.id) + by
        if not 0 <= at < len(ids):
            self._screen.tell("There is no other version in that direction.")
            return
        leaf = await read(self._store.leaf_below, ids[at])
        await read(self._store.set_leaf, message.conversation, leaf)
        await self.show_again()

    async def go_to(self, message: str) -> None:
        """Show the branch of the open conversation that a message is on, scrolled to it. What is typed stays."""
        opened = self._session.conversation
        if opened is None:
            return
        if self._session.find(message) is None:
            leaf = await read(self._store.leaf_below, message)
            await read(self._store.set_leaf, opened, leaf)
            await self.show_again()
        self._mark(message)

    async def rewrite(self, answer: StoredMessage, text: str) -> None:
        """Keep an answer as the user edited it, beside the one that was given; what follows goes on from it."""
        from chatmodes.messages import assistant

        await read(self._store.add_message, answer.conversation, answer.parent, assistant(text))
        await self.show_again()

    # A store that fails

    async def leave_disk(self, error: StoreError) -> bool:
        """Go on in memory when the disk cannot take another prompt; False where that is where we are."""
        if self._engine.private:
            self._screen.tell(f"{error.message} {error.hint}", "error")
            return False
        path = self._session.path
        self._engine.go_private(True)
        copied = self._session.conversation = await self._copied(path)
        if copied is not None:
            self._remembering.begun(copied)
        await self.reload()
        self._screen.tell(
            f"{error.message} The chat goes on in memory and ends with the program. {error.hint}", "warning"
        )
        self._display.show_title()
        return True

    async def _copied(self, path: list[StoredMessage]) -> str | None:
        if not path:
            return None
        conversation = await read(self._store.new_conversation)
        parent: str | None = None
        for message in path:
            parent = await read(self._store.add_message, conversation, parent, message.message)
        return conversation
