"""A request to Responses, understood. Nothing is kept here, so whatever would need an earlier answer is refused."""

from typing import Any

from chatmodes.messages import Message, ToolCall
from chatmodes.providers.shapes import table
from chatmodes.server import asked
from chatmodes.server.asked import Asked, Wanted
from chatmodes.server.conversation import Conversation, take_message
from chatmodes.server.errors import RequestError
from chatmodes.server.parts import objects
from chatmodes.settings import Settings

_REFUSED = {
    "previous_response_id": "nothing is kept between requests; send the whole conversation.",
    "conversation": "nothing is kept between requests; send the whole conversation.",
    "background": "an answer ends with its request.",
    "prompt": "no prompts are stored here.",
    "top_logprobs": "the modes' answers are put together and have no single probabilities.",
    "max_tool_calls": "no tools are run for a client.",
}


def parse(body: dict[str, Any], settings: Settings) -> Asked:
    """The request that `body` makes, on top of the server's settings. Raises `RequestError`."""
    asked.refuse(body, _REFUSED)
    wanted = Wanted(
        *conversation(body.get("input"), body.get("instructions")),
        max_tokens="max_output_tokens",
        effort=table(body.get("reasoning")).get("effort"),
        response_format=_as_in_chat(table(body.get("text")).get("format")),
    )
    return asked.understood(body, settings, wanted)


def conversation(given: object, instructions: object) -> tuple[str, tuple[Message, ...]]:
    """The system prompt and the path."""
    read = Conversation()
    if isinstance(instructions, str) and instructions:
        read.instruct(instructions)
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    for item, where in objects(items, "input", "item"):
        match item.get("type") or "message":
            case "message":
                take_message(read, item, where)
            case "function_call":
                call = ToolCall(str(item.get("call_id")), str(item.get("name")), str(item.get("arguments") or ""))
                read.answer((call,))
            case "function_call_output":
                read.result(item.get("call_id"), item.get("output"), where)
            case "reasoning":  # a client sends back what it was sent; the modes' reasoning is nobody's state
                pass
            case kind:
                raise RequestError(f"Items of type {kind!r} are not taken.", param=where)
    return read.read("input")


def _as_in_chat(wanted: object) -> object:
    """The form of the answer as chat completions write it, which is how the program holds it."""
    form = table(wanted)
    if form.get("type") != "json_schema":
        return wanted
    schema = {name: form.get(name) for name in ("name", "schema", "strict") if form.get(name) is not None}
    return {"type": "json_schema", "json_schema": schema}
