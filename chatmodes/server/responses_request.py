"""A request to Responses, understood. Nothing is kept here, so whatever would need an earlier answer is refused."""

from typing import Any

from chatmodes.messages import Message
from chatmodes.providers.shapes import is_items, table
from chatmodes.server import asked, fields
from chatmodes.server.asked import Asked, Wanted
from chatmodes.server.conversation import Conversation, take_message, tool_call
from chatmodes.server.errors import RequestError
from chatmodes.server.fields import Refused
from chatmodes.server.parts import objects
from chatmodes.settings import Settings

_TAKEN = asked.TAKEN | {"include", "input", "instructions", "max_output_tokens", "reasoning", "stream_options", "text"}
_KEEPS = "nothing is kept between requests; send the whole conversation."
_REFUSED = {
    "previous_response_id": Refused(_KEEPS),
    "conversation": Refused(_KEEPS),
    "background": Refused("an answer ends with its request.", (False,)),
    "prompt": Refused("no prompts are stored here."),
    "top_logprobs": Refused("the modes' answers are put together and have no single probabilities.", (0,)),
    "presence_penalty": Refused("Responses have no penalties; chat completions take them.", (0,)),
    "frequency_penalty": Refused("Responses have no penalties; chat completions take them.", (0,)),
    "max_tool_calls": Refused("no tools are run for a client."),
    "truncation": Refused("a conversation is sent as it is, or fails where it is too long.", ("disabled",)),
}
_TEXT = {"verbosity": Refused("few providers take it; say in the prompt how long it should be.", ("medium",))}
_REASONING = {
    "context": Refused("no reasoning is kept between turns.", ("auto", "current_turn")),
    "mode": Refused(
        "how an answer is reasoned is what `model` names: instant, thinking, contemplating.", ("standard",)
    ),
}
_NOTHING_OF_IT = (
    "code_interpreter_call.outputs", "computer_call_output.output.image_url", "file_search_call.results",
    "message.input_image.image_url", "reasoning.encrypted_content", "web_search_call.action.sources",
    "web_search_call.results",
)  # fmt: skip
"""What may be included and never is there: no such tool is run, no input told again, no reasoning kept as state."""


def parse(body: dict[str, Any], settings: Settings) -> Asked:
    """The request that `body` makes, on top of the server's settings. Raises `RequestError`."""
    fields.check(body, _TAKEN, _REFUSED)
    reasoning, text = fields.inner(body, "reasoning"), fields.inner(body, "text")
    fields.check(reasoning, {"effort", "generate_summary", "summary"}, _REASONING, "reasoning")
    fields.check(text, {"format"}, _TEXT, "text")
    fields.check(fields.inner(body, "stream_options"), (), asked.STREAM_OPTIONS, "stream_options")
    _check_included(body.get("include"))
    wanted = Wanted(
        *conversation(body.get("input"), fields.text(body, "instructions")),
        max_tokens=fields.whole(body, "max_output_tokens", 1, asked.MOST_TOKENS),
        effort=asked.effort(reasoning, "effort", "reasoning"),
        response_format=_as_in_chat(text.get("format")),
    )
    return asked.understood(body, settings, wanted)


def conversation(given: object, instructions: str) -> tuple[str, tuple[Message, ...]]:
    """The system prompt and the path."""
    read = Conversation()
    if instructions:
        read.instruct(instructions)
    items = [{"role": "user", "content": given}] if isinstance(given, str) else given
    for item, where in objects(items, "input", "item"):
        match item.get("type") or "message":
            case "message":
                take_message(read, item, where)
            case "function_call":
                read.answer((tool_call(item.get("call_id"), item.get("name"), item.get("arguments"), where),))
            case "function_call_output":
                read.result(item.get("call_id"), item.get("output"), where)
            case "reasoning":  # a client sends back what it was sent; the modes' reasoning is nobody's state
                pass
            case kind:
                raise RequestError(f"Items of type {kind!r} are not taken.", param=where)
    return read.read("input")


def _check_included(include: object) -> None:
    if include is None:
        return
    for each in include if is_items(include) else (include,):
        if each not in _NOTHING_OF_IT:
            raise RequestError(f"{each!r} is nothing that can be included.", code="unsupported_value", param="include")


def _as_in_chat(wanted: object) -> object:
    """The form of the answer as chat completions write it, which is how the program holds it."""
    form = table(wanted)
    if form.get("type") != "json_schema":
        return wanted
    named = ("name", "description", "schema", "strict")
    return {"type": "json_schema", "json_schema": {name: form[name] for name in named if form.get(name) is not None}}
