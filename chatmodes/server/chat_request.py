"""A request to chat completions, understood: what it asks for is handed on or refused, never ignored in silence."""

from typing import Any, cast

from chatmodes.messages import Message, ToolCall
from chatmodes.providers.shapes import table
from chatmodes.server import asked
from chatmodes.server.asked import Asked, Wanted
from chatmodes.server.conversation import Conversation, take_message
from chatmodes.server.errors import RequestError
from chatmodes.server.parts import objects
from chatmodes.settings import Settings

_REFUSED = {
    "logprobs": "the modes' answers are put together and have no single probabilities.",
    "top_logprobs": "the modes' answers are put together and have no single probabilities.",
    "logit_bias": "providers number their tokens differently.",
    "presence_penalty": "few providers take it.",
    "frequency_penalty": "few providers take it.",
    "functions": "use `tools`.",
    "function_call": "use `tool_choice`.",
    "audio": "answers are text.",
    "prediction": "few providers take it.",
    "web_search_options": "no search is run for a client.",
}


def parse(body: dict[str, Any], settings: Settings) -> Asked:
    """The request that `body` makes, on top of the server's settings. Raises `RequestError`."""
    asked.refuse(body, _REFUSED)
    if (modalities := body.get("modalities")) not in (None, ["text"]):
        raise RequestError(f"Answers are text and not {modalities!r}.", param="modalities")
    cap = "max_completion_tokens" if body.get("max_completion_tokens") is not None else "max_tokens"
    wanted = Wanted(
        *conversation(body.get("messages")),
        max_tokens=cap,
        effort=body.get("reasoning_effort"),
        stop=_stop(body.get("stop")),
        response_format=body.get("response_format"),
        choices=asked.whole(body, "n", 1, asked.MOST_CHOICES) or 1,
        usage=table(body.get("stream_options")).get("include_usage") is True,
    )
    return asked.understood(body, settings, wanted)


def conversation(messages: object) -> tuple[str, tuple[Message, ...]]:
    """The system prompt and the path. A tool's result joins the answer that called it, as the program keeps them."""
    read = Conversation()
    for message, where in objects(messages, "messages", "message"):
        if message.get("role") == "tool":
            read.result(message.get("tool_call_id"), message.get("content"), where)
        else:
            take_message(read, message, where, _calls(message.get("tool_calls"), where))
    return read.read("messages")


def _calls(calls: object, where: str) -> tuple[ToolCall, ...]:
    if calls is None:
        return ()
    if not isinstance(calls, list):
        raise RequestError("`tool_calls` is a list.", param=where)
    made: list[ToolCall] = []
    for call in cast("list[Any]", calls):
        named, id = table(table(call).get("function")), table(call).get("id")
        if not named or not isinstance(id, str):
            raise RequestError("A tool call has an id and a function.", param=f"{where}.tool_calls")
        made.append(ToolCall(id, str(named.get("name") or ""), str(named.get("arguments") or "")))
    return tuple(made)


def _stop(stop: object) -> tuple[str, ...]:
    if stop is None:
        return ()
    texts = [stop] if isinstance(stop, str) else stop
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in cast("list[Any]", texts)):
        raise RequestError("`stop` is a text or a list of texts.", param="stop")
    return tuple(text for text in cast("list[str]", texts) if text)
