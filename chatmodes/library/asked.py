"""From what a program hands over to what the rooms below take: settings, tools, parts of a message.

It comes from code, so a value of another kind is a `TypeError` of the call, said before anything is sent; what can be
of no use though its kind is right (a mode that there is not, a file that is gone) is a `ConfigError`.
"""

import io
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast, runtime_checkable

from chatmodes.messages import File, Image, Text
from chatmodes.modes import base
from chatmodes.providers.available.choice import named
from chatmodes.settings import ConfigError, Settings, load

if TYPE_CHECKING:
    from chatmodes.tools.base import Tool

    Offered = str | Tool | Callable[..., object]
else:
    Offered = str | Callable[..., object]
"""A tool by its name, an object that is one (`chatmodes.tools.base.Tool`), or a function of the program's own."""


@runtime_checkable
class Drawn(Protocol):
    """A picture in memory that can write itself as a PNG, as Pillow's can."""

    def save(self, fp: Any, format: str | None = None) -> None: ...


Attached = str | PathLike[str] | bytes | Drawn | Text | File | Image
"""A file or an address (text, picture, PDF), what such a file holds, a picture of Pillow's, or a part of a message that
is made already."""


class Asked(NamedTuple):
    """What holds for a call."""

    settings: Settings
    own: "tuple[Tool, ...]"
    """Tools of the program's own."""
    base_url: str | None
    """The endpoint that was named, here or in the environment."""
    said: frozenset[str]
    """What the call says of that which a stored conversation may have chosen for itself, as `Choice.over` takes it."""


def asked_for(
    mode: str | None,
    model: str | None,
    system: str | None,
    base_url: str | None,
    tools: "Offered | Iterable[Offered]",
    allow: str | Iterable[str],
    settings: Mapping[str, object] | None,
) -> Asked:
    """The settings with what a program asks for on top. Raises `ConfigError`, and `TypeError` for a value of another
    kind."""
    check_texts(mode=mode, model=model, system=system, base_url=base_url)
    endpoint = base_url or os.environ.get("CHATMODES_BASE_URL") or None
    by_hand = bool(endpoint)
    flags = named(model or (os.environ.get("CHATMODES_MODEL") if by_hand else None), by_hand=by_hand)
    _put(settings or {}, flags)
    flags |= {name: value for name, value in (("mode", mode), ("system", system)) if value is not None}
    made = load(flags, where="the call or the environment")
    base.check(made, made.mode)
    offered = _several(tools)
    names = [each for each in offered if isinstance(each, str)]
    own = [each for each in offered if not isinstance(each, str)]
    rules = [_checked_rule(each) for each in _several(allow)]
    said = {*(["system"] if "system" in flags else []), *(["tools"] if names else []), *flags.get("sampling", {})}
    if names or rules:
        from chatmodes.tools.granting import granted

        made = granted(made, names, rules)
    return Asked(made, _own(own), endpoint, frozenset(said))


def _own(offered: Sequence[object]) -> "tuple[Tool, ...]":
    if not offered:
        return ()
    from chatmodes.tools.functions import as_tools

    return as_tools(offered)


def check_texts(**values: object) -> None:
    """Raise `TypeError` for a value that is neither a text nor None, by its name."""
    for name, value in values.items():
        if value is not None and not isinstance(value, str):
            raise TypeError(f"{name} must be a str or None, not {type(value).__name__}.")


def check_prompt(prompt: object) -> None:
    """Raise `TypeError` for a prompt that is no text, and `ConfigError` for one that asks nothing."""
    if not isinstance(prompt, str):
        raise TypeError(
            f"The prompt must be a str, not {type(prompt).__name__}. A conversation of several turns is held by "
            "`chatmodes.open`."
        )
    if not prompt.strip():
        raise ConfigError("There is nothing to ask.", "Put the question into the prompt.")


async def parts_of(attached: Attached | Iterable[Attached]) -> list[Text | File | Image]:
    """Parts of a message, ready to send. Raises `ConfigError` for what cannot be attached, and `TypeError` for what
    stands for no file."""
    parts: list[Text | File | Image] = []
    for at, each in enumerate(_several(attached), 1):
        if isinstance(each, Text | File | Image):
            parts.append(each)
            continue
        from chatmodes.attaching import AttachError, attach, attach_bytes

        try:
            if isinstance(each, str | PathLike):
                parts += await attach([cast("str | PathLike[str]", each)])
            else:
                parts += await attach_bytes(_bytes_of(each), f"attachment {at}")
        except AttachError as error:
            raise ConfigError(str(error), "Nothing was sent.") from error
    return parts


def _bytes_of(each: object) -> bytes:
    if isinstance(each, bytes | bytearray):
        return bytes(each)
    if isinstance(each, Drawn):
        written = io.BytesIO()
        try:
            each.save(written, format="PNG")
        except (OSError, ValueError, KeyError) as error:
            raise ConfigError(f"The picture cannot be written as a PNG: {error}.", "Convert it to RGB.") from error
        return written.getvalue()
    raise TypeError(
        f"attach takes paths, addresses, bytes, Pillow's pictures and parts of messages, not {type(each).__name__}."
    )


def _several(given: Any) -> Sequence[Any]:
    """What was handed over as a sequence, also where it is one thing."""
    if given is None:
        return ()
    if isinstance(given, str | bytes | bytearray | PathLike | Text | File | Image | Drawn):
        return (cast("Any", given),)
    return tuple(cast("Iterable[Any]", given)) if isinstance(given, Iterable) else (given,)


def _checked_rule(rule: object) -> str:
    if not isinstance(rule, str):
        raise TypeError(f"A rule in allow must be a str, TOOL or TOOL:PATTERN, not {type(rule).__name__}.")
    return rule


def _put(settings: Mapping[Any, object], tables: dict[str, Any]) -> None:
    """Put settings into tables as a file has them; they may be named by their dotted names, or be in tables too."""
    for name, value in settings.items():
        if not isinstance(name, str):
            raise TypeError(f"A setting's name must be a str, not {type(name).__name__}.")
        section, dot, rest = name.partition(".")
        if dot:
            value = {rest: value}
        if not isinstance(value, Mapping):
            tables[section] = value
            continue
        inner: Any = tables.setdefault(section, {})
        if not isinstance(inner, dict):
            raise ConfigError(f"The settings have {section} as a value and as a table.", "Say it once.")
        _put(cast("Mapping[Any, object]", value), cast("dict[str, Any]", inner))
