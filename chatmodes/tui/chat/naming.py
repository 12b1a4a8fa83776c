"""A conversation gets its name from a model, after its first answer and behind everything else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.settings import ConfigError
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine
from chatmodes.tui.live_run import LiveRun

if TYPE_CHECKING:
    from chatmodes.chat import Chat


class Naming:
    """Asks for names; where none comes, the prompt's first words serve."""

    def __init__(
        self, session: Session, engine: Engine, screen: Notifying, *, display: Display, listing: Listing
    ) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._display, self._listing = display, listing

    def later(self, live: LiveRun) -> None:
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

        named: RunView | None = None
        try:
            named = await chat.name_conversation(live.conversation, live.run.model)
        except (StoreError, ConfigError):
            pass
        except Exception as error:  # noqa: BLE001 - in the engine's task group it would end every run and the screen
            hint = described(error).hint
            self._screen.call_later(self._screen.tell, f"This conversation could not be named. {hint}", "warning")
        if named is not None:
            live.view.beside = named.end.cost if named.end else None
            self._screen.call_later(self._listing.refresh)
            self._screen.call_later(self._display.show_status)
