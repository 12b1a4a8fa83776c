"""The chat: conversations, transcript, agents, composer, status. Wiring only; what happens lives in the controllers."""

import shutil
import weakref
from collections.abc import Callable, Coroutine
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen, Screen
from textual.timer import Timer

from chatmodes.sanitize import one_line
from chatmodes.tui.chat.arguments import arguments
from chatmodes.tui.chat.focus import TypingScreen
from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.chat.ports import Severity
from chatmodes.tui.chat.status import StatusLine
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine
from chatmodes.tui.host import keymap
from chatmodes.tui.host.application import TerminalApp

if TYPE_CHECKING:
    from chatmodes.tui.chat.actions import Actions
    from chatmodes.tui.chat.message_actions import MessageAction
    from chatmodes.tui.chat.session import Session
    from chatmodes.tui.chat.sidebar import Sidebar
    from chatmodes.tui.composer.editor import Editor
    from chatmodes.tui.painting.conversation import ConversationPainter
    from chatmodes.tui.transcript import messages

T = TypeVar("T")

TICK = 0.05
"""Seconds between two looks whether a frame is due."""


WIDTHS = [(0, "-narrow"), (100, "-wide"), (200, "-vast")]
HEIGHTS = [(0, "-tiny"), (9, "-short"), (16, "-tall")]
"""The screen's classes by the columns and the lines that the terminal has at least."""
DRAFT_EVERY = 0.5
"""Seconds from a change of the draft to its being written; what is typed meanwhile is written along."""


