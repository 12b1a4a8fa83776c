"""The open conversation and the list of all: opening, branching, naming, putting away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError
from chatmodes.tui.composer.composer import Draft
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.live_run import LiveRun

if TYPE_CHECKING:
    from chatmodes.chat import Chat
    from chatmodes.store import Store, StoreError
    from chatmodes.store.records import StoredMessage
    from chatmodes.tui.chat.screen import ChatScreen

LISTED = 200
"""Conversations in the list; older ones are found by searching."""
REPLAYED = 100
"""Runs whose reasoning and drafts are read when a conversation is opened, the newest first; those of older answers are
read when they are asked for."""


class Conversing:
    """Everything about conversations that a chat screen does with its store."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._session = screen.session
        self._engine = screen.engine
        self._drafts: dict[str, Draft] = {}
        """Drafts of this session by conversation: the store keeps their texts, not what is folded or typed in them."""

    @property
    def _store(self) -> Store:
        return self._engine.store

    # Opening

    async def open_first(self) -> None:
        """What the program was started for: a conversation, the last one, or the draft of none."""
        start, screen = self._engine.start, self._screen
        if start.conversation:
            await self.open(start.conversation)
        elif start.resume:
            latest = await screen.read(self._store.latest)
            if latest is not None:
                await self.open(latest.id)
            else:
                screen.tell("There is no conversation to go on with yet.")
        else:
            draft = await screen.read(self._store.draft, "")
            if draft and not screen.composer_text and not self._session.queue:
                screen.composer_text = draft

    async def open(self, conversation: str, *, message: str | None = None) -> None:
        """Show a conversation; with `message` the branch it is on, scrolled to it."""
        found = await self._screen.read(self._store.conversation, conversation)
        if found is None:
            self._screen.tell(f"There is no conversation {conversation}. /history lists them.", "error")
            return
        await self.keep_draft()
        # All is read before anything is shown: with half of it the next prompt would follow another conversation's end.
        leaf = found.leaf
        if message is not None:
            leaf = await self._screen.read(self._store.leaf_below, message)
            await self._screen.read(self._store.set_leaf, found.id, leaf)
        path = await self._screen.read(self._store.path, leaf) if leaf else []
        draft = await self._draft(found.id)
        session = self._session
        session.conversation, session.path = found.id, path
        session.views.clear()
        self._show()
        if message is not None and message in self._screen.transcript.document:
            self._screen.transcript.move_cursor(message)
        self._screen.composer.load(draft)
        self.refresh_list()
        await self._replay()

    async def new(self) -> None:
        """An empty conversation, made when its first prompt is sent."""
        await self.keep_draft()
        ready = self._engine.state == "ready"
        draft = await self._draft("") if ready else self._screen.composer.draft
        session = self._session
        session.conversation, session.path = None, []
        session.views.clear()
        self._show()
        self._screen.composer.load(draft)
        self.refresh_list()

    async def keep_draft(self) -> None:
        """Keep what stands in the composer with its conversation."""
        self._screen.messages.put_aside()
        if self._engine.state == "ready":
            conversation, draft = self._session.conversation or "", self._screen.composer.draft
            self._drafts[conversation] = draft
            await self._screen.read(self._store.save_draft, conversation, draft.text)

    async def _draft(self, conversation: str) -> Draft:
        """What stood in the composer with a conversation."""
        text, known = await self._screen.read(self._store.draft, conversation), self._drafts.get(conversation)
        return known if known and known.text == text else Draft(text)

    def _show(self) -> None:
        session, screen = self._session, self._screen
        screen.panes.clear()
        screen.view.show(session.path, session.views, session.live)
        screen.show_waiting()
        screen.show_empty(not session.path)
        screen.answering.show_status()
        screen.show_title()
        if session.running:
            screen.frames_wanted()

    async def reload(self) -> None:
        """Read the open path again and show it. Where the store fails, what is shown stays: a run may go on with it."""
        from chatmodes.store import StoreError

        session, opened = self._session, self._session.conversation
        if opened is None:
            return
        try:
            found = await self._screen.read(self._store.conversation, opened)
            path = await self._screen.read(self._store.path, found.leaf) if found and found.leaf else []
        except StoreError as error:
            self._screen.tell(f"{error.message} {error.hint}", "error")
            return
        if session.conversation == opened:
            session.path = path
            self._show()

    async def _replay(self) -> None:
        """Read what stands behind the answers, the newest first: reasoning and drafts, folded."""
        session, opened = self._session, self._session.conversation
        answers = [one for one in reversed(session.path) if one.run and one.id not in session.live]
        for message in answers[:REPLAYED]:
            await self.read_behind(message)
            if session.conversation != opened:
                return
        self._screen.answering.show_status()

    async def read_behind(self, message: StoredMessage) -> None:
        """Read the run that wrote an answer, and show its reasoning and drafts above it, folded."""
        session, opened = self._session, self._session.conversation
        if message.run is None or message.id in session.live or message.id in session.views:
            return
        events = await self._screen.read(self._store.run_events, message.run)
        if session.conversation != opened:
            return
        view = RunView()
        for event in events:
            fold(view, event)
        session.views[message.id] = view
        self._screen.view.add_extras(message, view)

    # Branches

    async def step(self, message: StoredMessage, by: int) -> None:
        """Show the sibling before or after a message, down to the end of its branch."""
        siblings = await self._screen.read(self._store.siblings, message.id)
        ids = [one.id for one in siblings]
        at = ids.index(message.id) + by
        if not 0 <= at < len(ids):
            self._screen.tell("There is no other version in that direction.")
            return
        leaf = await self._screen.read(self._store.leaf_below, ids[at])
        await self._screen.read(self._store.set_leaf, message.conversation, leaf)
        await self.reload()
        await self._replay()

    async def delete_message(self, message: StoredMessage) -> None:
        """Delete a message with everything below it; what writes there is stopped first."""
        for live in self._session.running:
            live.stop("the message it answers was deleted")
            await live.run.ended.wait()
        await self._screen.read(self._store.delete_message, message.id)
        await self.reload()
        await self._replay()

    # The list

    def refresh_list(self) -> None:
        """Read the list of conversations again, soon."""
        if self._engine.state == "ready":
            self._screen.run_worker(self._list, group="list", exclusive=True)

    async def _list(self) -> None:
        from chatmodes.store import StoreError

        sidebar = self._screen.sidebar
        try:
            self._session.conversations = await self._screen.read(
                self._store.conversations, sidebar.query_text, archived=sidebar.archived, limit=LISTED
            )
        except StoreError as error:
            self._screen.tell(f"{error.message} {error.hint}", "error")
            return
        sidebar.show(self._session.conversations, self._session.conversation, self._session.busy)
        self._screen.show_title()

    async def act(self, what: str, conversation: str) -> None:
        """Pin, rename, archive or delete a conversation."""
        found = await self._screen.read(self._store.conversation, conversation)
        if found is None:
            return
        match what:
            case "pin":
                await self._screen.read(self._store.pin, found.id, not found.pinned)
            case "archive":
                await self._screen.read(self._store.archive, found.id, not found.archived)
                key = shown("list.archived")
                self._screen.tell(
                    "Brought back." if found.archived else f"Archived; {key} in the list shows the archived ones."
                )
            case "rename":
                await self._rename(found.id, found.name)
            case _:
                await self._delete(found.id, found.name)
        self.refresh_list()

    async def title(self, title: str) -> None:
        """Name the open conversation."""
        conversation = self._session.conversation
        if conversation is None:
            self._screen.tell("There is no conversation to name yet.")
        elif title:
            await self._screen.read(self._store.rename, conversation, one_line(title, 200))
            self.refresh_list()
        else:
            await self.act("rename", conversation)

    async def _rename(self, conversation: str, name: str) -> None:
        from chatmodes.tui.dialogs.ask import AskText

        title = await self._screen.app.push_screen_wait(AskText("Rename the conversation", "", one_line(name, 200)))
        if title is not None:
            await self._screen.read(self._store.rename, conversation, one_line(title, 200))

    async def _delete(self, conversation: str, name: str) -> None:
        from chatmodes.tui.dialogs.confirm import Confirm

        question = Confirm(
            "Delete this conversation?",
            f"“{one_line(name, 80)}” goes with all its branches, drafts and comparisons. This cannot be undone.",
            "Delete",
        )
        if not await self._screen.app.push_screen_wait(question):
            return
        for live in [one for one in self._session.live.values() if one.conversation == conversation]:
            live.stop("its conversation was deleted")
            await live.run.ended.wait()
        await self._screen.read(self._store.delete_conversation, conversation)
        if conversation == self._session.conversation:
            await self.new()

    # Names

    def name_later(self, live: LiveRun) -> None:
        """Let the model name a conversation after its first answer, unless that is off or the model too weak."""
        if self._engine.state != "ready":  # the program is ending: its tasks take no more work
            return
        session = self._session
        settings = self._engine.chat.settings
        info = self._engine.info(live.run.model)
        if not settings.store.titles or info is None or info.small or not isinstance(live.view.end, ev.RunFinished):
            return
        if any(one.id == live.conversation and one.title for one in session.conversations):
            return
        self._engine.tasks.start_soon(self._name, self._engine.chat, live)

    async def _name(self, chat: Chat, live: LiveRun) -> None:
        from chatmodes.modes.unexpected import described
        from chatmodes.store import StoreError

        named = False  # the prompt's first words serve as well
        try:
            named = await chat.name_conversation(live.conversation, live.run.model)
        except (StoreError, ConfigError):
            pass
        except Exception as error:  # noqa: BLE001 - in the engine's task group it would end every run and the screen
            hint = described(error).hint
            self._screen.call_later(self._screen.tell, f"This conversation could not be named. {hint}", "warning")
        if named:
            self._screen.call_later(self.refresh_list)

    # A store that fails

    async def leave_disk(self, error: StoreError) -> bool:
        """Go on in memory when the disk cannot take another prompt; False where that is where we are."""
        if self._engine.private:
            self._screen.tell(f"{error.message} {error.hint}", "error")
            return False
        path = self._session.path
        self._engine.go_private(True)
        self._session.conversation = await self._copied(path)
        await self.reload()
        self._screen.tell(
            f"{error.message} The chat goes on in memory and ends with the program. {error.hint}", "warning"
        )
        self._screen.show_title()
        return True

    async def _copied(self, path: list[StoredMessage]) -> str | None:
        if not path:
            return None
        conversation = await self._screen.read(self._store.new_conversation)
        parent: str | None = None
        for message in path:
            parent = await self._screen.read(self._store.add_message, conversation, parent, message.message)
        return conversation
