"""OpenAI's Responses: chat with reasoning that is shown in summary, and goes back encrypted.

Nothing is stored at the provider (`store` is false), so all state travels: each request brings the encrypted reasoning
of the turns before, which is what a model keeps its thread by between tool calls.
"""

from typing import Any

from chatmodes.messages import File, Image, Text
from chatmodes.providers.answer import Answer
from chatmodes.providers.calls import Call
from chatmodes.providers.complaints import Complaint
from chatmodes.providers.dialects import refusals
from chatmodes.providers.dialects.base import Asked, Name, cannot
from chatmodes.providers.dialects.choices import choice_of, let_search
from chatmodes.providers.dialects.media import data_url
from chatmodes.providers.dialects.reasoning import asked_of, samples
from chatmodes.providers.dialects.responses_events import ResponsesReader
from chatmodes.providers.dialects.skeleton import Said, refilled
from chatmodes.providers.dialects.turns import (
    Asking,
    Called,
    Origin,
    Results,
    Saying,
    pictures_apart,
    reads,
    result_text,
    system_of,
    turns_of,
)
from chatmodes.providers.shapes import table

LEAST = 16
"""OpenAI takes no lower cap."""
_OTHERS = 'Say dialect = "chat" for it in providers.toml, or leave that out.'


class Responses:
    """The dialect of `/responses`."""

    name: Name = "responses"
    path = "/responses"

    def headers(self, key: str | None) -> dict[str, str]:
        """The key as a bearer's token."""
        return {"Authorization": f"Bearer {key}"} if key else {}

    def can_say(self, call: Call) -> bool:
        """Responses know neither stop texts, seeds nor penalties."""
        wishes = (call.seed, call.presence_penalty, call.frequency_penalty)
        return not call.stop and all(wish is None for wish in wishes)

    def reader(self, answer: Answer) -> ResponsesReader:
        """What reads events and whole responses."""
        return ResponsesReader(answer)

    def turned_down(self, body: dict[str, Any], complaint: Complaint) -> frozenset[str]:
        """The fields that a complaint names, and the ways of saying things that it refuses."""
        return refusals.named_fields(body, complaint)

    def body(self, asked: Asked) -> dict[str, Any]:
        """The request's body; see `Dialect.body`."""
        call, traits, without = asked.call, asked.traits, asked.without
        body: dict[str, Any] = {
            "model": asked.model,
            "input": _input(asked),
            "stream": refusals.STREAM not in without,
            "store": False,
        }
        system = system_of(call.messages)
        if system:
            body["instructions"] = system
        if call.max_tokens is not None:
            body["max_output_tokens"] = max(LEAST, min(call.max_tokens, traits.max_output or call.max_tokens))
        if call.temperature is not None and samples(call, traits):
            body["temperature"] = call.temperature
        include = ["message.output_text.logprobs"] if call.logprobs and traits.logprobs else []
        if traits.reasons:
            include.append("reasoning.encrypted_content")
            _reasoning(asked, body)
        if include:
            body["include"] = include
        _wishes(asked, body)
        if call.cache_key and traits.cache_key:
            body[traits.cache_key] = call.cache_key
        return {field: value for field, value in body.items() if field not in without}


def _reasoning(asked: Asked, body: dict[str, Any]) -> None:
    fields: dict[str, Any] = {}
    asked_of(asked.call, asked.traits, fields, "reasoning.effort")
    effort = fields.pop("reasoning_effort", None)  # as chat completions call it
    reasoning = {**table(fields.pop("reasoning", None)), **({"effort": effort} if effort else {})}
    if asked.call.reason is not False and refusals.SUMMARY not in asked.without:
        reasoning["summary"] = "auto"
    body.update(fields)
    if reasoning:
        body["reasoning"] = reasoning


def _wishes(asked: Asked, body: dict[str, Any]) -> None:
    """What a caller may ask for besides, each said or refused."""
    call = asked.call
    if call.stop:
        raise cannot(asked, "stop at a text of the caller's in Responses", _OTHERS)
    if call.seed is not None:
        raise cannot(asked, "be given a seed in Responses", _OTHERS)
    if call.presence_penalty is not None or call.frequency_penalty is not None:
        raise cannot(asked, "be given a penalty for what was said in Responses", _OTHERS)
    if call.top_p is not None:
        body["top_p"] = call.top_p
    if call.response_format is not None:
        body["text"] = {"format": _format(call.response_format)}
    choice = choice_of(asked)
    if call.tools and choice != "left out":
        body["tools"] = [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                "strict": tool.strict,
            }
            for tool in call.tools
        ]
        if choice:
            body["tool_choice"] = {"type": "function", "name": call.tool_choice} if choice == "named" else choice
    let_search(asked, body)


def _format(wanted: dict[str, object]) -> dict[str, object]:
    """The form of an answer: what chat completions put into a table of its own stands here beside the type."""
    inner = table(wanted.get("json_schema"))
    return {"type": wanted.get("type"), **inner} if inner else dict(wanted)


def _input(asked: Asked) -> list[dict[str, Any]]:
    mine = "" if refusals.STATE in asked.without else asked.profile.id
    turns = turns_of(
        asked.call.messages, Origin("responses", mine, asked.model), asked.traits.call_id, asked.call.tools
    )
    if asked.traits.images is not False:
        turns = pictures_apart(turns)
    sent: list[dict[str, Any]] = []
    for turn in turns:
        if isinstance(turn, Saying):
            sent += _said(turn)
        elif isinstance(turn, Results):
            sent += _results(turn)
        else:
            sent.append({"type": "message", "role": "user", "content": _content(turn, asked)})
    return sent


def _said(turn: Saying) -> list[dict[str, Any]]:
    """A model's turn: as it came where that is known, else its text and behind it its calls."""
    bones = refilled(turn)
    if bones is None:
        texts: list[Said] = [Said(turn.text, {})] if turn.text.strip() else []
        bones = [*texts, *turn.calls]
    sent: list[dict[str, Any]] = []
    for bone in bones:
        if isinstance(bone, Said):
            if bone.text:
                text = {"type": "output_text", "text": bone.text, "annotations": list[object]()}
                sent.append({"type": "message", "role": "assistant", "content": [text], **bone.beside})
        elif isinstance(bone, Called):
            call = {"type": "function_call", "call_id": bone.id, "name": bone.name}
            sent.append({**call, "arguments": bone.arguments or "{}"})
        else:
            sent.append(bone)
    return sent


def _results(turn: Results) -> list[dict[str, Any]]:
    return [
        {"type": "function_call_output", "call_id": result.call, "output": result_text(result)}
        for result in turn.results
    ]


def _content(turn: Asking, asked: Asked) -> list[dict[str, Any]]:
    parts = [_shown(part, asked) for part in turn.parts]
    if asked.traits.images_first:
        parts.sort(key=lambda part: part["type"] == "input_text")
    return parts


def _shown(part: Text | File | Image, asked: Asked) -> dict[str, Any]:
    traits = asked.traits
    if isinstance(part, Image) and part.content and traits.images is not False:
        url = data_url(part.media_type, part.content)
        return {"type": "input_image", "image_url": url, "detail": part.detail or traits.image_detail or "auto"}
    if isinstance(part, File) and part.media_type == "application/pdf" and part.content and traits.pdfs:
        return {"type": "input_file", "filename": part.name, "file_data": data_url(part.media_type, part.content)}
    return {"type": "input_text", "text": reads(part)}
