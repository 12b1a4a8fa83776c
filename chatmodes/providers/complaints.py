"""What a server says is wrong, whatever shape it says it in.

Every provider wraps its error differently, and the SDK's own text loses half of them (an array, FastAPI's `detail`,
Mistral's top level). This is the one place that knows the shapes; `errors.py` judges what it finds.
"""

import html
import json
import re
import time
from typing import Any

import msgspec

from chatmodes.providers.keys import hiding
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
    wait: float | None = None
    """Seconds to wait, where the body says so in a field of its own."""
    reset: str = ""
    """When a limit resets, as the end of a sentence, where the body says so in a field of its own."""


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


def complains(value: dict[str, Any]) -> bool:
    """Whether an event that holds no piece of an answer is a complaint, though it has no field `error`."""
    if value.get("object") == "error" or value.get("type") == "error" or value.get("success") is False:
        return True
    if value.get("detail") or value.get("errors") or value.get("error_code") or value.get("error_msg"):
        return True
    code = value.get("code")
    if not isinstance(value.get("message"), str):
        return False
    said = isinstance(code, str) and bool(code) and code.lower() not in _FINE
    return said or _number(value) is not None or value.get("status") in ("error", "failed", "failure")


def hide(text: str, key: str | None) -> str:
    """The text without the key, which some servers repeat; see `hiding.py` for the spellings that are found. Before
    anything is cut: half a key would not be found."""
    return hiding.hide(text, key)


def _hidden(value: Any, key: str | None) -> Any:
    if isinstance(value, str):
        return hide(value, key)
    if is_items(value):
        return [_hidden(item, key) for item in items(value)]
    if is_table(value):
        return {hide(str(name), key): _hidden(item, key) for name, item in table(value).items()}
    return value


def _from(value: Any) -> Complaint:
    if is_items(value):
        return _from(next(iter(items(value)), None))
    if not is_table(value):
        return Complaint(tidy(str(value)) if value is not None else "")
    outer = table(value)
    inner: Any = outer.get("error") or outer.get("errors") or outer.get("fault")
    if is_table(inner) or is_items(inner):
        found = _from(inner)
        found = found if found.message else msgspec.structs.replace(found, message=_message(outer))
    elif isinstance(inner, str):
        found = Complaint(tidy(inner), _code(outer), number=_number(outer))
    else:
        found = Complaint(_message(outer), _code(outer), str(outer.get("param") or ""), _number(outer))
    return _with_limits(_with_upstream(found, outer), outer)


def _with_upstream(found: Complaint, said: dict[str, Any]) -> Complaint:
    """What the server behind a gateway said, behind what the gateway says: "Provider returned error" explains nothing.

    It stands in `metadata.raw` (OpenRouter), as text or as JSON in text.
    """
    raw: Any = table(said.get("metadata")).get("raw")
    if not raw:
        return found
    try:
        behind = _from(json.loads(raw) if isinstance(raw, str) else raw)
    except (ValueError, RecursionError):
        behind = Complaint(tidy(str(raw)))
    whose = str(table(said.get("metadata")).get("provider_name") or "")
    words = f"{whose}: {behind.message}" if whose and behind.message else behind.message
    return msgspec.structs.replace(
        found,
        message=tidy(": ".join(filter(None, (found.message.rstrip("."), words)))),
        code=f"{found.code} {behind.code}".strip(),
        param=found.param or behind.param,
    )


def _with_limits(found: Complaint, said: dict[str, Any]) -> Complaint:
    """The quotas that a body names and when they end: Google's `details`, the headers that OpenRouter passes on."""
    quotas: list[str] = []
    wait, reset = found.wait, found.reset
    for detail in map(table, items(said.get("details"))):
        quotas += [str(table(each).get("quotaId") or "") for each in items(detail.get("violations"))]
        if (delay := str(detail.get("retryDelay") or "")).endswith("s"):
            wait = _seconds(delay[:-1])
    if any("perday" in quota.lower() for quota in quotas):
        reset = "at midnight Pacific time"  # ai.google.dev/gemini-api/docs/rate-limits
    at = _seconds(str(table(table(said.get("metadata")).get("headers")).get("X-RateLimit-Reset") or ""))
    if at is not None:
        wait = max(0.0, at / 1000 - time.time())
    code = " ".join(filter(None, (found.code, *quotas))).lower()
    return msgspec.structs.replace(found, code=code, wait=wait, reset=reset)


def _seconds(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value < 1e14 else None


def tidy(text: str) -> str:
    """One line without control characters, cut to `LONGEST`."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text[: 4 * LONGEST]).split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


_FINE = frozenset({"0", "200", "ok", "success"})
"""Codes that say that nothing is wrong."""
_MESSAGES = (
    "message", "detail", "msg", "error_description", "error_msg", "errorMessage", "Message", "status_msg", "title",
    "reason", "exception", "error_message", "faultstring", "details",
)  # fmt: skip


def _message(said: dict[str, Any]) -> str:
    for name in _MESSAGES:
        value: Any = said.get(name)
        if isinstance(value, str) and value:
            return tidy(value)
        if is_items(value):
            return "; ".join(filter(None, map(_located, items(value)[:5])))
        if is_table(value) and (inner := _message(table(value))):
            return inner
    return _message(table(said["base_resp"])) if "base_resp" in said else ""


def _located(item: Any) -> str:
    """FastAPI's validation errors say where as a path."""
    if not is_table(item):
        return tidy(str(item))
    path = ".".join(str(part) for part in items(table(item).get("loc")))
    return f"{path}: {_message(table(item))}" if path else _message(table(item))


def _code(said: dict[str, Any]) -> str:
    words = (said.get(name) for name in ("code", "type", "status", "error_code"))
    found = [str(word).lower() for word in words if isinstance(word, str | int) and word not in ("", True)]
    if minimax := table(said.get("base_resp")).get("status_code"):
        found.append(f"base_resp:{minimax}")
    return " ".join(found)


def _number(said: dict[str, Any]) -> int | None:
    for name in ("code", "status", "status_code"):
        value: Any = said.get(name)
        if isinstance(value, str) and len(value) == 3 and value.isdecimal():
            value = int(value)
        if isinstance(value, int) and 400 <= value < 600:
            return value
    return None
