"""A request to chat completions, understood: what it asks for is handed on or refused, never ignored in silence."""

from typing import Any, cast

from chatmodes.messages import File, Image, Message, Part, Text, ToolCall, ToolResult
from chatmodes.providers.calls import Extras, ToolSpec
from chatmodes.providers.shapes import table
from chatmodes.server import asked
from chatmodes.server.asked import Asked
from chatmodes.server.errors import RequestError
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
    mode, model = asked.mode_and_model(body.get("model"))
    asked.refuse(body, _REFUSED)
    if (modalities := body.get("modalities")) not in (None, ["text"]):
        raise RequestError(f"Answers are text and not {modalities!r}.", param="modalities")
    system, path = conversation(body.get("messages"))
    stop = _stop(body.get("stop"))
    effort = body.get("reasoning_effort")
    options = body.get("stream_options")
    fitted = asked.fitted(
        settings,
        mode,
        system=system,
        temperature=asked.number(body, "temperature", 0, 2),
        max_tokens=asked.whole(body, "max_completion_tokens", 1, 10_000_000)
        or asked.whole(body, "max_tokens", 1, 10_000_000),
        effort=effort if isinstance(effort, str) else "",
        stop=stop,
    )
    return Asked(
        name=body["model"],
        mode=mode,
        model=model,
        path=path,
        settings=fitted,
        extras=Extras(
            tools=_tools(body.get("tools")),
            tool_choice=_choice(body.get("tool_choice")),
            top_p=asked.number(body, "top_p", 0, 1),
            seed=asked.whole(body, "seed", -(2**63), 2**63),
            response_format=asked.check_format(mode, body.get("response_format")),
        ),
        choices=asked.whole(body, "n", 1, asked.MOST_CHOICES) or 1,
        stream=body.get("stream") is True,
        usage=isinstance(options, dict) and cast("dict[str, Any]", options).get("include_usage") is True,
        one_call=body.get("parallel_tool_calls") is False,
    )


def conversation(messages: object) -> tuple[str, tuple[Message, ...]]:
    """The system prompt and the path. A tool's result joins the answer that called it, as the program keeps them."""
    if not isinstance(messages, list) or not messages:
        raise RequestError("`messages` must be a list of at least one message.", param="messages")
    system: list[str] = []
    path: list[Message] = []
    for at, message in enumerate(cast("list[Any]", messages)):
        where = f"messages[{at}]"
        if not isinstance(message, dict):
            raise RequestError("A message is an object with role and content.", param=where)
        _take(cast("dict[str, Any]", message), where, system, path)
    if not path:
        raise RequestError("There is no message to answer.", param="messages")
    last = path[-1]
    if last.role == "assistant" and not isinstance(last.parts[-1] if last.parts else None, ToolResult):
        raise RequestError("The last message is the assistant's own; end with a user's or a tool's.", param="messages")
    return "\n\n".join(system), tuple(path)


def _take(message: dict[str, Any], where: str, system: list[str], path: list[Message]) -> None:
    role, content = message.get("role"), message.get("content")
    match role:
        case "system" | "developer":
            text = "".join(part.text for part in _parts(content, where) if isinstance(part, Text))
            if path:
                path.append(Message("system", (Text(text),)))
            else:
                system.append(text)
        case "user":
            path.append(Message("user", _parts(content, where)))
        case "assistant":
            _add_answer(path, (*_parts(content, where), *_calls(message.get("tool_calls"), where)))
        case "tool":
            _add_result(path, message, where)
        case _:
            raise RequestError(f"There is no role {role!r}.", param=f"{where}.role")


def _add_answer(path: list[Message], parts: tuple[Part, ...]) -> None:
    """An answer behind a tool's result goes on with the same message."""
    last = path[-1] if path else None
    if last and last.role == "assistant" and last.parts and isinstance(last.parts[-1], ToolResult):
        path[-1] = Message("assistant", (*last.parts, *parts))
    else:
        path.append(Message("assistant", parts))


def _add_result(path: list[Message], message: dict[str, Any], where: str) -> None:
    call = message.get("tool_call_id")
    last = path[-1] if path else None
    known = {part.id: part.name for part in last.parts if isinstance(part, ToolCall)} if last else {}
    if last is None or last.role != "assistant" or not isinstance(call, str) or call not in known:
        raise RequestError("A tool's message must follow the assistant's that called it.", param=where)
    content = tuple(part for part in _parts(message.get("content"), where) if isinstance(part, Text | Image))
    path[-1] = Message("assistant", (*last.parts, ToolResult(call, known[call], content)))


def _parts(content: object, where: str) -> tuple[Part, ...]:
    if content is None:
        return ()
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise RequestError("Content is a text or a list of parts.", param=f"{where}.content")
    return tuple(_part(part, f"{where}.content[{at}]") for at, part in enumerate(cast("list[Any]", content)))


def _part(part: Any, where: str) -> Text | File | Image:
    given = table(part)
    match given:
        case {"type": "text", "text": str(text)} | {"type": "refusal", "refusal": str(text)}:
            return Text(text)
        case {"type": "image_url", "image_url": url}:
            return asked.picture(url if isinstance(url, str) else table(url).get("url"), where)
        case {"type": "file", "file": file}:
            named = table(file)
            return asked.attachment(named.get("file_data"), named.get("filename"), where)
        case _:
            kind = given.get("type")
            raise RequestError(f"Parts of type {kind!r} are not taken: text, image_url and file are.", param=where)


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


def _tools(tools: object) -> tuple[ToolSpec, ...]:
    if tools is None:
        return ()
    if not isinstance(tools, list):
        raise RequestError("`tools` is a list.", param="tools")
    specs: list[ToolSpec] = []
    for at, each in enumerate(cast("list[Any]", tools)):
        where = f"tools[{at}]"
        named = table(table(each).get("function"))
        if not named:
            raise RequestError("Only tools of type function are taken.", param=where)
        specs.append(asked.tool(named.get("name"), named.get("description"), named.get("parameters"), where))
    return tuple(specs)


def _choice(choice: Any) -> str:
    match choice:
        case None:
            return ""
        case "auto" | "required" | "none":
            return choice
        case {"function": {"name": str(name)}}:
            return name
        case _:
            raise RequestError("`tool_choice` is auto, required, none or one function.", param="tool_choice")


def _stop(stop: object) -> tuple[str, ...]:
    if stop is None:
        return ()
    texts = [stop] if isinstance(stop, str) else stop
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in cast("list[Any]", texts)):
        raise RequestError("`stop` is a text or a list of texts.", param="stop")
    return tuple(text for text in cast("list[str]", texts) if text)
