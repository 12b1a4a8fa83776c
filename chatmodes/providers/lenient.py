"""JSON and Unicode from servers that do not quite write either.

An answer arrives token by token, and tokens end inside characters: half an emoji as a lone surrogate escape, the rest
in the next event; the first bytes of a character here, the others there. One odd event must cost at most a character.
"""

import json
import re
from typing import Any

import msgspec

_strict = msgspec.json.Decoder().decode
_PAIR = re.compile(rb"\xed[\xa0-\xaf][\x80-\xbf]\xed[\xb0-\xbf][\x80-\xbf]")
"""A character beyond U+FFFF as two surrogates of three bytes each (CESU-8), which Java programs write."""
_ODD = re.compile("[\ud800-\udfff]")
_BYTES = re.compile("[\udc80-\udcff]+")
"""Bytes that are no UTF-8, as `surrogateescape` hands them on."""
_DIGITS = 300
"""Digits of a number that still makes sense; Python refuses to read those of 4,300 and more."""


def decode(data: bytes) -> tuple[Any, bool]:
    """The value, and whether its strings may hold surrogates, which `Halves` then takes out.

    Takes what JSON forbids and servers send: NaN, numbers without end, raw control characters, broken UTF-8. Raises
    `ValueError` where it is no JSON at all, `RecursionError` where it is nested too deeply.
    """
    try:
        return _strict(data), False
    except ValueError:  # msgspec's own errors and UnicodeDecodeError are both
        text = _PAIR.sub(_joined, data).decode("utf-8", "surrogateescape")
        return _loose(text), True


def _loose(text: str) -> Any:
    return json.loads(text.removeprefix("\ufeff"), strict=False, parse_int=_integer)


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= _DIGITS else float("-inf" if digits.startswith("-") else "inf")


def _joined(pair: re.Match[bytes]) -> bytes:
    return _paired(pair[0].decode("utf-8", "surrogatepass")).encode()


def _paired(text: str) -> str:
    """Surrogates that stand beside their other half become the character; the rest stay."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def clean(text: str) -> str:
    """The text with U+FFFD for what is no character."""
    return _ODD.sub("\ufffd", _paired(_BYTES.sub(_characters, text))) if _ODD.search(text) else text


def _characters(escaped: re.Match[str]) -> str:
    """What bytes of one string and the next make together; lone ones stay for the caller."""
    return escaped[0].encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


class Halves:
    """Joins what a stream of strings cut inside a character; one for each stream of text."""

    def __init__(self) -> None:
        self._held = ""

    @property
    def holds(self) -> bool:
        """A half waits for its other half."""
        return bool(self._held)

    def join(self, text: str) -> str:
        """The characters that are complete."""
        text = _BYTES.sub(_characters, _paired(self._held + text))
        self._held = ""
        if end := _unfinished(text):
            text, self._held = text[:-end], text[-end:]
        return _ODD.sub("\ufffd", text)

    def flush(self) -> str:
        """What never found its other half."""
        held, self._held = self._held, ""
        return _ODD.sub("\ufffd", held)


def _unfinished(text: str) -> int:
    """How many code units at the end may be the beginning of a character."""
    if not text:
        return 0
    if "\ud800" <= text[-1] <= "\udbff":
        return 1
    for size in range(1, min(4, len(text) + 1)):  # a first byte with too few others behind it
        byte = ord(text[-size]) - 0xDC00
        if not 0x80 <= byte <= 0xFF:
            return 0
        if byte >= 0xC2:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return size if size < needed else 0
    return 0
