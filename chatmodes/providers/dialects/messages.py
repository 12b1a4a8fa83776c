"""Anthropic's Messages: thinking that is shown and goes back signed, a prompt's beginning kept, PDFs as they are.

Thinking blocks must stand before the calls of the same turn, unchanged, or a tool's result is refused. Where calls of
one run share their beginning, up to four places of it are marked as worth keeping: a mark covers all before it.
"""

import json
import re
from typing import Any

from chatmodes.messages import File, Image, Text, ToolResult
from chatmodes.providers.answer import Answer
from chatmodes.providers.calls import Call
from chatmodes.providers.complaints import Complaint
from chatmodes.providers.dialects import refusals
from chatmodes.providers.dialects.base import Asked, Name, cannot
from chatmodes.providers.dialects.choices import choice_of, let_search
from chatmodes.providers.dialects.media import base64_of
from chatmodes.providers.dialects.messages_events import MessagesReader
from chatmodes.providers.dialects.reasoning import asked_of, samples
from chatmodes.providers.dialects.skeleton import Said, refilled
from chatmodes.providers.dialects.turns import Asking, Called, Origin, Results, Saying, reads, system_of, turns_of
from chatmodes.providers.known.traits import Traits
from chatmodes.providers.shapes import is_table, table

VERSION = "2023-06-01"
CAP = 32_000
"""Tokens at most where nobody said a number: the field is required."""
LEAST_BUDGET = 1024
"""Tokens of thinking, below which it is refused."""
_MOST = "most:"
"""Begins what was learned of a model's cap."""
_Block = dict[str, Any]


class Messages:
    """The dialect of `/messages`."""

    name: Name = "messages"
    path = "/messages"

    def headers(self, key: str | None) -> dict[str, str]:
        """The key in a header of its own."""
        return {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}

    def can_say(self, call: Call) -> bool:  # noqa: ARG002 - there is no other to ask
        """There is no other dialect that would say more."""
        return True

    def reader(self, answer: Answer) -> MessagesReader:
        """What reads events and whole messages."""
        return MessagesReader(answer)

    def turned_down(self, body: dict[str, Any], complaint: Complaint) -> frozenset[str]:
        """The fields that a complaint names, and the largest cap where it says that ours is too large."""
        found = refusals.named_fields(body, complaint)
        if "max_tokens" not in found:
            return found
        numbers = [int(digits) for digits in re.findall(r"\d+", complaint.message.replace(",", ""))[:20]]
        lower = [number for number in numbers if LEAST_BUDGET <= number < body["max_tokens"]]
        known = found - {"max_tokens", *refusals.TOKEN_FIELDS}
        return known | frozenset({f"{_MOST}{max(lower)}"} if lower else ())

    def body(self, asked: Asked) -> dict[str, Any]:
        """The request's body; see `Dialect.body`."""
        call, traits, without = asked.call, asked.traits, asked.without
        most = [int(word.removeprefix(_MOST)) for word in without if word.startswith(_MOST)]
        turns = _turns(asked)
        body: dict[str, Any] = {
            "model": asked.model,
            "max_tokens": min([call.max_tokens or CAP, traits.max_output or CAP * 32, *most]),
            "messages": _messages(turns, asked),
            "stream": refusals.STREAM not in without,
        }
        system = system_of(call.messages)
        if system:
            body["system"] = [{"type": "text", "text": system}]
        asked_of(call, traits, body, "output_config.effort")
        _thinking(body, turns)
        if call.temperature is not None and samples(call, traits) and not _thinks(body):
            body["temperature"] = call.temperature
        _wishes(asked, body)
        if call.cache_key and traits.cache_points:
            _mark(body, traits)
        return {field: value for field, value in body.items() if field not in without}


def _thinks(body: dict[str, Any]) -> bool:
    return table(body.get("thinking")).get("type") in ("enabled", "adaptive")


