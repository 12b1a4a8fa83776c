"""A request to chat completions, understood: what it asks for is handed on or refused, never ignored in silence."""

from typing import Any, cast

from chatmodes.messages import Message, ToolCall
from chatmodes.providers.shapes import is_items, table
from chatmodes.server import asked, fields
from chatmodes.server.asked import Asked, Wanted
from chatmodes.server.conversation import Conversation, take_message, tool_call
from chatmodes.server.errors import RequestError
from chatmodes.server.fields import Refused
from chatmodes.server.parts import objects
from chatmodes.settings import Settings

_TAKEN = asked.TAKEN | {
    "frequency_penalty", "max_completion_tokens", "max_tokens", "messages", "n", "presence_penalty",
    "reasoning_effort", "response_format", "seed", "stop", "stream_options",
}  # fmt: skip
_REFUSED = {
    "logprobs": Refused("the modes' answers are put together and have no single probabilities.", (False,)),
    "top_logprobs": Refused("the modes' answers are put together and have no single probabilities.", (0,)),
    "logit_bias": Refused("providers number their tokens differently.", ({},)),
    "functions": Refused("use `tools`.", ([],)),
    "function_call": Refused("use `tool_choice`."),
    "audio": Refused("answers are text."),
    "modalities": Refused("answers are text.", (["text"],)),
    "prediction": Refused("few providers take it."),
    "verbosity": Refused("few providers take it; say in the prompt how long the answer should be.", ("medium",)),
    "web_search_options": Refused("no search is run for a client."),
}


def parse(body: dict[str, Any], settings: Settings) -> Asked:
    """The request that `body` makes, on top of the server's settings. Raises `RequestError`."""
    fields.check(body, _TAKEN, _REFUSED)
    options = fields.inner(body, "stream_options")
    fields.check(options, {"include_usage"}, asked.STREAM_OPTIONS, "stream_options")
    wanted = Wanted(
        *conversation(body.get("messages")),
        max_tokens=_max_tokens(body),
        effort=asked.effort(body, "reasoning_effort"),
        stop=_stop(body.get("stop")),
        seed=fields.whole(body, "seed", -(2**63), 2**63 - 1),
        response_format=body.get("response_format"),
        presence_penalty=fields.number(body, "presence_penalty", -2, 2) or None,  # 0 is none, and some take none
        frequency_penalty=fields.number(body, "frequency_penalty", -2, 2) or None,
        choices=fields.whole(body, "n", 1, asked.MOST_CHOICES) or 1,
        usage=fields.flag(options, "include_usage"),
    )
    return asked.understood(body, settings, wanted)


def conversation(messages: object) -> tuple[str, tuple[Message, ...]]:
    """The system prompt and the path. A tool's result joins the answer that called it, as the program keeps them."""
    read, found = Conversation(), objects(messages, "messages", "message")
    several = _several_names([message for message, _ in found])
    for message, where in found:
        if message.get("role") == "tool":
            read.result(message.get("tool_call_id"), message.get("content"), where)
            continue
        speaker = fields.text(message, "name") if str(message.get("role")) in several else ""
        take_message(read, message, where, _calls(message, where), speaker)
    return read.read("messages")


def _several_names(messages: list[dict[str, Any]]) -> set[str]:
    """The roles in which more than one speaks: only there does a name tell anything."""
    names = {(str(each.get("role")), str(each.get("name"))) for each in messages}
    return {role for role in ("user", "assistant") if sum(each == role for each, _ in names) > 1}


def _calls(message: dict[str, Any], where: str) -> tuple[ToolCall, ...]:
    if message.get("function_call") is not None:
        raise RequestError("`function_call` is not supported: use `tool_calls`.", param=f"{where}.function_call")
    calls = message.get("tool_calls")
    if calls is None:
        return ()
    if not is_items(calls):
        raise RequestError("`tool_calls` is a list.", param=where)
    made: list[ToolCall] = []
    for call in calls:
        named = table(table(call).get("function"))
        id, name, arguments = table(call).get("id"), named.get("name"), named.get("arguments")
        made.append(tool_call(id, name, arguments, f"{where}.tool_calls"))
    return tuple(made)


def _max_tokens(body: dict[str, Any]) -> int | None:
    """The cap of an answer, which has an older name too."""
    old, new = (fields.whole(body, name, 1, asked.MOST_TOKENS) for name in ("max_tokens", "max_completion_tokens"))
    if old is not None and new is not None and old != new:
        message = "`max_tokens` and `max_completion_tokens` say two things; give one of them."
        raise RequestError(message, param="max_tokens")
    return old if new is None else new


def _stop(stop: object) -> tuple[str, ...]:
    if stop is None:
        return ()
    texts = [stop] if isinstance(stop, str) else stop
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in cast("list[Any]", texts)):
        raise RequestError("`stop` is a text or a list of texts.", param="stop")
    return tuple(text for text in cast("list[str]", texts) if text)
