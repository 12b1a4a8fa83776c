"""The chat: conversations, transcript, agents, composer, status. Wiring only; what happens lives in the controllers."""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, ClassVar, Literal, ParamSpec, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.timer import Timer

from chatmodes.sanitize import one_line
from chatmodes.tui.chat.focus import TypingScreen
from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.chat.status import StatusLine
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine

if TYPE_CHECKING:
    from chatmodes.tui.agents.panes import AgentPanes
    from chatmodes.tui.app import ChatApp
    from chatmodes.tui.chat.answering import Answering
    from chatmodes.tui.chat.choices import Choices
    from chatmodes.tui.chat.conversations import Conversing
    from chatmodes.tui.chat.find_bar import FindBar
    from chatmodes.tui.chat.finding import Finding
    from chatmodes.tui.chat.message_actions import MessageActions
    from chatmodes.tui.chat.session import Session
    from chatmodes.tui.chat.sidebar import Sidebar
    from chatmodes.tui.chat.welcome import Welcome
    from chatmodes.tui.composer.editor import Editor
    from chatmodes.tui.live_run import LiveRun
    from chatmodes.tui.painting.painter import Presenting
    from chatmodes.tui.transcript import Transcript
    from chatmodes.tui.transcript import messages as told

P = ParamSpec("P")
R = TypeVar("R")

TICK = 0.05
"""Seconds between two looks whether a frame is due."""


