"""Pictures that an endpoint refuses, or is known to refuse: left out of what it is sent, so that one of them does not
end a conversation.

A history is sent again with each prompt; a picture that is too large or odd for one provider would make every later
request fail. So the one that a complaint is about goes as a line of text from then on, and the answer says so.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from chatmodes.messages import File, Image, Message, Part, Reasoning, Text, ToolResult
from chatmodes.providers.calls import Call
from chatmodes.providers.dialects.media import base64_of
from chatmodes.providers.errors import CallError
from chatmodes.providers.known.traits import Traits
from chatmodes.providers.shapes import is_items, is_table, items, table

_STATUSES = (400, 404, 413, 415, 422, 500, 501)
"""A server of one's own answers 500 where its model has no eyes, OpenRouter 404."""
_TOO_LARGE = 413
_ABOUT = re.compile(
    r"\bimages?\b|image_url|input_image|\bpictures?\b|\bmedia[_ ]types?\b|\bmime\b|\bmultimodal\b|\bvision\b|mmproj",
    re.I,
)
_SIZE = re.compile(
    r"too (large|big|many)|exceed|larger than|at most|maximum|\bsize\b|pixels|dimension|megabyte|\bMB\b", re.I
)
_BLIND = re.compile(
    r"(not|n't|cannot|without|no endpoints found that) (currently |be )?(support|accept|handle|take|allow|enabled)"
    r"|unsupported content|unknown variant|text[- ]only|only (supports? )?text|mmproj|not (a )?(multimodal|vision)",
    re.I,
)
_PLACE = re.compile(r"(?:messages?|input)[.\[](\d+)\]?\.content[.\[](\d+)")
_SINGLY = 2
"""Refusals of one call that cost one picture each. What is refused a third time goes without any."""

At = tuple[str, str]
"""An address and a model's name there."""


class Refused:
    """Which pictures each endpoint has refused."""

    def __init__(self) -> None:
        self._hashes: dict[At, frozenset[str]] = {}
        self._told: set[tuple[At, str]] = set()

    def untold(self, pictures: Sequence[Image], at: At) -> list[Image]:
        """Those of the pictures that it was not said of before that they are left out there; they count as told now."""
        found = [each for each in pictures if (at, each.hash) not in self._told]
        self._told |= {(at, each.hash) for each in found}
        return found

    def without(self, call: Call, at: At) -> Call:
        """The call with the pictures that are refused there as references, which a dialect says in words."""
        if hashes := self._hashes.get(at):
            return msgspec.structs.replace(call, messages=tuple(_without(one, hashes) for one in call.messages))
        return call

    def learn(self, call: Call, at: At, error: CallError, before: int) -> tuple[Image, ...]:
        """The pictures to leave out from now on, by what a server says of them; empty where it is about something else,
        and where none is left. `before` is how many refusals this call has met."""
        known = self._hashes.get(at, frozenset())
        pictures = [each for each in pictures_of(call.messages) if each.content]
        if not pictures or not _is_about_pictures(error):
            return ()
        # Another call, of an agent beside this one, may have met the same refusal while this one was under way.
        if meanwhile := _sent(error.sent, [each for each in pictures if each.hash in known]):
            return meanwhile
        found = _complained_of([each for each in pictures if each.hash not in known], error, before)
        self._hashes[at] = known | {each.hash for each in found}
        return found


def pictures_of(messages: Sequence[Message]) -> Iterator[Image]:
    """All pictures of a conversation, those that tools brought among them."""
    for message in messages:
        for part in message.parts:
            within = part.content if isinstance(part, ToolResult) else (part,)
            yield from (each for each in within if isinstance(each, Image))


def within(call: Call, traits: Traits) -> tuple[Call, tuple[Image, ...]]:
    """The call with as many of its pictures as one request may hold, the latest ones, and those that are left out."""
    pictures = [each for each in pictures_of(call.messages) if each.content]
    if not pictures or traits.images is False or (traits.image_count is None and traits.request_bytes is None):
        return call, ()
    count, room = traits.image_count, traits.request_bytes
    if room is not None:
        room -= sum(_weight(part, traits) for message in call.messages for part in message.parts)
    out: dict[str, Image] = {}
    kept: set[str] = set()
    for picture in reversed(pictures):
        if picture.hash in kept or picture.hash in out:
            continue
        size = _encoded(picture.content)
        if count == 0 or (room is not None and size > room):
            out[picture.hash] = picture
            continue
        kept.add(picture.hash)
        count = None if count is None else count - 1
        room = None if room is None else room - size
    without = tuple(_without(one, frozenset(out)) for one in call.messages)
    return msgspec.structs.replace(call, messages=without) if out else call, tuple(reversed(out.values()))


