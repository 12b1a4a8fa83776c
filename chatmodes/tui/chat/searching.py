"""Leading from what is shown to other text: search everywhere, other branches, and who won the comparisons."""

from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine
from chatmodes.tui.reading import read


class Searching:
    """Dialogs over the whole store."""

    def __init__(self, session: Session, engine: Engine, screen: Notifying, conversations: Conversations) -> None:
        self._session, self._engine = session, engine
        self._screen, self._conversations = screen, conversations

    async def history(self, query: str) -> None:
        """Search all conversations and go to the message that is picked."""
        from chatmodes.tui.dialogs.history import HistorySearch

        if not await self._ready():
            return
        picked = await self._screen.ask(HistorySearch(self._engine.store, query))
        if picked is not None:
            conversation, _, message = picked.partition(":")
            await self._conversations.open(conversation, message=message or None)

    async def branches(self) -> None:
        """All branches of the open conversation, and to the message that is picked."""
        from chatmodes.tui.dialogs.branches import Branches

        opened = self._session.conversation
        if opened is None or not await self._ready():
            self._screen.tell("There is no conversation yet, and no branch of it.")
            return
        messages = await read(self._engine.store.tree, opened)
        picked = await self._screen.ask(Branches(messages, [one.id for one in self._session.path]))
        if picked is not None:
            await self._conversations.go_to(picked)

    async def leaderboard(self, topic: str) -> None:
        """Who won the comparisons, in all conversations or on one topic."""
        from chatmodes.tui.dialogs.leaderboard import LeaderboardScreen

        if await self._ready():
            await self._screen.ask(LeaderboardScreen(self._engine.store, topic))

    async def _ready(self) -> bool:
        await self._engine.settled.wait()
        if self._engine.state != "ready":
            self._screen.tell(f"{self._engine.problem} {self._engine.hint}", "error")
        return self._engine.state == "ready"
