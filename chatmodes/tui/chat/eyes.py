"""Pictures and models without eyes: said before anything is sent, and where one is switched to."""

from typing import TYPE_CHECKING

from chatmodes.settings import ConfigError
from chatmodes.tui.chat.ports import Notices
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine
from chatmodes.tui.host.keymap import shown

if TYPE_CHECKING:
    from chatmodes.messages import Message


class Eyes:
    """Asks what is known of a model, which waits for nothing."""

    def __init__(self, session: Session, engine: Engine, notices: Notices) -> None:
        self._session, self._engine, self._notices = session, engine, notices

    def see(self, prompt: "Message", mode: str, model: str) -> bool:
        """Whether the model that would answer takes what is in a prompt; said where it does not."""
        from chatmodes.providers.available.eyes import refusal
        from chatmodes.providers.pictures import pictures_of

        answering = self._blind(mode, model) if any(pictures_of([prompt])) else ""
        if answering:
            said, hint = refusal(answering, self._engine.backend.catalog)
            self._notices.tell(f"{said} {hint} {shown('model')} chooses another.", "warning")
        return not answering

    def tell_left_behind(self) -> None:
        """After a switch: how many pictures of the open conversation the model does not get to see."""
        if self._engine.state != "ready":
            return
        from chatmodes.providers.available.eyes import left_behind
        from chatmodes.providers.pictures import pictures_of

        count = sum(1 for _ in pictures_of([one.message for one in self._session.path]))
        blind = self._blind(self._session.mode, self._session.model) if count else ""
        if blind:
            self._notices.tell(left_behind(blind, count), "warning")

    def _blind(self, mode: str, model: str) -> str:
        """The model that would answer, where it is known to take no pictures; empty where it takes them."""
        from chatmodes.providers.available.eyes import is_blind

        try:
            answering = model or self._engine.chat.model_for(mode)
        except ConfigError:  # the run says it, in its place
            return ""
        return answering if is_blind(self._engine.backend.models, answering) else ""
