"""Chat completions: what everybody speaks, fitted to a model's traits.

Only what every server takes is sent unasked. What a server turns down and can be done without is left out from then on
at that endpoint, so that a profile that is out of date, or none at all, costs one request and not the answer.
"""

import itertools
from typing import Any

from chatmodes.messages import File, Image, Text
from chatmodes.providers.answer import Answer
from chatmodes.providers.calls import Call, ToolSpec
from chatmodes.providers.complaints import Complaint
from chatmodes.providers.dialects import refusals
from chatmodes.providers.dialects.base import Asked, Name, cannot
from chatmodes.providers.dialects.chat_events import ChatReader
from chatmodes.providers.dialects.choices import choice_of, let_search
from chatmodes.providers.dialects.media import data_url
from chatmodes.providers.dialects.reasoning import asked_of, samples
from chatmodes.providers.dialects.turns import (
    Asking,
    Origin,
    Results,
    Saying,
    pictures_apart,
    reads,
    result_text,
    system_of,
    turns_of,
)

NINE = "[A-Za-z0-9]{9}"


class Chat:
    """The dialect of `/chat/completions`."""

    name: Name = "chat"
    path = "/chat/completions"

    def headers(self, key: str | None) -> dict[str, str]:
        """The key as a bearer's token."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def can_say(self, call: Call) -> bool:  # noqa: ARG002 - there is no other to ask
        """There is no other dialect that would say more."""
        return True

    def reader(self, answer: Answer) -> ChatReader:
        """What reads chunks and whole completions."""
        return ChatReader(answer)

    def turned_down(self, body: dict[str, Any], complaint: Complaint) -> frozenset[str]:
        """The fields that a complaint names, and the ways of saying things that it refuses."""
        return refusals.named_fields(body, complaint)

    def body(self, asked: Asked) -> dict[str, Any]:
        """The request's body; see `Dialect.body`. A token field that is left out changes to its other name."""
        call, traits, without = asked.call, asked.traits, asked.without
        body: dict[str, Any] = {"model": asked.model, "messages": _messages(asked), "stream": True}
        if traits.usage_in_stream:
            body["stream_options"] = {"include_usage": True}
        if refusals.STREAM in without:
            body.pop("stream_options", None)
            body["stream"] = False
        if call.max_tokens is not None:
            names = (traits.max_tokens_field, *refusals.TOKEN_FIELDS)
            field = next((field for field in names if field not in without), None)
            if field:
                body[field] = min(call.max_tokens, traits.max_output or call.max_tokens)
        if call.logprobs and traits.logprobs:
            body["logprobs"] = True
        asked_of(call, traits, body, "reasoning_effort")
        _sampling(asked, body)
        _tools(asked, body)
        if call.cache_key and traits.cache_key:
            body[traits.cache_key] = call.cache_key
        return {field: value for field, value in body.items() if field not in without}


def _sampling(asked: Asked, body: dict[str, Any]) -> None:
    call, traits = asked.call, asked.traits
    if call.temperature is not None and samples(call, traits):
        body["temperature"] = call.temperature
    if call.top_p is not None:
        body["top_p"] = call.top_p
    if call.stop:
        if not traits.stop:
            raise cannot(asked, "stop at a text of the caller's")
        body["stop"] = list(call.stop)
    if call.seed is not None:
        if not traits.seed_field:
            raise cannot(asked, "be given a seed")
        body[traits.seed_field] = call.seed
    if call.response_format is not None:
        body["response_format"] = call.response_format
    if call.presence_penalty is not None:
        body["presence_penalty"] = call.presence_penalty
    if call.frequency_penalty is not None:
        body["frequency_penalty"] = call.frequency_penalty


def _tools(asked: Asked, body: dict[str, Any]) -> None:
    call, choice = asked.call, choice_of(asked)
    if call.tools and choice != "left out":
        body["tools"] = [{"type": "function", "function": _function(tool)} for tool in call.tools]
    elif refusals.TOOLS in asked.without:
        body["tools"] = []
    let_search(asked, body)
    if choice == "named":
        body["tool_choice"] = {"type": "function", "function": {"name": call.tool_choice}}
    elif choice in ("auto", "required", "none"):
        body["tool_choice"] = choice


