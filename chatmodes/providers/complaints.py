"""What a server says is wrong, whatever shape it says it in.

Every provider wraps its error differently, and the SDK's own text loses half of them (an array, FastAPI's `detail`,
Mistral's top level). This is the one place that knows the shapes; `errors.py` judges what it finds.
"""

import html
import json
import re
from typing import Any

import msgspec

from chatmodes.providers.shapes import is_items, is_table, items, table

LONGEST = 400
"""Characters of a server's message that are worth showing."""


class Complaint(msgspec.Struct, frozen=True):
    """An error body taken apart; empty strings where it does not say."""

    message: str = ""
    code: str = ""
    """The code, type and status words together, in lower case."""
    param: str = ""
    number: int | None = None
    """A status that stands in the body."""
    page: bool = False
    """It is a web page: something other than the API answered."""


def from_body(body: bytes | str, key: str | None = None) -> Complaint:
    """The complaint in an error response's body, without the key that was sent."""
    text = (body.decode("utf-8", "replace") if isinstance(body, bytes) else body).strip()
    if not text:
        return Complaint()
    try:
        return from_json(json.loads(text), key)
    except (ValueError, RecursionError):
        text = hide(text, key)
    if text[:1] == "<" or "<html" in text[:500].lower():
        title = re.search(r"<title[^>]*>(.*?)</title>", text[:20_000], re.IGNORECASE | re.DOTALL)
        return Complaint(tidy(html.unescape(title[1])) if title else "a web page", page=True)
    return Complaint(tidy(text))


def from_json(value: Any, key: str | None = None) -> Complaint:
    """The complaint in decoded JSON, without the key that was sent: an object, a string, or a list of either."""
    return _from(_hidden(value, key))


def hide(text: str, key: str | None) -> str:
    """The text without the key, which some servers repeat. Before anything is cut: half a key would not be found."""
    return text.replace(key, "…") if key and len(key) > 3 else text


def _hidden(value: Any, key: str | None) -> Any:
    if isinstance(value, str):
        return hide(value, key)
    if is_items(value):
        return [_hidden(item, key) for item in items(value)]
    if is_table(value):
        return {name: _hidden(item, key) for name, item in table(value).items()}
    return value


def _from(value: Any) -> Complaint:
    if is_items(value):
        return _from(next(iter(items(value)), None))
    if not is_table(value):
        return Complaint(tidy(str(value)) if value is not None else "")
    outer = table(value)
    inner: Any = outer.get("error") or outer.get("errors")
    if is_table(inner) or is_items(inner):
        found = _from(inner)
        return found if found.message else msgspec.structs.replace(found, message=_message(outer))
    if isinstance(inner, str):
        return Complaint(tidy(inner), _code(outer), number=_number(outer))
    return Complaint(_message(outer), _code(outer), str(outer.get("param") or ""), _number(outer))


def tidy(text: str) -> str:
    """One line without control characters, cut to `LONGEST`."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST]).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


def _message(said: dict[str, Any]) -> str:
    for name in ("message", "detail", "msg", "error_description", "title"):
        value: Any = said.get(name)
        if isinstance(value, str) and value:
            return tidy(value)
        if is_items(value):
            return "; ".join(filter(None, map(_located, items(value)[:5])))
        if is_table(value):
            return _message(table(value))
    raw = table(said.get("metadata")).get("raw")
    return tidy(str(raw)) if raw else ""


def _located(item: Any) -> str:
    """FastAPI's validation errors say where as a path."""
    if not is_table(item):
        return tidy(str(item))
    path = ".".join(str(part) for part in items(table(item).get("loc")))
    return f"{path}: {_message(table(item))}" if path else _message(table(item))


def _code(said: dict[str, Any]) -> str:
    words = (said.get(name) for name in ("code", "type", "status"))
    return " ".join(str(word).lower() for word in words if isinstance(word, str) and word)


def _number(said: dict[str, Any]) -> int | None:
    for name in ("code", "status", "status_code"):
        value: Any = said.get(name)
        if isinstance(value, str) and value.isdigit():
            value = int(value)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None
