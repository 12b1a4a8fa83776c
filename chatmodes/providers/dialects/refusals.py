"""What a server turns down, read from its complaint, as far as a request can do without it.

A table of what can be said otherwise (a role, a turn, an id, a stream), and the rule for body fields: one that the
complaint names is left out. What the caller asked for in so many words is never among them; that is an error.
"""

import re
from typing import Any

from chatmodes.providers.complaints import Complaint
from chatmodes.providers.shapes import is_items, items, table

TOKEN_FIELDS = ("max_tokens", "max_completion_tokens")
_KEPT = frozenset(
    {
        "model", "messages", "input", "stream", "system", "instructions", "tools", "tool_choice", "stop",
        "stop_sequences", "seed", "random_seed", "top_p", "response_format", "text", "output_config",
        "presence_penalty", "frequency_penalty",
    }
)  # fmt: skip
"""Fields without which it would be another request."""
_TOO_MANY = re.compile(r"too large|exceeds?\b|at most|less than|greater than", re.IGNORECASE)
"""It is the number that does not fit, not the field's name."""

DEVELOPER = "role:developer"
"""Call the system message `system`."""
SYSTEM = "role:system"
"""There is no system message: the user says it."""
TURN = "turn:user-after-tool"
"""A model's turn has to stand between results and the user's."""
NAME = "tool:name"
"""A tool's turn names the tool."""
CONTENT = "assistant:content"
"""A turn of calls alone has an empty text as well."""
IDS = "tool:ids"
"""Ids of calls have nine letters and digits."""
TOOLS = "tools:always"
"""A history with calls is not taken without a list of tools, be it empty."""
STATE = "state"
"""No reasoning state of earlier turns goes back: what another route or key made may be refused."""
SUMMARY = "summary"
"""Reasoning is asked for without its summary, for which an organisation may have to be verified."""
STREAM = "stream:whole"
"""The answer comes whole."""

_OTHERWISE: dict[str, str] = {
    SYSTEM: r"system (role|message|prompt)s? (is |are )?(not|n't) (support|allow)|system(_| )instruction.{0,40}not"
    r"|developer instruction is not enabled|does not support system"
    r"|only user(,| and) (model|assistant)( and \w+)? roles"
    r"|role.{0,20}system.{0,40}(not (supported|allowed)|unsupported|invalid)|system role not",
    TURN: r"role '?\"?user'?\"? after role '?\"?tool|expected last role .{0,40}assistant|user.{0,20}after.{0,20}tool",
    NAME: r"(tool|function).{0,60}(missing|requires?|must have|needs)[^.]{0,30}\bname\b"
    r"|\bname\b.{0,40}required.{0,40}tool",
    CONTENT: r"missing field `?content|content.{0,40}(is )?(a )?required|field required.{0,20}content"
    r"|content.{0,30}(must|cannot|can't|should).{0,20}(be )?(a )?(string|null|none|empty|missing)",
    IDS: r"length of 9|tool.{0,10}call.{0,10}id.{0,80}(must be|invalid|should|expected|too long|at most|string_above)"
    r"|invalid.{0,20}tool_call_id",
    TOOLS: r"tools?=?`? ?(param|field|must|should|is).{0,60}(tool|history|call)|requires? (the )?`?tools",
    STATE: r"thought[_ ]?signature|encrypted_content|encrypted content|invalid.{0,20}signature|signature.{0,40}invalid"
    r"|reasoning_details|item '?rs_|reasoning.{0,40}without its required",
    SUMMARY: r"verified to generate reasoning summar|reasoning\.summary|reasoning summar.{0,40}(not|unsupported)",
    STREAM: r"verified to stream|stream(ing)? (is |mode is )?(not|n't|un)|(not|doesn't|cannot) (support|be used with) "
    r"`?stream|'?stream'? (must be|does not support|unsupported)|unsupported.{0,30}'?\bstream\b",
}


def _says(name: str, said: str) -> bool:
    # Compiled when it is first needed, by `re` itself: together they take 5 ms, which no call waits for that succeeds.
    return re.search(_OTHERWISE[name], said, re.IGNORECASE) is not None


def named_fields(body: dict[str, Any], complaint: Complaint) -> frozenset[str]:
    """What of `body` a server's complaint names and can be left out or said otherwise; empty where it names none."""
    said = f"{complaint.param} {complaint.message} {complaint.code}"
    found = {field for field in body if field not in _KEPT and _names(field, body[field], said)}
    if found.intersection(TOKEN_FIELDS) and _TOO_MANY.search(said):
        found.update(TOKEN_FIELDS)
    if SUMMARY in _otherwise(body, complaint, said):
        found.discard("reasoning")
    if len(found) > 1 and not found.issubset(TOKEN_FIELDS):
        # "`temperature` may only be set to 1 when thinking is enabled": what is said first is what is not taken.
        first = complaint.param if complaint.param in found else min(found, key=lambda field: _place(field, said))
        found = {first}
    return frozenset(found | _otherwise(body, complaint, said))


def _otherwise(body: dict[str, Any], complaint: Complaint, said: str) -> set[str]:
    messages = [table(message) for message in body.get("messages") or () if table(message)]
    roles = {message.get("role") for message in messages}
    calls = any("tool_calls" in message for message in messages)
    present = {
        SYSTEM: "system" in roles,
        TURN: "tool" in roles,
        NAME: any(message.get("role") == "tool" and "name" not in message for message in messages),
        CONTENT: any("content" not in message for message in messages),
        IDS: calls,
        TOOLS: calls and not body.get("tools"),
        STATE: _has_state(body),
        SUMMARY: "summary" in table(body.get("reasoning")),
        STREAM: bool(body.get("stream")),
    }
    found = {name for name, there in present.items() if there and _says(name, said)}
    if body.get("stream") and complaint.param == "stream":
        found.add(STREAM)
    if "developer" in roles and re.search(r"\bdeveloper\b|messages\[0\]\.role", said):
        found.add(DEVELOPER)
    return found


def _has_state(body: dict[str, Any]) -> bool:
    """Whether anything goes back that a provider gave and nobody else can read."""
    turns = [*items(body.get("messages")), *items(body.get("input"))]
    return any(name in str(turn) for turn in turns for name in ("signature", "encrypted", "reasoning_details"))


def _place(field: str, said: str) -> int:
    found = re.search(rf"(?<![\w]){re.escape(field)}(?![\w])", said)
    return found.start() if found else len(said)


def _names(field: str, value: object, said: str) -> bool:
    if re.search(rf"(?<![\w]){re.escape(field)}(?![\w])", said):
        return True
    # `include_usage` or `enable_thinking` may be what is named of `stream_options` or `chat_template_kwargs`.
    inner = [] if is_items(value) else [str(name) for name in table(value)]
    return any(len(name) > 6 and re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", said) for name in inner)
