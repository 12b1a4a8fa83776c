"""What the chat shows of its session beside the transcript: the status line, what waits, titles, the empty state.

Apart from the controllers, since each of them changes the session and all have to show it alike.
"""

from collections.abc import Callable

from textual.widget import Widget

from chatmodes.sanitize import one_line
from chatmodes.tui.chat.meter import Meter
from chatmodes.tui.chat.session import Session
from chatmodes.tui.chat.status import StatusLine
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.painting.conversation import ConversationPainter
from chatmodes.tui.transcript import Transcript


class Display:
    """Brings the widgets up to the session. Nothing here changes the session."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        *,
        composer: Composer,
        status: StatusLine,
        transcript: Transcript,
        painter: ConversationPainter,
        empty: Widget,
        place: Callable[[], str],
    ) -> None:
        """`place` says which of the keymap's places has the focus."""
        self._session, self._engine = session, engine
        self._composer, self._status, self._transcript, self._painter = composer, status, transcript, painter
        self._empty, self._place = empty, place
        self._meter = Meter(session, engine)

    def show_status(self) -> None:
        """The status line: the run under way, otherwise what the last answer took; beside it what to know or do."""
        session, running = self._session, self._session.running
        if running:
            self._status.update(running[0].view, running[0].now)
        else:
            last = session.last("assistant")
            view = session.views.get(last.id) if last else None
            if view is None or self._at_hand():  # whose hint needs the room
                self._status.clear()
            else:
                self._status.update(view)
        self._status.hint = self._hint()
        self.show_meter()

    def show_meter(self) -> None:
        """How much of the model's window the next prompt takes."""
        hung = [part for each in self._composer.shelf.attachments for part in each.parts]
        self._status.meter = self._meter.reading(self.current_model(), self._composer.text, hung)

    def _hint(self) -> str:
        """What to know or do at this moment: the right end of the status line."""
        session, running = self._session, self._session.running
        elsewhere = len(session.live) - len(running)
        if self._engine.state == "starting":
            return "Starting; your prompt is sent in a moment" if session.queue else "Starting"
        if hint := self._at_hand():
            return hint
        if not self._transcript.following:
            return f"↓ more · {shown('end')}"
        if elsewhere:
            return f"{elsewhere} more under way"
        keys = "" if running else f"{shown('palette')} commands · {shown('help')} help"
        return " · ".join(filter(None, (self._engine.start.brief, keys)))

    def _at_hand(self) -> str:
        """What the keys do to what is edited or chosen, or to the list that one is in; empty where it is none of
        these."""
        editing = self._session.editing
        if editing is not None:
            keeps = "sends another branch" if editing.message.role == "user" else "keeps another version"
            return f"Editing: {shown('composer.send')} {keeps}, {shown('stop')} gives it up"
        if self._place() == "chat/list":
            keys = {"list.pin": "pin", "list.rename": "rename", "list.archive": "archive", "list.delete": "delete"}
            return " · ".join(["Enter open", *(f"{shown(key)} {does}" for key, does in keys.items())])
        if self._transcript.cursor is not None:
            keys = {"edit": "edit", "copy": "copy", "quote": "quote", "delete": "delete", "stop": "let go"}
            return " · ".join(f"{shown(key)} {does}" for key, does in keys.items())
        return ""

    def show_waiting(self) -> None:
        """The prompts of this conversation that wait for their turn."""
        waiting = [one.text for one in self._session.queue if one.conversation == self._session.conversation]
        self._composer.queue_count = len(waiting)
        self._painter.show_waiting(waiting)
        if waiting:
            self.show_empty(False)
        self.show_status()

    def show_empty(self, empty: bool) -> None:
        """The welcome in place of an empty transcript."""
        empty = empty and not self._session.queue
        self._empty.display = empty
        self._transcript.display = not empty

    def show_title(self) -> None:
        """The terminal's title follows the conversation."""
        named = next((one for one in self._session.conversations if one.id == self._session.conversation), None)
        self._composer.app.title = one_line(named.name, 80) if named else "chatmodes"
        self.show_composer_title()

    def show_composer_title(self) -> None:
        """Mode and model in plain sight, where one types."""
        session, model = self._session, self.current_model()
        agents = session.settings.contemplating.agents
        self._composer.mode = session.mode
        self._composer.model = f"{model} · {agents} agents" if session.mode == "contemplating" and model else model
        self._composer.private = self._engine.private
        self.show_meter()

    def current_model(self) -> str:
        """The model that would answer the next prompt; empty while that is not known."""
        from chatmodes.settings import ConfigError

        session = self._session
        if session.model:
            return session.model
        if self._engine.state != "ready":
            return session.settings.model_for(session.mode)
        try:
            return self._engine.chat.model_for(session.mode)
        except ConfigError:
            return ""
