"""The application: themes, keys, palette, and leaving. What one chats with is the chat screen."""

import asyncio
import gc
import signal
import threading
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.theme import Theme

from chatmodes.sanitize import clean
from chatmodes.tui.chat.screen import ChatScreen
from chatmodes.tui.engine import Engine
from chatmodes.tui.host import keymap, themes
from chatmodes.tui.host.notifications import Notifier

if TYPE_CHECKING:
    from chatmodes.tui.live_run import LiveRun


class ChatApp(App[None]):
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
        super().__init__(ansi_color=themes.ansi_color())
        self.engine = engine
        settings = engine.start.settings
        for theme in themes.THEMES:
            self.register_theme(theme)
        keymap.learn(self.BINDINGS)
        keymap.use(settings.keys)  # the first frame names keys before all of them are known
        self._theme_problem = ""
        wanted = themes.chosen(settings.tui.theme)
        if wanted in self.available_themes:
            self.theme = wanted
        else:
            self.theme = themes.chosen("")
            self._theme_problem = f"There is no theme {settings.tui.theme!r}; see /theme."
        if settings.tui.reduced_motion:
            self.animation_level = "none"
        self._notifier = Notifier(self.write_to_terminal, bell=settings.tui.bell, after=settings.tui.notify_after)
        self.chat = ChatScreen(engine)

    def get_default_screen(self) -> Screen[None]:
        """The chat itself: no second screen is laid out for the first frame."""
        return self.chat

    def on_ready(self) -> None:
        """The first frame is on the screen: the rest may come."""
        self.run_worker(self._begin(), name="begin")
        if threading.current_thread() is threading.main_thread():
            for name in (signal.SIGTERM, signal.SIGHUP):
                asyncio.get_running_loop().add_signal_handler(name, self._hung_up)

    async def _begin(self) -> None:
        # In a thread, or a key press would wait for its echo until all is imported.
        furniture = await asyncio.to_thread(import_module, "chatmodes.tui.chat.furnishing")
        await self.chat.furnish()
        self._bind_keys()
        # Objects made up to here stay: walking them again at each collection costs frames of a stream.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        gc.enable()  # `chatmodes` starts without
        self.theme_changed_signal.subscribe(self, self._theme_changed)
        self.engine.open()
        await asyncio.to_thread(furniture.warm)
        await self.engine.settled.wait()
        await self.chat.begin()
        await furniture.learn_modes(self.chat)

    def _bind_keys(self) -> None:
        """Keys and theme as the settings say, and what is wrong there."""
        places = self.bindings_by_place()
        for _, bindings in places:
            keymap.learn(bindings)
        own, problems = keymap.check(self.engine.start.settings.keys, places)
        keymap.use(own)
        self.set_keymap(own)
        for problem in [*problems, *filter(None, [self._theme_problem])]:
            self.chat.tell(problem, "warning")

    def bindings_by_place(self) -> list[tuple[str, list[Binding]]]:
        """The bindings with an id, as they are shipped, by where they are active."""
        from chatmodes.tui.chat.furnishing import KEY_OWNERS

        owners = (("", ChatApp), ("chat", ChatScreen), *KEY_OWNERS)
        return [
            (place, [one for one in owner.BINDINGS if isinstance(one, Binding) and one.id]) for place, owner in owners
        ]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The palette: every command and every key's action."""
        from chatmodes.tui.chat.palette import entries

        del screen
        return entries(self)

    def _theme_changed(self, theme: Theme) -> None:
        """The files of settings are the user's, so that a choice made here ends with the program."""
        if theme.name != themes.chosen(self.engine.start.settings.tui.theme):
            self.chat.tell(f'For this session. To keep it: theme = "{theme.name}" under [tui] in settings.toml.')

    def show_help(self) -> None:
        """Keys and commands, as they are bound at this moment."""
        from chatmodes.tui.dialogs.help import Help, sections

        self.push_screen(Help(sections(self)))

    def announce_start(self, prompt: str) -> None:
        """The terminal's title says what is being answered."""
        self._notifier.run_started(prompt)

    def announce_end(self, live: "LiveRun") -> None:
        """The terminal's title says how it ended; bell and notification where it took long and nobody looked."""
        outcome = "finished" if live.view.status == "running" else live.view.status
        self._notifier.run_ended(outcome, seconds=live.now, summary=live.view.prompt)

    async def on_event(self, event: events.Event) -> None:
        """Before a key or a paste is delivered, let the chat see that it comes where it is wanted."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded and self.chat.is_active:
            self.chat.before_input(event)
        await super().on_event(event)

    def on_app_focus(self) -> None:
        """Somebody looks."""
        self._notifier.focused = True

    def on_app_blur(self) -> None:
        """Nobody looks, as far as the terminal tells."""
        self._notifier.focused = False

    def write_to_terminal(self, sequence: str) -> None:
        """A control sequence of our own, past the screen."""
        if self._driver is not None:
            self._driver.write(sequence)
            self._driver.flush()

    def copy_to_clipboard(self, text: str) -> None:
        """Textual's own copies too go by every way there is."""
        self.chat.finding.copy(text)

    def _hung_up(self) -> None:
        """The terminal is gone or somebody ends us politely: leave as one does by the key."""
        self.run_worker(self.action_quit())

    async def action_quit(self) -> None:
        """Leave. What is under way is cancelled and stored by the engine, after the screen is given back."""
        from rich.text import Text

        unkept = await self.chat.leave()
        self._notifier.restore()
        self.exit(message=Text(clean(unkept)) if unkept else None)

    def action_help_quit(self) -> None:
        """Ctrl+C copies a selection; without one it says how to leave."""
        if text := self.chat.selected_text:
            self.chat.finding.copy(text)
        else:
            self.chat.tell(f"{keymap.shown('quit')} quits, {keymap.shown('stop')} stops what is under way.")

    def _fatal_error(self) -> None:
        """A crash prints where it happened and no local variables: they hold keys and conversations."""
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[])
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()
