"""Settings changed in the chat: those of settings.toml on a screen of their own, and those of the open conversation.

What is right for a setting is known in one place, the catalogue; what a person types is checked by it before anything
changes, and a wrong value is said where it stands.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import msgspec

from chatmodes.settings import ConfigError, Sampling, Settings
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine

if TYPE_CHECKING:
    from chatmodes.settings.catalogue import Setting

OWN = ("system", *Sampling.__struct_fields__)
"""What a conversation can have of its own."""
_BACK = "default"
"""Typed in place of a value: as the settings have it."""


class Configuring:
    """The file's settings and the conversation's."""

    def __init__(
        self, session: Session, engine: Engine, screen: Notifying, *, display: Display, remembering: Remembering
    ) -> None:
        self._session, self._screen = session, screen
        self._display, self._remembering = display, remembering
        self._origins = dict(engine.start.origins)

    # settings.toml

    async def settings(self, text: str) -> None:
        """The screen of all settings; with a name that one of them, with a value behind it that is written."""
        from chatmodes.settings.catalogue import setting

        name, _, value = text.partition(" ")
        if value:
            try:
                found = setting(name)
                await self._write(found, value.strip())
            except ConfigError as error:
                self._screen.tell(f"{error} {error.hint}", "warning")
            return
        await self._browse(name)

    async def _browse(self, query: str) -> None:
        from chatmodes.settings.catalogue import setting, shown, value_of
        from chatmodes.tui.dialogs.ask import AskText
        from chatmodes.tui.dialogs.settings import SettingsScreen

        at = ""
        while True:
            picked = await self._screen.ask(SettingsScreen(self._session.base, self._origins, query, at))
            if picked is None:
                return
            found, at = setting(picked), picked
            about = f"{found.about[:1].upper()}{found.about[1:]}. It must be {found.expects}; empty: the default."
            value = value_of(self._session.base, picked)
            now = value if isinstance(value, str) else shown(value)
            dialog = AskText(picked, about, now, check=lambda typed, found=found: self._problem(found, typed))
            typed = await self._screen.ask(dialog)
            if typed is not None and typed != now:
                try:
                    await self._write(found, typed)
                except ConfigError as error:
                    self._screen.tell(f"{error} {error.hint}", "warning")

    def _problem(self, found: Setting, typed: str) -> str:
        """Why a value is not right for a setting; empty where it is."""
        try:
            _with(self._session.base, found.name, _value(found, typed))
        except ConfigError as error:
            return f"{error} {error.hint}"
        return ""

    async def _write(self, found: Setting, typed: str) -> None:
        """Write a value to the user's file and use it. Raises `ConfigError`."""
        from chatmodes.settings import user_file
        from chatmodes.settings.writing import set_value, unset

        name, value = found.name, _value(found, typed)
        changed = _with(self._session.base, name, value)
        if typed in ("", _BACK):
            await asyncio.to_thread(unset, name)
        else:
            await asyncio.to_thread(set_value, name, value)
        origin = self._origins.get(name, "default")
        if origin not in ("default", "user"):
            self._screen.tell(f"Written to {user_file()}. Here {name} stays as the {origin} says.")
            return
        self._origins[name] = "user"
        self._remembering.use_base(changed)
        self._display.show_composer_title()
        self._display.show_status()
        self._screen.tell(f"Written to {user_file()}. What only a start reads holds from the next one on.")

    # The conversation's own

    def set(self, text: str) -> None:
        """Let the open conversation have a setting of its own, give it back, or say which it has."""
        from chatmodes.settings.catalogue import setting, shown

        name, _, typed = text.partition(" ")
        typed = typed.strip()
        if not name:
            said = ", ".join(f"{each} = {shown(value)}" for each, value in self._session.own.items())
            self._screen.tell(f"{said or 'Nothing of its own'}. /set NAME VALUE takes {', '.join(OWN)}.")
            return
        if name not in OWN:
            self._screen.tell(
                f"A conversation has no {name} of its own. /set takes {', '.join(OWN)}; /settings has the others.",
                "warning",
            )
            return
        found = setting(_own_name(name))
        if not typed:
            now = self._session.settings.system if name == "system" else getattr(self._session.settings.sampling, name)
            self._screen.tell(f"{name} is {shown(now) or 'not set'}. It must be {found.expects}, or {_BACK}.")
            return
        try:
            value = None if typed == _BACK else _value(found, typed)
            _with(self._session.base, found.name, value if value is not None else found.default)
            self._remembering.override(name, value)
        except ConfigError as error:
            self._screen.tell(f"{error} {error.hint}", "warning")
            return
        self._display.show_status()
        told = "as the settings say" if value is None else shown(value)
        self._screen.tell(f"{name} of this conversation: {told}.")


def with_own(settings: Settings, name: str, typed: str) -> Settings:
    """Settings with one of `OWN` as it was typed. Raises `ConfigError` for another name, and for a wrong value."""
    from chatmodes.settings.catalogue import setting

    if name not in OWN:
        raise ConfigError(f"A prompt has no {name} of its own.", f"It can have {', '.join(OWN)}.")
    found = setting(_own_name(name))
    return _with(settings, found.name, _value(found, typed))


def _own_name(name: str) -> str:
    return name if name == "system" else f"sampling.{name}"


def _value(found: Setting, typed: str) -> Any:
    """What was typed for a setting; what gives it back is the default. Raises `ConfigError`."""
    from chatmodes.settings.writing import parsed

    return found.default if typed in ("", _BACK) else parsed(found, typed)


def _with(settings: Settings, name: str, value: object) -> Settings:
    """Settings with one value changed. Raises `ConfigError` for one that is not right."""
    from chatmodes.settings.catalogue import path_of
    from chatmodes.settings.checking import checked

    table: dict[str, Any] = msgspec.to_builtins(settings)
    inner, (*outer, last) = table, path_of(name)
    for part in outer:
        inner = inner[part]
    inner[last] = msgspec.to_builtins(value)
    return checked(table, "Not changed")
