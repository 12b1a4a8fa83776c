"""An answer as it was asked for: up to where it is to stop, and as JSON alone.

Not every endpoint keeps to what it is told: some write past a stop, and small models wrap the JSON that they are asked
for in a fence and a kind word. A client that reads by machine can do nothing with either, so both are seen to here,
while the answer streams.
"""

import json
import re

_FENCE = re.compile(r"```[A-Za-z0-9_-]*[ \t]*\r?\n")
_FENCES = re.compile(r"```[A-Za-z0-9_-]*")
_TRIES = 50
"""Places at which JSON is looked for among words; each try may read to the end."""


class Shape:
    """What a client is shown of an answer that comes in pieces."""

    def __init__(self, stops: tuple[str, ...] = (), *, alone: bool = False) -> None:
        """`stops` end the answer before them; `alone` leaves nothing but the JSON."""
        self._stopping = _Stopping(stops) if stops else None
        self._json = _JsonAlone() if alone else None

    @property
    def stopped(self) -> bool:
        """A stop has come; whatever follows is no part of the answer."""
        return self._stopping is not None and self._stopping.stopped

    def feed(self, text: str) -> str:
        """What is certain with this piece."""
        if self._stopping:
            text = self._stopping.feed(text)
        return self._json.feed(text) if self._json else text

    def rest(self) -> tuple[str, str]:
        """What was held back, once nothing more comes, and what stood around the JSON."""
        text = self._stopping.rest() if self._stopping else ""
        if self._json is None:
            return text, ""
        text = self._json.feed(text)
        more, beside = self._json.rest()
        return text + more, beside


class _Stopping:
    """Lets text through up to the first of the stops, which may come in pieces."""

    def __init__(self, stops: tuple[str, ...]) -> None:
        self._stops = stops
        self._held: str = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        found = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.stopped, self._held = True, ""
            return text[: min(found)]
        sure = len(text) - max(_begun(text, stop) for stop in self._stops)
        self._held = text[sure:]
        return text[:sure]

    def rest(self) -> str:
        held, self._held = self._held, ""
        return held


def _begun(text: str, stop: str) -> int:
    """How many characters at the end of `text` may be the beginning of `stop`."""
    most = min(len(stop) - 1, len(text))
    return next((count for count in range(most, 0, -1) if text.endswith(stop[:count])), 0)


class _JsonAlone:
    """Lets the one JSON value of an answer through, and tells what stands around it apart.

    An answer that begins as JSON, fenced or not, streams; one that begins in words is held until its end. What has no
    JSON in it is let through as it is.
    """

    def __init__(self) -> None:
        self._before: str = ""
        """What has come while no value has begun."""
        self._value: list[str] = []
        self._after: list[str] = []
        """What has come since the value ended."""
        self._depth = 0
        self._quoted = self._escaped = self._over = False

    def feed(self, text: str) -> str:
        if self._over:
            self._after.append(text)
            return ""
        if self._value:
            return self._inside(text)
        self._before += text
        begun = self._before.lstrip()
        fence = _FENCE.match(begun)
        value = begun[fence.end() :].lstrip() if fence else begun
        if not value.startswith(("{", "[")):
            return ""
        self._before = ""
        return self._inside(value)

    def rest(self) -> tuple[str, str]:
        if self._value:
            after = "".join(self._after)
            whole = self._over and _decoded("".join(self._value), 0) is not None
            return ("", _FENCES.sub("", after).strip()) if whole else (after, "")
        value = _among_words(self._before)
        return (value, _FENCES.sub("", self._before.replace(value, "", 1)).strip()) if value else (self._before, "")

    def _inside(self, text: str) -> str:
        """As much of a piece as belongs to the value."""
        for at, char in enumerate(text):
            if self._escaped:
                self._escaped = False
            elif self._quoted:
                self._escaped, self._quoted = char == "\\", char != '"'
            elif char == '"':
                self._quoted = True
            elif char in "{[":
                self._depth += 1
            elif char in "}]":
                self._depth -= 1
                if not self._depth:
                    self._over = True
                    self._after.append(text[at + 1 :])
                    text = text[: at + 1]
                    break
        self._value.append(text)
        return text


def _among_words(text: str) -> str:
    """The first JSON object in a text, or else the first list; empty where there is none."""
    for begin in "{[":
        places = [found.start() for found in re.finditer(re.escape(begin), text)]
        for at in places[:_TRIES]:
            if (end := _decoded(text, at)) is not None:
                return text[at:end]
    return ""


def _decoded(text: str, at: int) -> int | None:
    """Where the JSON ends that begins at this place; None where it is none."""
    try:
        return json.JSONDecoder().raw_decode(text, at)[1]
    except (ValueError, RecursionError):
        return None
