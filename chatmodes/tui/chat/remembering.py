"""What the next prompt is sent with, from one day to the next: each conversation's own choice, and the program's last.

A choice made in a conversation is that conversation's; it is also what a new one begins with, except for what is said
to the model, such as a system prompt. Choices are shown at once and written behind: a key press waits for no disk.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

from chatmodes.settings import ConfigError, Settings
from chatmodes.settings.remembered import remember
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.session import Chosen, Session
from chatmodes.tui.engine import Engine
from chatmodes.tui.reading import read

if TYPE_CHECKING:
    from chatmodes.chat import Choice
    from chatmodes.store import Store


class Remembering:
    """Brings mode, model and settings of the session up to the open conversation, and keeps what is chosen."""

    def __init__(self, session: Session, engine: Engine, screen: Notifying) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._last = (session.mode, session.model)
        """What a new conversation begins with."""
        self._conversations: dict[str, tuple[Store, Chosen]] = {}
        self._choices: dict[str, Any] = {}
        """What is still to be written: by conversation, and of the program's own."""
        self._writing = asyncio.Lock()
        self._told = False

    # Taking up

    async def of(self, conversation: str) -> Choice:
        """What a conversation goes on with."""
        await self.keep()
        return await self._engine.chat.choice_of(conversation)

    def take_up(self, choice: Choice, *, first: bool = False) -> None:
        """Go on as an opened conversation does; in the `first` of a start, what its line said stays."""
        flags = [name for name, origin in self._engine.start.origins.items() if first and origin == "flag"]
        said = {"tools" if name == "tools.use" else name.removeprefix("sampling.") for name in flags}
        session = self._session
        model = choice.model_at(by_hand=self._engine.backend.by_hand)
        session.mode = session.mode if "mode" in said or not choice.mode else choice.mode
        session.model = session.model if "model" in said else model or ""
        session.own = {name: value for name, value in choice.settings.items() if name not in said}
        self._use()

    def begin_anew(self) -> None:
        """What a conversation not yet begun is sent with: the last choices."""
        self._session.mode, self._session.model = self._last
        self._session.own = {}
        self._use()

    async def check_recalled(self) -> None:
        """Before the first prompt: a remembered mode or model that is gone must not be what every prompt fails with."""
        from chatmodes.modes import base

        session, start = self._session, self._engine.start
        recalled = start.recalled
        if recalled.mode and session.mode == recalled.mode and not await asyncio.to_thread(base.exists, session.mode):
            session.mode = start.settings.mode
        if recalled.model and session.model == recalled.model:
            problem = await self._engine.problem_of(session.model)
            if problem:
                session.model = ""
                self._screen.tell(f"The model chosen last cannot be used, so another answers. {problem}", "warning")
        self._last = (session.mode, session.model)

    # Choosing

    def choose(self, *, mode: str | None = None, model: str | None = None) -> None:
        """Choose for the open conversation, and for those that are begun after it."""
        session = self._session
        session.mode = session.mode if mode is None else mode
        session.model = session.model if model is None else model
        self._last = (session.mode, session.model)
        self.remember(**{name: each for name, each in (("mode", mode), ("model", model)) if each is not None})
        self._chosen()

    def override(self, name: str, value: Any) -> None:
        """Let the open conversation have a setting of its own; None gives it back. Raises `ConfigError`."""
        session, before = self._session, self._session.own
        session.own = {key: each for key, each in {**before, name: value}.items() if each is not None}
        try:
            self._use(strictly=True)
        except ConfigError:
            session.own = before
            raise
        self._chosen()

    def use_base(self, settings: Settings) -> None:
        """Change what every conversation of this session builds on."""
        self._session.base = settings
        self._use()

    def begun(self, conversation: str) -> None:
        """A conversation got its first prompt: it goes on with what that was sent with."""
        if conversation == self._session.conversation:
            self._chosen()

    def remember(self, **choices: Any) -> None:
        """Keep choices of the program's, fields of `Remembered`; a chat that leaves nothing on disk leaves none."""
        start = self._engine.start
        if choices and not (self._engine.private or start.private or start.settings.store.private):
            self._choices.update(choices)
            self._screen.do(self.keep(), group="remember")

    def _chosen(self) -> None:
        session = self._session
        if session.conversation is not None and self._engine.state == "ready":
            self._conversations[session.conversation] = (self._engine.store, session.chosen_now)
            self._screen.do(self.keep(), group="remember")

    def _use(self, *, strictly: bool = False) -> None:
        """Settings as the conversation has them, for what follows. What is stored and cannot be is passed over."""
        session = self._session
        try:
            session.settings = _over(session.base, session.own) if session.own else session.base
        except ConfigError as error:
            if strictly:
                raise
            self._screen.tell(f"{error} {error.hint}", "warning")
            session.settings = session.base
        self._engine.use(session.settings)

    # Writing

    async def keep(self) -> None:
        """Write what was chosen, in the order of choosing. Raises `StoreError`."""
        async with self._writing:
            conversations, self._conversations = self._conversations, {}
            choices, self._choices = self._choices, {}
            for conversation, (store, chosen) in conversations.items():
                await read(
                    partial(store.configure, conversation, mode=chosen.mode, model=chosen.model, settings=chosen.own)
                )
            if choices:
                await self._keep_last(choices)

    async def _keep_last(self, choices: dict[str, Any]) -> None:
        try:
            await asyncio.to_thread(partial(remember, **choices))
        except (OSError, ConfigError) as error:
            if not self._told:
                self._told = True
                self._screen.tell(f"The last choices cannot be remembered: {error}.", "warning")


def _over(settings: Settings, own: dict[str, Any]) -> Settings:
    from chatmodes.chat import Choice  # with the engine, behind the first frame

    return Choice(settings=own).over(settings)