def _function(tool: ToolSpec) -> dict[str, Any]:
    strict = {"strict": True} if tool.strict else {}
    return {"name": tool.name, "description": tool.description, "parameters": tool.parameters, **strict}


def _messages(asked: Asked) -> list[dict[str, Any]]:
    traits, without = asked.traits, asked.without
    form = NINE if refusals.IDS in without else traits.call_id
    mine = "" if refusals.STATE in without else asked.profile.id
    turns = turns_of(asked.call.messages, Origin("chat", mine, asked.model), form, asked.call.tools)
    if traits.images is not False:
        turns = pictures_apart(turns)
    system = system_of(asked.call.messages)
    sent: list[dict[str, Any]] = []
    if system and refusals.SYSTEM not in without:
        role = "system" if refusals.DEVELOPER in without else traits.system_role
        sent.append({"role": role, "content": system})
    for turn in turns:
        if isinstance(turn, Saying):
            sent.append(_said(turn, asked))
        elif isinstance(turn, Results):
            sent += _results(turn, asked)
        else:
            if refusals.TURN in without and sent and sent[-1]["role"] == "tool":
                sent.append({"role": "assistant", "content": "I have the results."})
            sent.append({"role": "user", "content": _content(turn, asked)})
    if system and refusals.SYSTEM in without:
        _fold(system, sent)
    return sent


def _fold(system: str, sent: list[dict[str, Any]]) -> None:
    """What the system says, said by the user: some templates know no other roles."""
    first = next((message for message in sent if message["role"] == "user"), None)
    if first is None:
        sent.insert(0, {"role": "user", "content": system})
    elif isinstance(first["content"], str):
        first["content"] = f"{system}\n\n{first['content']}"
    else:
        first["content"] = [{"type": "text", "text": system}, *first["content"]]


def _said(turn: Saying, asked: Asked) -> dict[str, Any]:
    """A model's turn. Its content is plain text: a model that is shown lists of parts begins to write them."""
    message: dict[str, Any] = {"role": "assistant"}
    if turn.text or not turn.calls or refusals.CONTENT in asked.without:
        message["content"] = turn.text
    state: dict[str, Any] = dict(turn.state or {})
    field = state.pop("field", asked.traits.echo_field)
    if asked.traits.echo_reasoning and turn.calls:
        message[field] = turn.reasoning  # with every call, also where it is empty
    message |= {name: value for name, value in state.items() if name not in asked.without}
    if turn.calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments or "{}"},
                **(call.extra or (asked.traits.foreign_calls if position == 0 else {})),
            }
            for position, call in enumerate(turn.calls)
        ]
    return message


def _results(turn: Results, asked: Asked) -> list[dict[str, Any]]:
    """The results as text: a tool's turn can hold nothing else."""
    sent: list[dict[str, Any]] = []
    for result in turn.results:
        message = {"role": "tool", "tool_call_id": result.call, "content": result_text(result)}
        sent.append({**message, "name": result.name} if refusals.NAME in asked.without else message)
    return sent


def _content(turn: Asking, asked: Asked) -> str | list[dict[str, Any]]:
    """What the user says: plain text wherever it can be."""
    parts: list[dict[str, Any]] = []
    for kind, run in itertools.groupby((_shown(part, asked) for part in turn.parts), lambda shown: shown["type"]):
        if kind == "text":
            parts.append({"type": "text", "text": "".join(shown["text"] for shown in run)})
        else:
            parts += run
    if all(part["type"] == "text" for part in parts):
        return "".join(part["text"] for part in parts)
    if asked.traits.images_first:
        parts.sort(key=lambda part: part["type"] == "text")
    return parts


def _shown(part: Text | File | Image, asked: Asked) -> dict[str, Any]:
    traits = asked.traits
    if isinstance(part, Image) and part.content and traits.images is not False:
        image = {"url": data_url(part.media_type, part.content)}
        if detail := part.detail or traits.image_detail:
            image["detail"] = detail
        return {"type": "image_url", "image_url": image}
    if isinstance(part, File) and part.media_type == "application/pdf" and part.content:
        url = data_url(part.media_type, part.content)
        if traits.pdfs and traits.pdf_part == "document_url":
            return {"type": "document_url", "document_url": url, "document_name": part.name}
        if traits.pdfs:
            return {"type": "file", "file": {"filename": part.name, "file_data": url}}
    return {"type": "text", "text": reads(part)}
