"""The application: the chat on a terminal, its palette and help, and leaving."""

import asyncio
import gc
import signal
import sys
import threading
from importlib import import_module
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from chatmodes.sanitize import clean
from chatmodes.tui.chat.screen import ChatScreen
from chatmodes.tui.engine import Engine
from chatmodes.tui.host import keymap, themes
from chatmodes.tui.host.application import TerminalApp
from chatmodes.tui.host.lulls import Lulls
from chatmodes.tui.host.typing import as_typed

SLICES = (
    "chatmodes.folding",
    "textual.scroll_view",
    "chatmodes.tui.markdown.sections",
    "chatmodes.tui.markdown.render",
    "chatmodes.tui.transcript",
    "chatmodes.tui.agents.panes",
    "chatmodes.tui.chat.sidebar",
    "chatmodes.tui.painting.conversation",
    "chatmodes.tui.chat.conversations",
    "chatmodes.tui.chat.commands",
    "chatmodes.tui.chat.assembly",
)
"""What stands behind the first frame, from below upwards: some 10 ms each."""
SWITCHING = 0.0005
"""Seconds after which a thread that imports hands over to a key press. Of the interpreter's own 5 ms a key press waits
for several: it passes from the reading thread to the loop to the writing one."""


class ChatApp(TerminalApp):
    """The chat in a terminal."""

    TITLE = "chatmodes"
    CSS_PATH = "chat/chat.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "quit", "Quit", id="quit", priority=True),
        Binding("ctrl+p", "command_palette", "Everything by name", show=False, id="palette", priority=True),
        Binding("ctrl+c", "help_quit", show=False, system=True),
    ]

    def __init__(self, engine: Engine) -> None:
        super().__init__(engine.start.settings, engine.start.theme)
        self.engine = engine
        self.chat = ChatScreen(engine)
        self._lulls = Lulls()
        self._early: list[events.Key | events.Paste] | None = []
        """What was typed before there was something to type into; None once there is."""

    def get_default_screen(self) -> Screen[None]:
        """The chat itself: no second screen is laid out for the first frame."""
        return self.chat

    async def on_ready(self) -> None:
        """The first frame is on the screen: what was typed before it is delivered, and the rest may come."""
        early, self._early = self._early or [], None
        for event in early:
            await self.on_event(event)
        self._lulls.first_frame()
        self.run_worker(self._begin(), name="begin")
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(name, self._hung_up)

    async def _begin(self) -> None:
        interval = sys.getswitchinterval()
        sys.setswitchinterval(SWITCHING)
        try:
            await self._assemble()
            await self._lulls.wait()
            self.engine.open()
            await self.engine.settled.wait()
        finally:
            sys.setswitchinterval(interval)
        await self.chat.begin()
        await self._lulls.wait()
        from chatmodes.tui.chat.assembly import learn_modes, warm

        await asyncio.to_thread(warm)
        await learn_modes(self.chat)

    async def _assemble(self) -> None:
        """Import and mount the rest of the screen, in a thread and in slices: keys that come meanwhile are echoed."""
        for module in SLICES:
            await self._lulls.wait()
            await asyncio.to_thread(import_module, module)
        await self._lulls.wait()
        from chatmodes.tui.chat.assembly import assemble

        await assemble(self.chat, self._lulls)
        self._bind_keys()
        # Objects made up to here stay: walking them again at each collection costs frames of a stream.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()  # `chatmodes` starts without
        self.theme_changed_signal.subscribe(self, self._theme_changed)

    def _bind_keys(self) -> None:
        """Keys and theme as the settings say, and what is wrong there."""
        own, problems = keymap.check(self.engine.start.settings.keys, keymap.shipped())
        keymap.use(own)
        self.set_keymap(own)
        for problem in [*problems, *self.problems]:
            self.chat.tell(problem, "warning")

    def action_command_palette(self) -> None:
        """Everything by name; a second press puts it away. In a list of ours, as all lists of the program are."""
        from chatmodes.tui.chat.palette import Palette, entries

        if not self.chat.assembled:
            return
        if isinstance(self.screen, Palette):
            self.screen.dismiss(None)
            return
        listed = list(entries(self, self.chat))

        def act(picked: str | None) -> None:
            if picked is not None:
                self.call_later(listed[int(picked)].act)

        self.push_screen(Palette(listed), act)

    def _theme_changed(self, theme: Theme) -> None:
        """The next start has the same colours, unless the settings name others: those files are the user's."""
        start = self.engine.start
        self.chat.actions.remembering.remember(theme=theme.name)
        if "tui.theme" in start.origins and theme.name != themes.chosen(start.theme):
            self.chat.tell(f'For this session. To keep it: theme = "{theme.name}" under [tui] in settings.toml.')

    async def on_event(self, event: events.Event) -> None:
        """Before a key or a paste is delivered, let the chat see that it comes where it is wanted."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            event = as_typed(event) if isinstance(event, events.Key) else event
            if self._early is not None:
                self._early.append(_typed_early(event))
                return
            self._lulls.key()
            if self.chat.is_active and self.chat.before_input(event):
                return
        await super().on_event(event)

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own copies too go by every way there is."""
        self.chat.actions.copying.copy(text)

    def _hung_up(self) -> None:
        """The terminal is gone or somebody ends us politely: leave as one does by the key."""
        self.run_worker(self.action_quit())

    async def action_quit(self) -> None:
        """Leave. What is under way is cancelled and stored by the engine, after the screen is given back."""
        from rich.text import Text

        unkept = await self.chat.leave()
        self.notifier.restore()
        self.exit(message=Text(clean(unkept)) if unkept else None)

    def action_help_quit(self) -> None:
        """Ctrl+C copies a selection; without one it stops what is under way, else empties the composer, else says how
        to leave."""
        chat = self.chat
        if not chat.assembled:
            return
        if text := chat.get_selected_text():
            chat.actions.copying.copy(text)
        elif chat.is_active and chat.actions.answering.under_way:
            chat.action_stop()
        elif chat.is_active and chat.composer.text:
            chat.empty_composer()
            chat.tell(f"{keymap.shown('quit')} quits; Ctrl+Z brings back what stood here.")
        else:
            chat.tell(f"{keymap.shown('quit')} quits, {keymap.shown('stop')} stops what is under way.")

    def action_show_help(self) -> None:
        """Keys and commands, as they are bound at this moment."""
        from chatmodes.tui.chat.commands import COMMANDS
        from chatmodes.tui.dialogs.help import Help, sections

        if self.chat.assembled:
            commands = [(f"/{one.name} {one.argument}".strip(), one.about) for one in COMMANDS.values()]
            self.push_screen(Help(sections(commands), self._place()))

    def _place(self) -> str:
        """The heading of the keys that hold where one is; empty where one types."""
        from chatmodes.tui.compare.keys import CompareKeys
        from chatmodes.tui.pictures.keys import PictureKeys

        if self.chat.is_active:
            place = self.chat.place()
        elif isinstance(self.screen, PictureKeys):
            place = "picture"
        else:
            place = "comparison" if isinstance(self.screen, CompareKeys) else ""
        return keymap.PLACES[place] if place else ""


def _typed_early(event: events.Key | events.Paste) -> events.Key | events.Paste:
    """An Enter that was typed before the terminal was Textual's came through its line discipline, as a newline."""
    if isinstance(event, events.Key) and event.key == "ctrl+j":
        early = events.Key("enter", "\r")
        early.time = event.time
        return early
    return event


keymap.learn("", ChatApp.BINDINGS)
