"""Taking a key out of what a server said, in the spellings in which keys come back.

Found are: the key itself; a half of it or more; the whole with signs, spaces or line breaks put in or left out, in any
case of letters, or backwards; its base64 (alone, behind `Bearer `, or as a Basic password, wherever it stands in a
longer text), hexadecimal, URL-quoted and HTML-escaped forms, and halves of those. Not found are: pieces of less than a
half, which providers show so that a person knows which key is meant, and what takes a rule to undo, such as ROT13, a
cipher, numbers in words, or letters scattered over several messages.
"""

import base64
import html
import re
from functools import lru_cache
from urllib.parse import quote

import msgspec

MASK = "…"
_LEAST = 4
"""Characters of a key below which nothing is hidden: such a key is a word."""
_PIECE = 8
"""Characters below which no piece is taken for half of a key."""


def hide(text: str, key: str | None) -> str:
    """The text with `MASK` in place of the key; linear in the text, some 10 ms for the longest error that is read."""
    if not key or len(key) < _LEAST:
        return text
    text = text.replace(key, MASK)
    if len(key) < _PIECE or len(text) < _PIECE:
        return text
    spellings = _spellings(key)
    letters = _letters(text)
    for whole, pattern in spellings.spread:
        if whole[:_PIECE] in letters:
            text = pattern.sub(MASK, text)
    size = spellings.size
    found = [at for at in range(len(text) - size + 1) if text[at : at + size] in spellings.pieces]
    return _masked(text, found, size) if found else text


class _Spellings(msgspec.Struct, frozen=True):
    size: int
    """Characters of a piece: half of the key."""
    pieces: frozenset[str]
    """Every piece of every spelling."""
    spread: tuple[tuple[str, re.Pattern[str]], ...]
    """Letters and digits of the spellings that may have something between them, and what finds them then."""


@lru_cache(maxsize=64)
def _spellings(key: str) -> _Spellings:
    raw = key.encode()
    plain = [key, key[::-1], raw.hex()]
    quoted = "".join(char if char.isalnum() else f"%{ord(char):02X}" for char in key)
    forms = [*plain, raw.hex().upper(), quote(key, safe=""), quoted, html.escape(key)]
    for sent in (raw, b"Bearer " + raw, b":" + raw, raw + b":"):
        for shift, cut in enumerate((0, 2, 3)):  # what stands before it decides which bits share a letter
            inner = base64.b64encode(b"\0" * shift + sent).decode().rstrip("=")[cut:]
            forms += [inner, inner.replace("+", "-").replace("/", "_")]
    size = max(_PIECE, -(-len(key) // 2))
    pieces = frozenset(form[at : at + size] for form in forms for at in range(len(form) - size + 1))
    wholes = dict.fromkeys(letters for form in plain if len(letters := _letters(form)) >= _PIECE)
    spread = tuple((whole, re.compile(r"[\W_]{0,4}".join(whole), re.IGNORECASE)) for whole in wholes)
    return _Spellings(size, pieces, spread)


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalnum()).lower()


def _masked(text: str, found: list[int], size: int) -> str:
    parts: list[str] = []
    end = 0
    for start in found:
        if start > end or not parts:
            parts += [text[end:start], MASK]
        end = start + size
    return "".join(parts) + text[end:]
