"""Settings of one single prompt: the conversation's next one is sent as before."""

import re
from dataclasses import replace

from chatmodes.settings import ConfigError, Settings
from chatmodes.tui.chat.configuring import OWN, with_own
from chatmodes.tui.chat.ports import Notices
from chatmodes.tui.chat.sending import Sending
from chatmodes.tui.chat.session import Session
from chatmodes.tui.composer.composer import Composer

_NAMED = re.compile(r"(\w+)=(?:\"([^\"]*)\"|(\S+))\s*")
"""One setting before the prompt; a value of several words stands in double quotes."""
_FIRST = re.compile(rf"({'|'.join(OWN)})\s+(?!=)(?:\"([^\"]*)\"|(\S+))\s*")
"""The same without the sign, where it is the first word: what comes behind may be the prompt's."""


class Once:
    """What `/once` comes to."""

    def __init__(self, session: Session, notices: Notices, *, sending: Sending, composer: Composer) -> None:
        self._session, self._notices = session, notices
        self._sending, self._composer = sending, composer

    async def send(self, text: str) -> None:
        """Send a prompt with the settings that stand before it; what cannot be sent comes back as it was typed."""
        try:
            settings, prompt = _read(self._session.settings, text)
        except ConfigError as error:
            self._refuse(text, f"{error} {error.hint}")
            return
        if settings is self._session.settings or not prompt:
            self._refuse(text, f"/once NAME=VALUE… PROMPT takes {', '.join(OWN)}; values of several words in quotes.")
            return
        chosen = replace(self._session.chosen_now, settings=settings)
        said = text[: len(text) - len(prompt)].strip()
        await self._sending.send(prompt, chosen=chosen, once=said)

    def _refuse(self, text: str, why: str) -> None:
        self._composer.give_back(f"/once {text}".rstrip())
        self._notices.tell(why, "warning")


def _read(settings: Settings, text: str) -> tuple[Settings, str]:
    """The settings changed by those at the beginning of a text, and the prompt behind them. Raises `ConfigError`."""
    found = _FIRST.match(text) or _NAMED.match(text)
    while found is not None:
        name, quoted, bare = found.groups()
        settings = with_own(settings, name, bare if quoted is None else quoted)
        text = text[found.end() :]
        found = _NAMED.match(text)
    return settings, text.strip()
