"""Templates in the chat: a file of the user's own becomes the composer's prompt and the conversation's settings."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from chatmodes.modes import base
from chatmodes.settings import ConfigError
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.composer.composer import Composer

if TYPE_CHECKING:
    from chatmodes.settings.templates import Template


class Templating:
    """Picks a template, asks for what it needs, and leaves the sending to the user."""

    def __init__(self, screen: Notifying, *, composer: Composer, display: Display, remembering: Remembering) -> None:
        self._screen, self._composer = screen, composer
        self._display, self._remembering = display, remembering

    async def use(self, text: str) -> None:
        """A template by its name, with what is typed behind it in its place; without a name they are listed."""
        from chatmodes.settings.templates import load_template

        name, _, typed = text.partition(" ")
        try:
            picked = name or await self._picked()
            if not picked:
                return
            template = await asyncio.to_thread(load_template, picked)
            await self._fill(picked, template, typed.strip())
        except ConfigError as error:
            if typed:
                self._composer.give_back(f"/template {text}")
            self._screen.tell(f"{error} {error.hint}", "warning")

    async def _picked(self) -> str | None:
        from chatmodes.settings.templates import how_to_make, load_template, names
        from chatmodes.tui.dialogs.templates import TemplatePicker

        found: list[tuple[str, str, str]] = []
        for name in await asyncio.to_thread(names):
            try:
                template = await asyncio.to_thread(load_template, name)
            except ConfigError as error:
                found.append((name, "", str(error)))
            else:
                found.append((name, template.kind, template.about or template.prompt or template.system))
        if not found:
            self._screen.tell(f"There is no template yet. {how_to_make()}")
            return None
        return await self._screen.ask(TemplatePicker(found))

    async def _fill(self, name: str, template: Template, typed: str) -> None:
        """Raises `ConfigError`."""
        from chatmodes.settings.templates import filled
        from chatmodes.tui.dialogs.ask import AskText

        values: dict[str, str] = {}
        for variable in template.variables:
            value = await self._screen.ask(AskText(f"{name}: {variable}", "", template.defaults.get(variable, "")))
            if value is None:
                return
            values[variable] = value
        made = filled(name, template, typed, values)
        self._apply(template, made.system)
        if made.prompt:
            self._composer.replace(made.prompt)
        self._composer.focus()
        self._screen.tell(f"{name}: Enter sends it." if made.prompt else f"{name} holds for this conversation.")

    def _apply(self, template: Template, system: str) -> None:
        """Mode, model, system prompt and how models are asked, for the open conversation. Raises `ConfigError`."""
        if template.mode and not base.exists(template.mode):
            raise ConfigError(f"There is no mode {template.mode}.", f"Modes are {', '.join(base.names())}.")
        if template.mode or template.model:
            self._remembering.choose(mode=template.mode or None, model=template.model or None)
        if system:
            self._remembering.override("system", system)
        for field, value in msgspec.to_builtins(template.sampling).items():
            if value not in (None, "", 0) and value:
                self._remembering.override(field, value)
        self._display.show_composer_title()