class ChatScreen(TypingScreen):
    """The screen on which one chats."""

    app: "ChatApp"
    AUTO_FOCUS = "Editor"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (200, "-vast")]  # noqa: RUF012 - an instance variable of Textual's
    VERTICAL_BREAKPOINTS = [(0, "-tiny"), (9, "-short"), (16, "-tall")]  # noqa: RUF012 - an instance variable of Textual's
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    session: "Session"
    sidebar: "Sidebar"
    welcome: "Welcome"
    transcript: "Transcript"
    find_bar: "FindBar"
    panes: "AgentPanes"
    view: "Presenting"
    answering: "Answering"
    conversing: "Conversing"
    messages: "MessageActions"
    choices: "Choices"
    finding: "Finding"
    # These are there from `furnish` on, a moment after the first frame; no action runs before.

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self.engine = engine
        self.furnished = False
        self.mode = engine.start.settings.mode
        self.side = Vertical(id="sidebar")
        self.composer = Composer(
            arguments={"/model": self._models, "/theme": self._themes},
            history=self._prompts,
            blink=not engine.start.settings.tui.reduced_motion,
            id="composer",
        )
        self.status = StatusLine(id="status")
        self._frames: Timer | None = None
        self._early: list[Composer.Submitted] = []

    def compose(self) -> ComposeResult:
        """What the first frame needs: the places, and where one types."""
        with Horizontal(id="body"):
            yield self.side
            with Vertical(id="main"):
                yield self.composer
        yield self.status

    # Life

    def on_mount(self) -> None:
        """Show what is known from the settings alone."""
        settings = self.engine.start.settings
        self.side.set_class(not settings.tui.sidebar, "-closed")
        self.composer.mode = settings.mode
        self.composer.model = settings.model_for(settings.mode)
        self.status.hint = "Starting"

    async def furnish(self) -> None:
        """Bring in everything else, then act on what was sent meanwhile."""
        from chatmodes.tui.chat.furnishing import furnish

        await furnish(self)
        self._frames = self.set_interval(TICK, self._tick, pause=True)
        self.furnished = True
        self.show_empty(True)
        self.show_composer_title()
        self.answering.show_status()
        early, self._early = self._early, []
        for event in early:
            self.on_composer_submitted(event)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key of the chat does anything before there is something for it to act on."""
        del parameters
        return self.furnished or not hasattr(ChatScreen, f"action_{action}") or hasattr(Screen, f"action_{action}")

    async def begin(self) -> None:
        """The engine has settled: open what was asked for, send what waits."""
        if self.engine.state != "ready":
            self.tell(f"{self.engine.problem} {self.engine.hint}", "error")
            self.view.note("engine", f"{self.engine.problem} {self.engine.hint}", "error")
            self.show_empty(False)
            self.answering.show_status()
            return
        if self.engine.notice:
            self.tell(self.engine.notice, "warning")
        await self.guarded(self.conversing.open_first())
        self.show_composer_title()
        self.conversing.refresh_list()
        await self.answering.pump()
        self.answering.show_status()
        await self.choices.look_around()

    async def leave(self) -> str:
        """Before the program ends: keep what stands in the composer, prompts that wait too.

        Returns what to say after the end where that failed, with the text itself: nothing else has it then.
        """
        from chatmodes.store import StoreError

        if self.furnished and self.engine.state == "ready":
            self.answering.take_back()
            try:
                await self.conversing.keep_draft()
            except StoreError as error:
                if self.composer_text.strip():
                    return f"{error.message} {error.hint} What was not sent:\n\n{self.composer_text}"
        return ""

    def _tick(self) -> None:
        self.answering.frame()
        if not self.session.live and self._frames is not None:
            self._frames.pause()

    def frames_wanted(self) -> None:
        """Something is under way: draw frames until it ends."""
        self.show_empty(False)
        if self._frames is not None:
            self._frames.resume()

    # What the controllers use

    async def read(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the store away from the event loop."""
        from chatmodes.chat import in_thread

        return await in_thread(call, *args, **kwargs)

    def do(self, work: Coroutine[Any, Any, object], *, group: str = "do") -> None:
        """Start something that may wait; a store that fails becomes a notice."""
        self.run_worker(self.guarded(work), group=group)

    async def guarded(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait for something; a store that fails becomes a notice."""
        from chatmodes.store import StoreError

        try:
            await work
        except StoreError as error:
            self.tell(f"{error.message} {error.hint}", "error")

    def tell(self, text: str, severity: Literal["notice", "warning", "error"] = "notice") -> None:
        """A short message over the chat."""
        level = "information" if severity == "notice" else severity
        self.notify(one_line(text, 600), severity=level, markup=False, timeout=4 if severity == "notice" else 12)

    @property
    def composer_text(self) -> str:
        """What stands in the composer."""
        return self.composer.text

    @composer_text.setter
    def composer_text(self, text: str) -> None:
        self.composer.load(text)

    @property
    def selected_text(self) -> str:
        """What is selected with the mouse."""
        return self.get_selected_text() or ""

    def show_waiting(self) -> None:
        """The prompts of this conversation that wait for their turn."""
        waiting = [one.text for one in self.session.queue if one.conversation == self.session.conversation]
        self.composer.queue_count = len(waiting)
        self.view.show_waiting(waiting)
        if waiting:
            self.show_empty(False)
        self.answering.show_status()

    def show_empty(self, empty: bool) -> None:
        """The welcome in place of an empty transcript."""
        empty = empty and not self.session.queue
        self.query_one("#empty").display = empty
        self.transcript.display = not empty

    def show_title(self) -> None:
        """The terminal's title follows the conversation."""
        named = next((one for one in self.session.conversations if one.id == self.session.conversation), None)
        self.app.title = one_line(named.name, 80) if named else "chatmodes"
        self.show_composer_title()

    def show_composer_title(self) -> None:
        """Mode and model in plain sight, where one types."""
        agents = self.session.settings.contemplating.agents
        model = self.current_model()
        self.composer.mode = self.session.mode
        self.composer.model = f"{model} · {agents} agents" if self.session.mode == "contemplating" and model else model
        self.composer.private = self.engine.private

    def current_model(self) -> str:
        """The model that would answer the next prompt; empty while that is not known."""
        from chatmodes.settings import ConfigError

        if self.session.model:
            return self.session.model
        if self.engine.state != "ready":
            return self.session.settings.model_for(self.session.mode)
        try:
            return self.engine.chat.model_for(self.session.mode)
        except ConfigError:
            return ""

    async def send(self, text: str, mode: str | None = None, mentions: tuple[str, ...] = ()) -> None:
        """Send a prompt from the open conversation's end, or as the edit of one; mentioned files are attached."""
        files = await self.finding.attach(text, mentions) if "@" in text else ()
        from chatmodes.tui.chat.commands import queued

        edited = self.messages.edited(text)
        prompt = edited or queued(self, text, mode)
        prompt.mode, prompt.mentions, prompt.files = mode, mentions, files
        self.transcript.move_cursor(None)
        self.transcript.action_follow()
        await self.answering.send(prompt)

    def announce(self, live: "LiveRun") -> None:
        """A run has ended; where it took long and nobody looks, the terminal says so."""
        self.app.announce_end(live)

    # What the composer completes

    async def _prompts(self) -> list[str]:
        return await self.messages.earlier() if self.furnished else []

    def _models(self) -> list[tuple[str, str]]:
        return self.engine.backend.model_names() if self.engine.state == "ready" else []

    def _themes(self) -> list[tuple[str, str]]:
        return [(name, "") for name in self.app.available_themes]

    # What the user does

    def on_composer_submitted(self, event: Composer.Submitted) -> None:
        """A prompt or a command."""
        if not self.furnished:
            self._early.append(event)
            return
        from chatmodes.tui.chat.commands import named, parse

        text = event.text
        command = parse(text)
        if command is None:
            if text.strip():
                self.do(self.send(text, mentions=event.mentions), group="send")
            return
        found = named(command[0])
        if found is None:
            self.composer.give_back(text)
            self.tell(f"There is no command /{command[0]}. /help lists them.", "warning")
            return
        self.do(found.run(self, command[1]))

    def action_slash(self, name: str) -> None:
        """A key for a command."""
        from chatmodes.tui.chat.commands import named

        found = named(name)
        assert found is not None
        self.do(found.run(self, ""))

    def conversation_act(self, what: str) -> None:
        """Do to the open conversation what the list's keys do to any."""
        if self.session.conversation is None:
            self.tell("There is no conversation yet.")
        else:
            self.do(self.conversing.act(what, self.session.conversation))

    def ask_for(self, begun: str) -> None:
        """A command that needs an argument: begun in the composer."""
        self.composer_text = begun
        self.focus_composer()

    def action_message(self, action: str) -> None:
        """A key for something done with a message."""
        self.do(self.messages.act(action))

    def action_stop(self) -> None:
        """Cancel everything under way at once; otherwise back to the composer."""
        if self.answering.stop():
            self.answering.show_status()
        elif self.find_bar.display:
            self.find_bar.close()
        elif self.messages.editing is not None:
            self.messages.give_up()
            self.answering.show_status()
        else:
            self.transcript.move_cursor(None)
            if self.has_class("-narrow"):
                self.side.remove_class("-open")
        self.focus_composer()

    def action_sidebar(self) -> None:
        """Show the conversations and go there; a second press puts them away."""
        narrow = self.has_class("-narrow")
        shown = self.side.has_class("-open") if narrow else not self.side.has_class("-closed")
        if shown and (narrow or self.sidebar.has_focus_within):
            self.side.add_class("-closed").remove_class("-open")
            self.focus_composer()
        else:
            self.side.remove_class("-closed").add_class("-open")
            self.sidebar.query_one("#conversations").focus()

    def action_next_mode(self) -> None:
        """The mode after this one."""
        self.choices.next_mode()

    def action_cursor(self, by: int) -> None:
        """Choose a message with the keyboard."""
        if by < 0:
            self.transcript.action_cursor_previous()
        else:
            self.transcript.action_cursor_next()

    def action_follow(self) -> None:
        """Back to the end of the transcript."""
        self.transcript.action_follow()

    def action_help(self) -> None:
        """Keys and commands."""
        self.app.show_help()

    def on_sidebar_opened(self, event: "Sidebar.Opened") -> None:
        """A conversation was chosen."""
        self.side.remove_class("-open")
        self.do(self.conversing.open(event.conversation))
        self.focus_composer()

    def on_sidebar_asked(self, event: "Sidebar.Asked") -> None:
        """Something is to be done to a conversation."""
        self.do(self.conversing.act(event.what, event.conversation))

    def on_sidebar_wanted(self) -> None:
        """The list's search or view changed."""
        self.conversing.refresh_list()

    def on_editor_paged(self, event: "Editor.Paged") -> None:
        """Page up or down that the composer has no use for."""
        if self.furnished:
            self.transcript.action_page_up() if event.by < 0 else self.transcript.action_page_down()

    def on_composer_notice(self, event: Composer.Notice) -> None:
        """A sentence of the composer's."""
        self.tell(event.text, "notice" if event.severity == "information" else event.severity)

    def on_follow_changed(self) -> None:
        """The reader left the transcript's end, below which a stream goes on, or is back."""
        self.answering.show_status()

    def on_copy_requested(self, event: "told.CopyRequested") -> None:
        """A code block's copy mark."""
        self.finding.copy(event.text)

    def on_search_changed(self, event: "told.SearchChanged") -> None:
        """Where one is among the matches."""
        self.find_bar.show(event.current, event.total)

    def on_link_clicked(self, event: "told.LinkClicked") -> None:
        """A link: asked about before it is opened."""
        self.do(self.finding.open_link(event.url))

    def on_link_hovered(self, event: "told.LinkHovered") -> None:
        """A link's target, while the mouse is on it."""
        if event.url:
            self.status.notice(event.url, seconds=None)
        else:
            self.status.dismiss()
