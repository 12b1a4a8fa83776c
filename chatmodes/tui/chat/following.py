"""What another window, or `ask -c`, adds to the open conversation is shown without being asked for.

The database has a number that another program's writing changes. It is asked for every second, which reads no table;
only where it has changed is the conversation read again.
"""

from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

EVERY = 1.0
"""Seconds between two looks."""


class Following:
    """Looks whether others have written."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        *,
        conversations: Conversations,
        listing: Listing,
        transcript: Transcript,
    ) -> None:
        self._session, self._engine, self._listing = session, engine, listing
        self._conversations, self._transcript = conversations, transcript
        self._seen: int | None = None

    async def look(self) -> None:
        """Take in what others wrote. Not while something is under way here, nor while one reads further up: that would
        take the place away from the reader; it is made good later."""
        from chatmodes.store import StoreError

        engine, session = self._engine, self._session
        if engine.state != "ready" or engine.private or session.live or session.queue or not self._transcript.following:
            return
        try:
            version = await read(engine.store.data_version)
            seen, self._seen = self._seen, version
            if seen != version:  # the first look too: others may have written since the conversation was read
                self._listing.refresh()
                await self._conversations.grow()
        except StoreError:
            pass  # a store that fails is said where something was wanted of it, not once a second
