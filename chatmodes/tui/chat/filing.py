"""What is done to conversations as a whole, the open one or any of the list, and deletions that can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from chatmodes import tags
from chatmodes.sanitize import one_line
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.deletions import Deletion, Deletions
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.session import Session
from chatmodes.tui.chat.sidebar import ListAction
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.reading import read

if TYPE_CHECKING:
    from chatmodes.store import Store
    from chatmodes.store.records import StoredMessage


class Filing:
    """Pins, names, tags, archives and deletes."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        screen: Notifying,
        *,
        conversations: Conversations,
        listing: Listing,
        composer: Composer,
    ) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._conversations, self._listing, self._composer = conversations, listing, composer
        self._deletions = Deletions()

    @property
    def _store(self) -> Store:
        return self._engine.store

    async def act(self, action: ListAction, conversation: str) -> None:
        """Pin, rename, archive or delete a conversation."""
        found = await read(self._store.conversation, conversation)
        if found is None:
            return
        match action:
            case "pin":
                await read(self._store.pin, found.id, not found.pinned)
            case "archive":
                await read(self._store.archive, found.id, not found.archived)
                key = shown("list.archived")
                self._screen.tell(
                    "Brought back." if found.archived else f"Archived; {key} in the list shows the archived ones."
                )
            case "rename":
                await self._rename(found.id, found.name)
            case "delete":
                await self._delete(found.id, found.name)
            case _:
                assert_never(action)
        self._listing.refresh()

    async def act_on_open(self, action: ListAction) -> None:
        """Do to the open conversation what the list's keys do to any."""
        if self._session.conversation is None:
            self._screen.tell("There is no conversation yet.")
        else:
            await self.act(action, self._session.conversation)

    # Names and tags

    async def title(self, title: str) -> None:
        """Name the open conversation."""
        conversation = self._session.conversation
        if conversation is None:
            self._screen.tell("There is no conversation to name yet.")
        elif title:
            await read(self._store.rename, conversation, one_line(title, 200))
            self._listing.refresh()
        else:
            await self.act("rename", conversation)

    async def _rename(self, conversation: str, name: str) -> None:
        from chatmodes.tui.dialogs.ask import AskText

        title = await self._screen.ask(AskText("Rename the conversation", "", one_line(name, 200)))
        if title is not None:
            await read(self._store.rename, conversation, one_line(title, 200))

    async def tag(self, text: str) -> None:
        """Give the open conversation tags, take those behind a minus away, or say which it has."""
        opened = self._session.conversation
        found = await read(self._store.conversation, opened) if opened else None
        if found is None:
            self._screen.tell("There is no conversation to tag yet.")
            return
        changed = tags.changed(found.tags, text)
        if changed != found.tags:
            await read(lambda: self._store.configure(found.id, tags=changed))
            self._listing.refresh()
        has = f"Tagged {tags.shown(changed)}." if changed else "No tags."
        self._screen.tell(f"{has} /tag NAME adds one, /tag -NAME takes it away; #NAME in the list's search finds it.")

    # Deleting

    async def _delete(self, conversation: str, name: str) -> None:
        from chatmodes.tui.dialogs.confirm import Confirm

        question = Confirm(
            "Delete this conversation?",
            f"“{one_line(name, 80)}” goes with all its branches, drafts and comparisons. "
            f"{shown('undo')} brings it back for an hour.",
            "Delete",
        )
        if not await self._screen.ask(question):
            return
        for live in [one for one in self._session.live.values() if one.conversation == conversation]:
            live.stop("its conversation was deleted")
            await live.run.ended.wait()
        entry = await read(self._store.delete_conversation, conversation)
        if conversation == self._session.conversation:
            await self._conversations.new()
        self._deleted(entry, conversation, "The conversation")

    async def below(self, message: StoredMessage) -> int:
        """How many messages go with one when it is deleted, those of other branches too."""
        gone = {message.id}
        for one in await read(self._store.tree, message.conversation):  # parents come before children
            if one.parent in gone:
                gone.add(one.id)
        return len(gone) - 1

    async def delete_message(self, message: StoredMessage) -> None:
        """Delete a message with everything below it; what writes there is stopped first."""
        for live in self._session.running:
            live.stop("the message it answers was deleted")
            await live.run.ended.wait()
        entry = await read(self._store.delete_message, message.id)
        self._deleted(entry, message.conversation, "The message")
        await self._conversations.show_again()

    # Taking it back

    @property
    def undoable(self) -> bool:
        """Whether a deletion is the last thing that was done."""
        return self._engine.state == "ready" and self._deletions.newest(self._store, self._composer.text)

    def _deleted(self, entry: str, conversation: str, what: str) -> None:
        self._deletions.remember(Deletion(self._store, entry, conversation, self._composer.text))
        self._screen.tell(f"{what} is deleted. {shown('undo')} or /undo brings it back.")

    async def undo(self) -> None:
        """Take the last deletion back, and show what it took."""
        from chatmodes.store import StoreError

        last = self._deletions.last(self._store)
        if last is None:
            self._screen.tell("Nothing was deleted that could be brought back.")
            return
        self._deletions.forget(last)
        try:
            await read(self._store.undelete, last.entry)
        except StoreError:
            self._screen.tell("That was deleted too long ago: it is gone for good.", "warning")
            return
        if last.conversation == self._session.conversation:
            await self._conversations.show_again()
            self._listing.refresh()
        else:
            await self._conversations.open(last.conversation)
        self._screen.tell("Brought back.")
