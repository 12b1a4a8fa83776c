"""What a dialect is: how an API is spoken, apart from who speaks it and over what.

A dialect builds what is sent and reads what comes, and does nothing else: it opens no connection, waits for nothing and
knows no key but the one it is given. Sending, trying again, places at an endpoint and errors are the gateway's, the
same for all. To add one: a module with a class that has these members, and its name in `dialects/__init__.py`.
"""

from typing import Any, Literal, Protocol

import msgspec

from chatmodes.events import Error
from chatmodes.providers.answer import Answer
from chatmodes.providers.calls import Call, ProviderError
from chatmodes.providers.complaints import Complaint
from chatmodes.providers.known.profiles import Profile, Traits

Name = Literal["chat", "responses", "messages"]


class Asked(msgspec.Struct, frozen=True):
    """One request before it is put into words."""

    call: Call
    profile: Profile
    model: str
    """The model's name at its provider."""
    traits: Traits
    without: frozenset[str] = frozenset()
    """What this endpoint has turned down before: names of body fields, and words of the dialect's own."""


class Reader(Protocol):
    """Reads one response. It writes what it finds to an `Answer` and never raises for what a server sent."""

    def event(self, name: str, value: Any) -> None:
        """One decoded server-sent event; `name` is empty unless the server named it."""
        ...

    def whole(self, value: dict[str, Any]) -> bool:
        """A whole answer in one object, from a server that did not stream. False where it is none."""
        ...

    def end(self) -> None:
        """The stream is over, complete or not."""
        ...


class Dialect(Protocol):
    """How an API is spoken."""

    name: Name
    path: str
    """Appended to the provider's address."""

    def headers(self, key: str | None) -> dict[str, str]:
        """The headers that are this dialect's own: how the key is sent, and versions."""
        ...

    def body(self, asked: Asked) -> dict[str, Any]:
        """The request's body, without what `asked.without` names. Raises `ProviderError` for a wish of the call that
        cannot be said: none is left out in silence."""
        ...

    def can_say(self, call: Call) -> bool:
        """Whether this dialect has words for all that the call wishes. Where it has not, chat completions are asked."""
        ...

    def reader(self, answer: Answer) -> Reader:
        """What reads the response to such a request."""
        ...

    def turned_down(self, body: dict[str, Any], complaint: Complaint) -> frozenset[str]:
        """What of `body` a server's complaint names that can be left out or said otherwise; empty where nothing."""
        ...


def cannot(asked: Asked, what: str, hint: str = "") -> ProviderError:
    """The failure for a wish that this provider has no word for. `what` completes "NAME cannot …"."""
    message = f"{asked.profile.name} cannot {what}."
    return ProviderError(
        Error("bad_request", message, hint or "Leave it out, or choose another model.", None, asked.profile.id)
    )
