"""What the full-text index is given, and how a person's search becomes a query of it.

Both ends live here because they must cut text alike: a word split one way in the index and another in the query is
never found, and an entry that is removed with other words than it was made with damages the index.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

import msgspec

from chatmodes.messages import File, Image, Part, Text, ToolCall, ToolResult

_parts: msgspec.json.Decoder[tuple[Part, ...]] = msgspec.json.Decoder(tuple[Part, ...])
_part: msgspec.json.Decoder[Part] = msgspec.json.Decoder(Part)
_raw: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_UNSPACED = r"([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f])"
_terms = re.compile(r'"([^"]*)"?|(\S+)')

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What reading JSON raises, of whatever is wrong with it."""
PREVIEW = 80
"""Characters of a conversation's preview."""

INDEXED = 2_000_000
"""Characters of a message, and of each of its files, that the index knows: what is longer is no reading matter."""


def register(connection: sqlite3.Connection) -> None:
    """Give a connection the functions that the schema's triggers call."""
    connection.create_function("index_text", -1, _index_text, deterministic=True)
    connection.create_function("file_text", 1, _file_text, deterministic=True)
    connection.create_function("index_tags", 2, _index_tags, deterministic=True)
    connection.create_function("preview_text", 1, _preview_text, deterministic=True)


def whole(text: str) -> str:
    """The text with halves of characters made whole, and U+FFFD for a half without its other.

    Models' JSON may cut an emoji in two escapes, and a terminal's invalid bytes become such halves too; neither UTF-8
    nor SQLite can hold them.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def whole_values(value: Any) -> Any:
    """Plain data with every text in it made `whole`."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {key: whole_values(inner) for key, inner in value.items()}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list | tuple):
        return [whole_values(inner) for inner in value]  # pyright: ignore[reportUnknownVariableType]
    return value


def parts_of(parts: str | bytes) -> tuple[Part, ...]:
    """A message's parts as they are stored; one of a kind that this version does not know is passed over."""
    try:
        return _parts.decode(parts)
    except UNREADABLE:
        return tuple(_known_parts(parts))


def _known_parts(parts: str | bytes) -> Iterator[Part]:
    try:
        each = _raw.decode(parts)
    except UNREADABLE:
        return
    for part in each:
        with suppress(*UNREADABLE):
            yield _part.decode(part)


def text_of(parts: str | bytes) -> str:
    """All that can be searched for in a message's parts: what was written, names of files, calls and their results."""
    return "".join(_searchable(parts_of(parts)))


def _searchable(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        match part:
            case Text():
                yield part.text
            case File():
                yield f"\n{part.name}\n{part.text}"
            case Image():
                yield f"\n{part.name}\n"
            case ToolCall():
                yield f"\n{part.name} {part.arguments}\n"
            case ToolResult():
                yield "\n"
                yield from _searchable(part.content)
                yield "\n"
            case _:  # reasoning is shown behind a key, and searched nowhere
                pass


def preview(parts: str) -> str:
    """The beginning of what was written on one line, or the names of what was sent without a word.

    A name made of a file's first lines would tell nothing.
    """
    decoded = parts_of(parts)
    written = "".join(part.text for part in decoded if isinstance(part, Text) and not part.file)
    if not written.strip():
        written = ", ".join(part.name for part in decoded if isinstance(part, File | Image))
    return " ".join(written[: 4 * PREVIEW].split())[:PREVIEW]


def mended(data: bytes) -> str:
    """Text as it is stored, U+FFFD for what is damaged."""
    return data.decode(errors="replace")


def _index_text(parts: Any, files: Any = None) -> str:
    return _spaced("\n".join(filter(None, (text_of(_text(parts))[:INDEXED], files))))


def _preview_text(parts: Any) -> str:
    return preview(_text(parts))


def _text(value: Any) -> str:
    return mended(value) if isinstance(value, bytes) else value


def _file_text(data: Any) -> str:
    return mended(data)[:INDEXED]


def _index_tags(mode: Any, model: Any) -> str:
    return f"mode {mode} model {model}" if mode or model else ""


def _spaced(text: str) -> str:
    """Chinese and Japanese are written without spaces: each character is indexed as a word, runs of them as phrases."""
    return text if text.isascii() else re.sub(_UNSPACED, r" \1 ", text)


def terms(query: str) -> list[tuple[str, bool]]:
    """The words and phrases of a search, and whether each is only the beginning of a word."""
    found: list[tuple[str, bool]] = []
    for match in _terms.finditer(query):
        phrase, word = match.group(1), match.group(2)
        text = phrase if word is None else word
        prefix = word is not None and word.endswith("*") and len(word) > 2
        text = text.strip("*").strip()
        if any(c.isalnum() for c in text):
            found.append((text, prefix))
    return found


def match_expression(query: str, mode: str = "", model: str = "") -> str:
    """The FTS5 expression of a search; empty where nothing is asked for."""
    parts = [f"text : {_quoted(_spaced(text))}{'*' if prefix else ''}" for text, prefix in terms(query)]
    if mode:
        parts.append(f"tags : {_quoted(f'mode {mode}')}")
    if model:
        parts.append(f"tags : {_quoted(model)}")
    return " AND ".join(parts)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""').replace("\0", " ") + '"'


def snippet(text: str, query: str, width: int = 160) -> str:
    """The words around the first match, on one line, with … where text was left out."""
    start = next((at for at in (_find(text, term) for term, _ in terms(query)) if at >= 0), 0)
    begin = max(start - width // 3, 0)
    if begin:
        begin = text.find(" ", begin, start) + 1 or begin
    piece = " ".join(text[begin : begin + width].split())
    return ("…" if begin else "") + piece + ("…" if begin + width < len(text) else "")


def _find(text: str, term: str) -> int:
    words = [re.escape(word) for word in re.findall(r"\w+", term)]
    pattern = re.compile(r"\W+".join(words), re.IGNORECASE)
    match = pattern.search(text) or re.compile(_plain(pattern.pattern), re.IGNORECASE).search(_plain(text[:200_000]))
    return match.start() if match else -1


def _plain(text: str) -> str:
    """Without accents and as long as before, so that a place in it is a place in the original."""
    return text if text.isascii() else "".join(unicodedata.normalize("NFD", c)[0] for c in text)
