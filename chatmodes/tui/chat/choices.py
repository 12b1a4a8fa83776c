"""What the next prompt is sent with: mode, model, agents, system prompt, keys; and how the screen looks."""

from functools import partial

import msgspec

from chatmodes.modes import base
from chatmodes.sanitize import one_line
from chatmodes.tui.chat import findings
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.eyes import Eyes
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.chat.session import Session
from chatmodes.tui.chat.welcome import Welcome
from chatmodes.tui.engine import Engine
from chatmodes.tui.host import themes
from chatmodes.tui.host.application import TerminalApp


class Choices:
    """What is chosen while one chats. The files of settings stay as they are."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        screen: Notifying,
        terminal: TerminalApp,
        *,
        eyes: Eyes,
        display: Display,
        conversations: Conversations,
        welcome: Welcome,
        remembering: Remembering,
    ) -> None:
        self._session, self._engine, self._screen, self._terminal = session, engine, screen, terminal
        self._display, self._conversations, self._welcome = display, conversations, welcome
        self._remembering, self._eyes = remembering, eyes

    def set_mode(self, mode: str) -> None:
        """Choose the mode for what follows."""
        self._remembering.choose(mode=mode)
        self._display.show_composer_title()
        if not self._session.model:  # each mode has its own
            self._eyes.tell_left_behind()

    def choose_mode(self, name: str) -> None:
        """The mode of that name, or of its unambiguous beginning; the next one where none is given."""
        fitting = [each for each in base.names() if each == name] or [
            each for each in base.names() if each.startswith(name)
        ]
        if not name:
            self.next_mode()
        elif len(fitting) == 1:
            self.set_mode(fitting[0])
        else:
            said = one_line(name, 60)
            self._screen.tell(f"There is no mode {said!r}. There are {', '.join(base.names())}.", "warning")

    def next_mode(self) -> None:
        """The mode after this one."""
        names, now = base.names(), self._session.mode
        self.set_mode(names[(names.index(now) + 1) % len(names)] if now in names else names[0])

    async def set_model(self, model: str) -> None:
        """Choose the model for every mode; empty goes back to each mode's own."""
        if model and self._engine.state == "ready" and (problem := await self._engine.problem_of(model)):
            self._screen.tell(problem, "warning")
            return
        self._remembering.choose(model=model)
        self._welcome_anew()
        self._eyes.tell_left_behind()

    async def pick_model(self) -> None:
        """The list of models."""
        from chatmodes.tui.dialogs.models import ModelPicker

        if not await self._ready():
            return
        model = await self._screen.ask(ModelPicker(self._engine.backend.catalog, self._display.current_model()))
        if model is not None:
            await self.set_model(model)

    def set_agents(self, text: str) -> None:
        """How many agents contemplate."""
        if not (text.isdecimal() and len(text) <= 2 and 1 <= int(text) <= 64):
            now = self._session.settings.contemplating.agents
            self._screen.tell(f"{now} agents contemplate. /agents N takes a number from 1 to 64.")
            return
        settings = self._session.base
        section = msgspec.structs.replace(settings.contemplating, agents=int(text), quorum=0)
        self._remembering.use_base(msgspec.structs.replace(settings, contemplating=section))
        self._display.show_composer_title()

    async def set_system(self, text: str) -> None:
        """The open conversation's system prompt, from the next prompt on."""
        from chatmodes.tui.dialogs.ask import AskText

        if not text:
            about = "Sent before this conversation. Empty sends none."
            asked = await self._screen.ask(AskText("System prompt", about, self._session.settings.system))
            if asked is None:
                return
            text = asked
        self._remembering.override("system", text)
        self._screen.tell("System prompt of this conversation set." if text else "No system prompt is sent here.")

    async def toggle_private(self) -> None:
        """A conversation that leaves nothing on disk, or back to those that are kept."""
        if not await self._ready():
            return
        if self._engine.private and not self._engine.can_store:
            self._screen.tell("This session keeps nothing on disk, so there is nothing to go back to.")
            return
        await self._conversations.keep_draft()
        self._engine.go_private(not self._engine.private)
        await self._conversations.new()
        self._screen.tell(
            "Private: nothing is written to disk, and it ends with the program."
            if self._engine.private
            else "Conversations are kept on disk again."
        )

    async def choose_theme(self, name: str) -> None:
        """Change the colours; without a name, to one from a list."""
        app = self._terminal
        name = {"dark": "chatmodes", "light": "chatmodes-light", "terminal": "chatmodes-terminal"}.get(name, name)
        if not name:
            from chatmodes.tui.dialogs.themes import ThemePicker

            name = await self._screen.ask(ThemePicker(app.available_themes, app.theme)) or app.theme
        if name in app.available_themes:
            app.theme = themes.chosen(name)
        else:
            self._screen.tell(f"There is no theme {one_line(name, 40)}. /theme lists them.", "warning")

    async def enter_key(self, provider: str) -> None:
        """Store a provider's key in the keyring or the private file, and look again what can answer."""
        from chatmodes.tui.dialogs.ask import AskText
        from chatmodes.tui.dialogs.models import ProviderPicker

        if not await self._ready():
            return
        backend = self._engine.backend
        if not provider:
            picked = await self._screen.ask(ProviderPicker(backend.profiles.values()))
            if picked is None:
                return
            provider = picked
        if problem := backend.unknown(provider):
            self._screen.tell(problem, "warning")
            return
        page = backend.profiles[provider].key_page
        about = f"Keys are made at {page}" if page else ""
        key = await self._screen.ask(AskText(f"API key for {one_line(provider, 40)}", about, secret=True))
        if key:
            said, problem = await backend.store_key(provider, key)
            self._screen.tell(said, "warning" if problem else "notice")
            await self.look_around()

    async def look_around(self) -> None:
        """Find what can answer, for the welcome and for the default model."""
        await self._engine.backend.look_around()
        self._welcome_anew()

    def _welcome_anew(self) -> None:
        """Say on the welcome what can answer; and, while nothing waits for it, whether the model in use can."""
        engine, model = self._engine, self._display.current_model()
        if engine.state == "ready":
            self._welcome.show(self._found(), findings.next_steps(engine.backend.found, model))
            if model:
                self._screen.do_latest(partial(self._welcome_unable, model), group="welcome")
        self._display.show_composer_title()

    def _found(self) -> list[tuple[str, str]]:
        return [(one.title, findings.finding(one)) for one in self._engine.backend.found]

    async def _welcome_unable(self, model: str) -> None:
        """Say why the model in use cannot answer, if it cannot. A keyring may take its time to tell."""
        engine = self._engine
        problem = await engine.problem_of(model)
        if problem and model == self._display.current_model():
            self._welcome.show(self._found(), findings.unable(model, problem, engine.backend.profiles))

    async def _ready(self) -> bool:
        await self._engine.settled.wait()
        if self._engine.state != "ready":
            self._screen.tell(f"{self._engine.problem} {self._engine.hint}", "error")
        return self._engine.state == "ready"
