"""The body of a request, fitted to the model's traits, and what to leave out when a server turns a field down.

Only what every server takes is sent unasked. A field that a 400 or 422 names is left out once more and from then on
at that endpoint, so that a profile that is out of date, or none at all, costs one request and not the answer.
"""

import re
from typing import Any

from chatmodes.messages import Message
from chatmodes.providers.calls import Call
from chatmodes.providers.complaints import Complaint
from chatmodes.providers.known.profiles import Traits
from chatmodes.providers.shapes import table

_TOKEN_FIELDS = ("max_tokens", "max_completion_tokens")
_NEEDED = ("model", "messages", "stream")
_TOO_MANY = re.compile(r"too large|exceeds?\b|at most|less than|greater than", re.IGNORECASE)
"""It is the number that does not fit, not the field's name."""
ROLE = "role:developer"
"""Stands among the left-out fields for: call the system message `system`."""


def body_for(call: Call, name: str, traits: Traits, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The request body. `without` names top-level fields to leave out; a token field in it changes to the other name,
    and both in it send none."""
    role = "system" if ROLE in without else traits.system_role
    body: dict[str, Any] = {"model": name, "messages": _messages(call.messages, role), "stream": True}
    if traits.usage_in_stream:
        body["stream_options"] = {"include_usage": True}
    if call.max_tokens is not None:
        names = (traits.max_tokens_field, *_TOKEN_FIELDS)
        field = next((field for field in names if field not in without), None)
        if field:
            body[field] = min(call.max_tokens, traits.max_output or call.max_tokens)
    if call.temperature is not None and traits.sampling:
        body["temperature"] = call.temperature
    if call.logprobs and traits.logprobs:
        body["logprobs"] = True
    _reasoning(call, traits, body)
    return {field: value for field, value in body.items() if field not in without}


def _messages(messages: tuple[Message, ...], system_role: str) -> list[dict[str, Any]]:
    """System messages become one leading message: several, or one in the middle, are refused by many templates."""
    system = "\n\n".join(message.text for message in messages if message.role == "system" and message.text)
    sent: list[dict[str, Any]] = [{"role": system_role, "content": system}] if system else []
    sent += [{"role": message.role, "content": message.text} for message in messages if message.role != "system"]
    return sent


def _reasoning(call: Call, traits: Traits, body: dict[str, Any]) -> None:
    if call.reason is False:
        body.update(traits.off)
        return
    effort = call.effort if call.effort in traits.efforts else None
    if call.reason or effort:
        body.update(traits.on)
        effort = effort or traits.effort or None
    if effort:
        _put(body, traits.effort_field, effort)


def _put(body: dict[str, Any], path: str, value: object) -> None:
    *outer, last = path.split(".")
    for name in outer:
        body[name] = dict(body.get(name) or {})
        body = body[name]
    body[last] = value


def named_fields(body: dict[str, Any], complaint: Complaint) -> frozenset[str]:
    """The optional fields of `body` that a server's complaint names; empty where it names none."""
    said = f"{complaint.param} {complaint.message} {complaint.code}"
    fields = {field for field in body if field not in _NEEDED and _names(field, body[field], said)}
    if fields.intersection(_TOKEN_FIELDS) and _TOO_MANY.search(said):
        fields.update(_TOKEN_FIELDS)
    roles = {message["role"] for message in body["messages"]}
    if "developer" in roles and re.search(r"\bdeveloper\b|messages\[0\]\.role", said):
        fields.add(ROLE)
    return frozenset(fields)


def _names(field: str, value: object, said: str) -> bool:
    if re.search(rf"(?<![\w]){re.escape(field)}(?![\w])", said):
        return True
    # `include_usage` or `enable_thinking` may be what is named of `stream_options` or `chat_template_kwargs`.
    inner = [str(name) for name in table(value)]
    return any(len(name) > 6 and re.search(rf"(?<![\w]){re.escape(name)}(?![\w])", said) for name in inner)