class ChatScreen(TypingScreen):
    """The screen on which one chats."""

    app: TerminalApp
    AUTO_FOCUS = "Editor"
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS
    BINDINGS: ClassVar[list[BindingType]] = BINDINGS

    session: "Session"
    sidebar: "Sidebar"
    painter: "ConversationPainter"
    actions: "Actions"
    # These are there once the screen is assembled, a moment after the first frame; no action runs before.

    def __init__(self, engine: Engine) -> None:
        # Textual classes a screen by its size only after the first frame, and styles all that is on it again.
        columns, lines = shutil.get_terminal_size()
        super().__init__(classes=f"{_class_at(columns, WIDTHS)} {_class_at(lines, HEIGHTS)}")
        self.engine = engine
        self.assembled = False
        start = engine.start
        self.side = Vertical(id="sidebar", classes=None if start.sidebar else "-closed")
        self.composer = Composer(
            arguments=arguments(engine, self),
            history=self._prompts,
            blink=not start.settings.tui.reduced_motion,
            vim=start.settings.tui.vim,
            mode=start.first_mode,
            model=start.first_model or start.settings.model_for(start.first_mode),
            id="composer",
        )
        self.status = StatusLine(id="status")
        self._frames: Timer | None = None
        self._unkept: Timer | None = None
        """Runs while the draft has changed since it was written."""
        self._early: list[Callable[[], Coroutine[Any, Any, object]]] = []
        """What was asked for before there was anyone to do it, in that order."""

    def compose(self) -> ComposeResult:
        """What the first frame needs: the places, and where one types."""
        with Horizontal(id="body"):
            yield self.side
            with Vertical(id="main"):
                yield self.composer
        yield self.status

    # Life

    def on_mount(self) -> None:
        """Nothing acts yet."""
        self.status.hint = "Starting"

    async def begin_acting(self) -> None:
        """Everything is in its place: act on what was sent meanwhile."""
        self._frames = self.set_interval(TICK, self._tick, pause=True)
        self.assembled = True
        display = self.actions.display
        display.show_empty(True)
        display.show_composer_title()
        display.show_status()
        early, self._early = self._early, []
        for act in early:
            await act()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """No key of the chat does anything before there is something for it to act on."""
        del parameters
        if action == "undo":  # otherwise the key is the composer's, for what was typed
            return self.assembled and self.actions.filing.undoable
        return self.assembled or not hasattr(ChatScreen, f"action_{action}") or hasattr(Screen, f"action_{action}")

    async def begin(self) -> None:
        """The engine has settled: open what was asked for, send what waits."""
        from chatmodes.tui.chat.following import EVERY

        engine, do = self.engine, self.actions
        if engine.state != "ready":
            self.tell(f"{engine.problem} {engine.hint}", "error")
            self.painter.note("engine", f"{engine.problem} {engine.hint}", "error")
            do.display.show_empty(False)
            do.display.show_status()
            return
        if engine.notice:
            self.tell(engine.notice, "warning")
        await do.remembering.check_recalled()
        await self._guarded(do.conversations.open_first())
        do.display.show_composer_title()
        do.listing.refresh()
        await do.answering.pump()
        do.display.show_status()
        self.set_interval(EVERY, self._follow)
        await do.choices.look_around()
        await do.offering.begin()

    def _follow(self) -> None:
        self.do_latest(self.actions.following.look, group="follow")

    async def leave(self) -> str:
        """Before the program ends: keep what stands in the composer, prompts that wait too.

        Returns what to say after the end: what is not kept, with the text itself where nothing else has it then.
        """
        from chatmodes.store import StoreError

        if self._unkept is not None:  # what it would write is written here
            self._unkept.stop()
        if self.assembled and self.engine.state == "ready":
            self.actions.answering.take_back()
            try:
                await self.actions.conversations.keep_draft()
                await self.actions.remembering.keep()
            except StoreError as error:
                if self.composer.text.strip():
                    return f"{error.message} {error.hint} What was not sent:\n\n{self.composer.text}"
        return self.composer.shelf.unkept

    def _tick(self) -> None:
        self.actions.answering.frame()
        if not self.session.live and self._frames is not None:
            self._frames.pause()

    # What the controllers use: see `ports`

    def frames_wanted(self) -> None:
        """Something is under way: draw frames until it ends."""
        if self._frames is not None:
            self._frames.resume()

    def do(self, work: Coroutine[Any, Any, object], *, group: str = "do") -> None:
        """Start something that may wait; a store that fails becomes a notice."""
        worker = self.run_worker(partial(self._guarded, work), group=group)
        weakref.finalize(worker, work.close).atexit = False  # one that ends with the program before it began

    def do_latest(self, work: Callable[[], Coroutine[Any, Any, object]], *, group: str) -> None:
        """Start something in place of what is under way in its group."""

        async def guarded() -> None:
            await self._guarded(work())

        self.run_worker(guarded, group=group, exclusive=True)

    async def _guarded(self, work: Coroutine[Any, Any, object]) -> None:
        """Wait for something; a store that fails becomes a notice."""
        from chatmodes.store import StoreError

        try:
            await work
        except StoreError as error:
            self.tell(f"{error.message} {error.hint}", "error")

    async def ask(self, dialog: ModalScreen[T]) -> T | None:
        """Show a dialog and wait for what it gives."""
        return await self.app.push_screen_wait(dialog)

    def tell(self, text: str, severity: Severity = "notice") -> None:
        """A short message over the chat."""
        level = "information" if severity == "notice" else severity
        self.notify(one_line(text, 600), severity=level, markup=False, timeout=4 if severity == "notice" else 12)

    async def _prompts(self) -> list[str]:
        return await self.actions.messages.earlier() if self.assembled else []

    # What the user does

    def before_input(self, event: events.Key | events.Paste) -> bool:
        """Before anything sees a key: keep what cannot be done yet for later, and send text where it is wanted.

        Returns whether the key is spent.
        """
        if self.assembled:
            self.focus_for(event)
            return False
        if not isinstance(event, events.Key):
            return False
        asked = [one for one in BINDINGS if isinstance(one, Binding) and event.key in keymap.keys(one.id or "")]
        self._early += [partial(self.app.run_action, one.action, self) for one in asked]
        return bool(asked)

    def on_composer_submitted(self, event: Composer.Submitted) -> None:
        """A prompt or a command."""

        async def again() -> None:
            self.on_composer_submitted(event)

        if not self.assembled:
            self._early.append(again)
            return
        from chatmodes.tui.chat.commands import named, parse

        text = event.text
        command = parse(text)
        if command is None:
            if text.strip():
                send = self.actions.sending.send(text, mentions=event.mentions, attached=event.attached)
                self.do(send, group="send")
            return
        self.composer.shelf.put(event.attached)  # a command that sends takes it from there
        found = named(command[0])
        if found is None:
            self.composer.give_back(text, mentions=event.mentions)
            self.tell(f"There is no command /{command[0]}. /help lists them.", "warning")
            return
        self.actions.sending.by_hand = event.mentions  # it takes the paths of its prompt from there
        self.do(found.run(self.actions, command[1]))

    def action_slash(self, name: str) -> None:
        """A key for a command."""
        from chatmodes.tui.chat.commands import named

        found = named(name)
        assert found is not None
        self.do(found.run(self.actions, ""))

    def ask_for(self, begun: str) -> None:
        """A command that needs an argument: begun in the composer."""
        self.composer.load(begun)
        self.focus_composer()

    def action_message(self, action: "MessageAction") -> None:
        """A key for something done with a message."""
        self.do(self.actions.messages.act(action))

    def action_undo(self) -> None:
        """Take back the deletion that was the last thing done."""
        self.do(self.actions.filing.undo())

    def action_stop(self) -> None:
        """Clear the search one is in, else cancel everything under way at once; otherwise back to the composer."""
        if self.sidebar.has_focus_within and self.sidebar.clear_search():
            return
        if self.actions.answering.stop():
            self.actions.display.show_status()
        elif self.find_bar.display:
            self.find_bar.close()
        elif self.session.editing is not None:
            self.actions.editing.give_up()
            self.actions.display.show_status()
        else:
            self.transcript.move_cursor(None)
            if self.has_class("-narrow"):
                self.side.remove_class("-open")
        self.focus_composer()

    def empty_composer(self) -> None:
        """Take away what stands in the composer, an edit with it; undo brings the text back."""
        if self.session.editing is not None:
            self.actions.editing.give_up()
            self.actions.display.show_status()
        else:
            self.composer.replace("", attached=())
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
        if not narrow:
            self.actions.remembering.remember(sizes={"sidebar": int(not self.side.has_class("-closed"))})

    def action_next_mode(self) -> None:
        """The mode after this one."""
        self.actions.choices.next_mode()

    def action_cursor(self, by: int) -> None:
        """Choose a message with the keyboard."""
        if by < 0:
            self.transcript.action_cursor_previous()
        else:
            self.transcript.action_cursor_next()

    def action_follow(self) -> None:
        """Back to the end of the transcript."""
        self.transcript.action_follow()

    def on_sidebar_opened(self, event: "Sidebar.Opened") -> None:
        """A conversation was chosen."""
        self.side.remove_class("-open")
        self.do(self.actions.conversations.open(event.conversation))
        self.focus_composer()

    def on_sidebar_asked(self, event: "Sidebar.Asked") -> None:
        """Something is to be done to a conversation."""
        self.do(self.actions.filing.act(event.action, event.conversation))

    def on_sidebar_wanted(self) -> None:
        """The list's search or view changed."""
        self.actions.listing.refresh()

    def on_editor_paged(self, event: "Editor.Paged") -> None:
        """Page up or down that the composer has no use for."""
        if self.assembled:
            self.transcript.action_page_up() if event.by < 0 else self.transcript.action_page_down()

    def on_composer_changed(self) -> None:
        """What is typed is on disk within a second, however the program ends, and counts in the meter at once."""
        if self.assembled:
            self.actions.display.show_meter()
        if self._unkept is None:
            self._unkept = self.set_timer(DRAFT_EVERY, self._keep_draft)

    def _keep_draft(self) -> None:
        self._unkept = None
        if self.assembled:
            self.do(self.actions.conversations.save_draft(), group="draft")

    def on_composer_notice(self, event: Composer.Notice) -> None:
        """A sentence of the composer's."""
        self.tell(event.text, "notice" if event.severity == "information" else event.severity)

    def on_follow_changed(self) -> None:
        """The reader left the transcript's end, below which a stream goes on, or is back."""
        self.actions.display.show_status()

    def on_cursor_moved(self) -> None:
        """Another message is chosen, or none: what can be done with it is said."""
        self.actions.display.show_status()

    def on_descendant_focus(self) -> None:
        """The keys of a list are said while it has them."""
        if self.assembled:
            self.actions.display.show_status()

    def on_copy_requested(self, event: "messages.CopyRequested") -> None:
        """A code block's copy mark."""
        self.actions.copying.copy(event.text)

    def action_look(self) -> None:
        """Look at pictures."""
        self.do(self.actions.looking.look())

    def on_open_requested(self, event: "messages.OpenRequested") -> None:
        """A picture's line."""
        self.do(self.actions.looking.open(event.block))

    def on_shelf_opened(self) -> None:
        """A chip of the composer's."""
        self.action_look()

    def on_search_changed(self, event: "messages.SearchChanged") -> None:
        """Where one is among the matches."""
        self.find_bar.show(event.current, event.total)

    def on_link_clicked(self, event: "messages.LinkClicked") -> None:
        """A link: asked about before it is opened."""
        self.do(self.actions.copying.open_link(event.url))

    def on_link_hovered(self, event: "messages.LinkHovered") -> None:
        """A link's target, while the mouse is on it."""
        if event.url:
            self.status.notice(event.url, seconds=None)
        else:
            self.status.dismiss()


def _class_at(size: int, breakpoints: list[tuple[int, str]]) -> str:
    """The class of the widest breakpoint that a size reaches."""
    return max(each for each in breakpoints if each[0] <= size)[1]