def _thinking(body: dict[str, Any], turns: list[Any]) -> None:
    """What thinking needs: to be shown, a budget below the cap, and in the middle of tool calls its own beginning."""
    thinking = dict(table(body.get("thinking")))
    if not thinking:
        return
    if thinking.get("type") == "adaptive":
        thinking.setdefault("display", "summarized")
    budget = thinking.get("budget_tokens")
    if isinstance(budget, int) and budget >= body["max_tokens"]:
        thinking["budget_tokens"] = max(LEAST_BUDGET, body["max_tokens"] // 2)
    body["thinking"] = thinking
    began_without = len(turns) > 1 and isinstance(turns[-1], Results) and not _thought(turns[-2])
    too_short = body["max_tokens"] <= LEAST_BUDGET
    if thinking.get("type") == "enabled" and (began_without or too_short):
        del body["thinking"]


def _thought(turn: Any) -> bool:
    return isinstance(turn, Saying) and refilled(turn) is not None


def _wishes(asked: Asked, body: dict[str, Any]) -> None:
    """What a caller may ask for besides, each said or refused."""
    call, choice = asked.call, choice_of(asked)
    if call.seed is not None:
        raise cannot(asked, "be given a seed")
    if call.presence_penalty is not None or call.frequency_penalty is not None:
        raise cannot(asked, "be given a penalty for what was said")
    if call.logprobs and asked.traits.logprobs:
        raise cannot(asked, "tell the probabilities of its tokens in Messages")
    if call.stop:
        body["stop_sequences"] = list(call.stop)
    if call.top_p is not None:
        body["top_p"] = call.top_p
    if call.response_format is not None:
        _format(asked, body)
    tools = [
        {
            "name": tool.name, "description": tool.description, "input_schema": tool.parameters,
            **({"strict": True} if tool.strict else {}),
        }
        for tool in call.tools
    ]  # fmt: skip
    if not tools or choice == "left out":
        # A history with calls is refused without the tools it speaks of; they may not be called again.
        names = dict.fromkeys(
            block["name"] for message in body["messages"] for block in message["content"] if block["type"] == "tool_use"
        )
        tools = [{"name": name, "description": "", "input_schema": {"type": "object"}} for name in names]
        choice = "none" if tools else ""
    if tools:
        body["tools"] = tools
    let_search(asked, body)
    if choice == "named":
        body["tool_choice"] = {"type": "tool", "name": call.tool_choice}
    elif choice:
        body["tool_choice"] = {"type": "any" if choice == "required" else choice}


def _format(asked: Asked, body: dict[str, Any]) -> None:
    wanted = asked.call.response_format or {}
    if wanted.get("type") == "text":
        return
    schema = table(wanted.get("json_schema")).get("schema")
    if not schema:
        raise cannot(asked, "be held to JSON without a schema", "Give a json_schema, or ask for JSON in the prompt.")
    body["output_config"] = {**table(body.get("output_config")), "format": {"type": "json_schema", "schema": schema}}


def _turns(asked: Asked) -> list[Any]:
    mine = "" if refusals.STATE in asked.without else asked.profile.id
    return list(
        turns_of(asked.call.messages, Origin("messages", mine, asked.model), asked.traits.call_id, asked.call.tools)
    )


def _messages(turns: list[Any], asked: Asked) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []
    for turn in turns:
        role = "assistant" if isinstance(turn, Saying) else "user"
        if isinstance(turn, Saying):
            blocks = _said(turn)
        elif isinstance(turn, Results):
            blocks = [_result(result, asked.traits) for result in turn.results]
        else:
            blocks = _content(turn, asked)
        if sent and sent[-1]["role"] == role:
            sent[-1]["content"] += blocks  # results, and what the user says to them
        else:
            sent.append({"role": role, "content": blocks})
    if sent and sent[-1]["role"] == "assistant":
        last = sent[-1]["content"][-1]
        if last["type"] == "text":
            last["text"] = last["text"].rstrip()  # refused at the end of what a model shall go on with
    return sent


def _said(turn: Saying) -> list[_Block]:
    bones = refilled(turn)
    if bones is None:
        bones = [*([Said(turn.text, {})] if turn.text.strip() else []), *turn.calls]
    blocks: list[_Block] = []
    for bone in bones:
        if isinstance(bone, Said):
            if bone.text.strip():
                blocks.append({"type": "text", "text": bone.text})
        elif isinstance(bone, Called):
            blocks.append({"type": "tool_use", "id": bone.id, "name": bone.name, "input": _object(bone.arguments)})
        else:
            blocks.append(bone)
    return blocks


def _object(arguments: str) -> dict[str, Any]:
    """A call's arguments as the object that they have to be."""
    try:
        value: Any = json.loads(arguments or "{}")
    except (ValueError, RecursionError):
        value = None
    return value if is_table(value) else {"arguments": arguments}


def _result(result: ToolResult, traits: Traits) -> _Block:
    content: list[_Block] = []
    for part in result.content:
        block = _shown(part, traits)
        if block["type"] != "text" or block["text"].strip():
            content.append(block)
    block = {"type": "tool_result", "tool_use_id": result.call, "content": content or "(no output)"}
    return {**block, "is_error": True} if result.error else block


def _content(turn: Asking, asked: Asked) -> list[_Block]:
    """What the user says, a block a part: agents that differ in their last instruction share all blocks before it."""
    if any(isinstance(part, Image) and part.detail == "low" for part in turn.parts):
        raise cannot(asked, "be told to look at a picture in low detail")
    blocks = [_shown(part, asked.traits) for part in turn.parts]
    kept = [block for block in blocks if block["type"] != "text" or block["text"].strip()]
    return sorted(kept, key=lambda block: block["type"] == "text")  # pictures are understood best before the text


def _shown(part: Text | File | Image, traits: Traits) -> _Block:
    source: _Block | None = None
    if isinstance(part, File | Image) and part.content:
        source = {"type": "base64", "media_type": part.media_type, "data": base64_of(part.content)}
    if isinstance(part, Image) and source and traits.images is not False:
        return {"type": "image", "source": source}
    if isinstance(part, File) and source and traits.pdfs and part.media_type == "application/pdf":
        return {"type": "document", "source": source, "title": part.name}
    return {"type": "text", "text": reads(part)}


def _mark(body: dict[str, Any], traits: Traits) -> None:
    """Mark what is worth keeping: the system message with the tools before it, the history, and of the last turn all
    but its last block and then that one."""
    last: list[_Block] = body["messages"][-1]["content"] if body["messages"] else []
    before: list[_Block] = body["messages"][-2]["content"] if len(body["messages"]) > 1 else []
    places = [body.get("system", [])[-1:], before[-1:], last[-2:-1], last[-1:]]
    marked = [place[0] for place in places if place and place[0]["type"] not in ("thinking", "redacted_thinking")]
    for block in marked[-traits.cache_points :]:
        block["cache_control"] = {"type": "ephemeral"}
