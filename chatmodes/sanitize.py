"""Text from outside, made inert for a terminal.

A model's text, an API's error and a file's content are data: a raw ESC in one of them once overwrote tmux's clipboard.
The cure works character by character, so it may be applied to a stream's chunks one by one.
"""

import re

_C0 = [code for code in range(0x20) if chr(code) not in "\n\t"]
_C1 = [0x7F, *range(0x80, 0xA0)]
_BIDI = [0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
_INVISIBLE = [
    0x00AD,  # soft hyphen
    0x180E,
    0x200B,  # zero-width space; 200C and 200D stay: Persian and emoji sequences need them
    *range(0x2060, 0x2065),
    *range(0x206A, 0x2070),
    0x2028,  # line and paragraph separator: a terminal draws nothing, str.splitlines breaks lines
    0x2029,
    0xFEFF,
    *range(0xFFF9, 0xFFFC),
    *range(0xE0000, 0xE0080),  # tag characters hide whole sentences from the reader, not from a model
]
_DROPPED: dict[int, None] = dict.fromkeys([*_C0, *_C1, *_BIDI, *_INVISIBLE])
_SHOWN = {code: f"\\u{code:04x}" for code in _DROPPED}
# Compiled at their first use: before the first frame they are 0.7 ms, and most texts need neither.
_SURROGATES = "[\ud800-\udfff]"
_JSON_UNSAFE = "[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]"


def clean(text: str) -> str:
    """The text without control characters (newline and tab stay), bidi overrides and invisible fillers.

    Carriage returns go too: what follows one would overwrite what stands before it. Safe on chunks of a stream.
    """
    text = text.translate(_DROPPED)
    return re.sub(_SURROGATES, "�", text) if not text.isascii() else text


def visible(text: str) -> str:
    r"""The text with all that `clean` would drop written as \uXXXX, for who is to judge it."""
    return text.translate(_SHOWN)


def one_line(text: str, limit: int = 200) -> str:
    """The text clean, on one line, and no longer than `limit` characters: for titles, lists and status lines."""
    line = " ".join(clean(text[: limit * 8]).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def fenced(text: str, language: str = "") -> str:
    """A text between fences longer than any in it, so that its own cannot end it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language if language.isalnum() else ''}\n{text.rstrip()}\n{fence}"


def escape_controls(line: str) -> str:
    r"""A line of JSON, the controls that JSON lets through written as \uXXXX: the same value, inert on a terminal."""
    if line.isascii() and "\x7f" not in line:
        return line
    return re.sub(_JSON_UNSAFE, lambda match: f"\\u{ord(match[0]):04x}", line)
