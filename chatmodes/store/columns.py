"""What single columns hold, as far as it can be read: a damaged byte costs one value, and no conversation.

SQLite notices a page that makes no sense, not a word that does not: a time, a state or a piece of JSON is checked here.
"""

from typing import Any, TypeVar, get_args

import msgspec

from chatmodes.events import Usage
from chatmodes.messages import Role
from chatmodes.store.records import MessageState, RunStatus, Verdict
from chatmodes.store.words import UNREADABLE

LATEST = 99_999_999_999.0
"""Seconds since 1970 that a time is at most: every platform can say what day that is."""

_T = TypeVar("_T")
_usage = msgspec.json.Decoder(Usage)
_settings = msgspec.json.Decoder(dict[str, Any])
_tags = msgspec.json.Decoder(tuple[str, ...])
_STATES, _STATUSES = frozenset(get_args(MessageState)), frozenset(get_args(RunStatus))
_ROLES, _VERDICTS = frozenset(get_args(Role)), frozenset(get_args(Verdict))


def moment(value: Any) -> float:
    """A time, or the nearest that can be one."""
    return min(max(float(value), 0.0), LATEST) if isinstance(value, int | float) else 0.0


def state(value: Any) -> MessageState:
    """A message's state; what is stored whole is taken to be complete."""
    return value if value in _STATES else "complete"


def status(value: Any) -> RunStatus:
    """A run's status; of one that no longer says how it ended, it is that it was cut."""
    return value if value in _STATUSES else "cut"


def role(value: Any, mode: str, model: str) -> Role:
    """A message's role; where that is lost, it is an answer's if a mode or a model has written it."""
    return value if value in _ROLES else "assistant" if mode or model else "user"


def verdict(value: Any) -> Verdict:
    """A pick's verdict."""
    return value if value in _VERDICTS else "none"


def usage(value: Any) -> Usage:
    """A run's tokens; unknown where they cannot be read."""
    return _decoded(_usage, value, Usage())


def settings(value: Any) -> dict[str, Any]:
    """What a conversation overrides; nothing where that cannot be read."""
    return _decoded(_settings, value, {})


def tags(value: Any) -> tuple[str, ...]:
    """A conversation's tags; none where they cannot be read."""
    return _decoded(_tags, value, ())


def _decoded(decoder: "msgspec.json.Decoder[_T]", value: Any, otherwise: _T) -> _T:
    try:
        return decoder.decode(value)
    except (*UNREADABLE, TypeError):  # the latter of what is no text
        return otherwise
