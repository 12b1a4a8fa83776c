"""Which tools the open conversation is offered, what of them may run unasked, and the servers behind them.

Nothing of tools is imported before it is wanted, and servers start behind the first frame: a chat that uses none knows
nothing of them.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from chatmodes.settings import ConfigError, working_folder
from chatmodes.settings.schema import SEARCH
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine

if TYPE_CHECKING:
    from chatmodes.tools.projects import Named
    from chatmodes.tools.workshop import Workshop


class Offering:
    """Tools, rules and servers, as one chooses them in the chat."""

    def __init__(self, session: Session, engine: Engine, screen: Notifying, *, remembering: Remembering) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._remembering = remembering

    # Behind the first frame

    async def begin(self) -> None:
        """Say that the folder names servers, where it was never said what of them, and start those that are on.

        No dialog: at the start one types, and what is typed must not become an answer.
        """
        named = await self._unanswered()
        if named is not None:
            names = ", ".join(named.servers)
            self._screen.tell(
                f"This folder's .mcp.json names servers of tools: {names}. /mcp shows what they would start."
            )
        await self._connect()

    async def _unanswered(self) -> Named | None:
        """What the folder's file names, where the user never said whether it may be used."""
        folder = working_folder()
        if folder is None or not await asyncio.to_thread((folder / ".mcp.json").exists):
            return None
        from chatmodes.tools import projects

        named = await asyncio.to_thread(projects.named_here)
        if named is not None and named.problem:
            self._screen.tell(named.problem, "warning")
        if named is None or not named.servers or await asyncio.to_thread(projects.answer, named) is not None:
            return None
        return named

    async def _ask_for(self, named: Named) -> None:
        """Show what a folder's file would start, and keep the answer."""
        from chatmodes.tools import projects
        from chatmodes.tui.dialogs.tools import ServersAsked

        allowed = await self._screen.ask(ServersAsked(named))
        if allowed is None:  # left open: it is asked again
            return
        try:
            await asyncio.to_thread(projects.keep_answer, named, allowed)
        except ConfigError as error:
            self._screen.tell(f"{error} {error.hint}", "warning")
        if allowed:
            settings = await asyncio.to_thread(projects.with_project, self._session.base)
            self._remembering.use_base(settings)

    async def _connect(self) -> None:
        """Start the servers that the open conversation is offered, without waiting for any."""
        use = self._session.settings.tools.use
        if not any(name == "all" or name.startswith("mcp:") for name in use):
            return
        try:
            (await self._workshop()).connect(self._session.settings)
        except ConfigError as error:
            self._screen.tell(f"{error} {error.hint}", "warning")

    async def _workshop(self) -> Workshop:
        return await self._engine.chat.running.workshop()

    # Screens

    async def tools(self, name: str) -> None:
        """The screen of tools and rules; with a name, that tool turned on or off."""
        from chatmodes.tools import registry
        from chatmodes.tui.dialogs.tools import RULE, ToolsScreen

        if name:
            try:
                await asyncio.to_thread(registry.check, name, self._session.settings)
            except ConfigError as error:
                self._screen.tell(f"{error} {error.hint}", "warning")
                return
            await self._turn(name)
            return
        at = ""
        while True:
            offered, kept = await asyncio.to_thread(self._offered), await asyncio.to_thread(self._kept)
            workshop = await self._workshop()
            picked = await self._screen.ask(ToolsScreen(self._session.settings, offered, kept, workshop, at))
            if picked is None:
                return
            at = picked
            if picked.startswith(RULE):
                await self._revoke(picked.removeprefix(RULE))
            else:
                await self._turn(picked)

    async def servers(self) -> None:
        """The screen of servers; Enter turns one's tools on or off here."""
        from chatmodes.tui.dialogs.tools import ServersScreen

        named = await self._unanswered()
        if named is not None:
            await self._ask_for(named)
        at = ""
        while True:
            offered, workshop = await asyncio.to_thread(self._offered), await self._workshop()
            picked = await self._screen.ask(ServersScreen(self._session.settings, offered, workshop, at))
            if picked is None:
                return
            at = picked
            await self._turn(picked)

    def _offered(self) -> list[str]:
        """The tools and servers that are on, each by its name. Looks through installed packages where it must."""
        from chatmodes.tools import registry

        try:
            tools, servers = registry.wanted(self._session.settings)
        except ConfigError:
            return []
        search = [SEARCH] if SEARCH in self._session.settings.tools.use else []
        return [*tools, *search, *(f"{registry.SERVER}{name}" for name in servers)]

    def _kept(self) -> list[str]:
        from chatmodes.tools.approval import kept_rules

        try:
            return kept_rules()
        except ConfigError:
            return []

    async def _turn(self, name: str) -> None:
        """A tool on, or off again, for the open conversation."""
        offered = await asyncio.to_thread(self._offered)
        on = name not in offered
        names = [*offered, name] if on else [each for each in offered if each != name]
        self._remembering.override("tools", names)
        self._screen.tell(f"{name} is {'on' if on else 'off'} in this conversation.")
        await self._connect()

    async def _revoke(self, rule: str) -> None:
        """Take a rule back, in the file and for all that is under way after it."""
        from chatmodes.tools.approval import revoke_rule

        try:
            await asyncio.to_thread(revoke_rule, rule)
        except ConfigError as error:
            self._screen.tell(f"{error} {error.hint}", "warning")
            return
        (await self._workshop()).revoke(rule)
        base = self._session.base
        left = tuple(each for each in base.tools.allow if each != rule)
        self._remembering.use_base(msgspec.structs.replace(base, tools=msgspec.structs.replace(base.tools, allow=left)))
        self._screen.tell(f"{rule} is taken back: such calls are asked about again.")