def beyond(provider: str, pictures: Sequence[Image], traits: Traits) -> str:
    """What was left out because one request holds no more."""
    count = f"{traits.image_count} pictures" if traits.image_count is not None else ""
    weight = f"{traits.request_bytes / 1e6:g} MB" if traits.request_bytes is not None else ""
    most = " and ".join(filter(None, (count, weight)))
    return f"{_left_out(pictures)}: one request to {provider} holds {most} at most, and later ones go first."


def sentence(provider: str, pictures: Sequence[Image], reason: str) -> str:
    """What was left out, and why, as the provider says it."""
    them = "it" if len({each.name for each in pictures}) == 1 else "them"
    return f"{_left_out(pictures)}, since {provider} refused {them}: {reason.rstrip('.')}."


def _left_out(pictures: Sequence[Image]) -> str:
    names = list(dict.fromkeys(each.name for each in pictures))
    told = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    return f"{told} {'was' if len(names) == 1 else 'were'} left out"


def _weight(part: Part, traits: Traits) -> int:
    """About how many bytes of a request a part takes that is no picture."""
    match part:
        case File() if part.media_type == "application/pdf" and part.content and traits.pdfs:
            return _encoded(part.content)
        case Text() | File() | Reasoning():
            return len(part.text.encode("utf-8", "replace"))
        case ToolResult():
            return sum(_weight(each, traits) for each in part.content)
        case _:
            return 0


def _encoded(content: bytes) -> int:
    return -(-len(content) // 3) * 4


def _said(error: CallError) -> str:
    return f"{error.complaint.message} {error.complaint.code} {error.complaint.param}"


def _is_about_pictures(error: CallError) -> bool:
    status = error.error.status
    return status == _TOO_LARGE or (status in _STATUSES and _ABOUT.search(_said(error)) is not None)


def _complained_of(shown: Sequence[Image], error: CallError, before: int) -> tuple[Image, ...]:
    status, said = error.error.status, _said(error)
    if not shown:
        return ()
    if before >= _SINGLY:
        return tuple(shown)
    if (place := _PLACE.search(said)) and (named := _at(error.sent, int(place[1]), int(place[2]), shown)):
        return (named,)
    if _BLIND.search(said) and not _SIZE.search(said):
        return tuple(shown)
    if status == _TOO_LARGE or _SIZE.search(said):
        return (max(shown, key=lambda each: len(each.content)),)
    return (shown[-1],)


def _at(body: dict[str, Any], message: int, part: int, shown: Sequence[Image]) -> Image | None:
    """The picture at a place of the request that was sent."""
    turns = items(body.get("messages") or body.get("input"))
    content = table(turns[message]).get("content") if message < len(turns) else None
    sent = items(content)[part] if is_items(content) and part < len(items(content)) else None
    return next(iter(_sent(sent, shown)), None)


def _sent(body: Any, pictures: Sequence[Image]) -> tuple[Image, ...]:
    """Those of the pictures that are in a request, or in a part of one."""
    texts = list(_strings(body)) if pictures else []
    return tuple(each for each in pictures if any(text.endswith(base64_of(each.content)) for text in texts))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in table(value).values() if is_table(value) else items(value):
        yield from _strings(each)


def _without(message: Message, hashes: frozenset[str]) -> Message:
    return msgspec.structs.replace(message, parts=tuple(_part(part, hashes) for part in message.parts))


def _part(part: Part, hashes: frozenset[str]) -> Part:
    match part:
        case Image() if part.hash in hashes:
            return msgspec.structs.replace(part, content=b"")
        case ToolResult():
            kept = (_part(each, hashes) for each in part.content)
            return msgspec.structs.replace(part, content=tuple(kept))
        case _:
            return part
