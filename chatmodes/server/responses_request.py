"""A request to Responses, understood. Nothing is kept here, so whatever would need an earlier answer is refused."""

from typing import Any, cast

from chatmodes.messages import File, Image, Message, Part, Text, ToolCall, ToolResult
from chatmodes.providers.calls import Extras, ToolSpec
from chatmodes.providers.shapes import table
from chatmodes.server import asked
from chatmodes.server.asked import Asked
from chatmodes.server.errors import RequestError
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
    mode, model = asked.mode_and_model(body.get("model"))
    asked.refuse(body, _REFUSED)
    reasoning, text = body.get("reasoning"), body.get("text")
    effort, wanted = table(reasoning).get("effort"), table(text).get("format")
    system, path = _conversation(body)
    fitted = asked.fitted(
        settings,
        mode,
        system=system,
        temperature=asked.number(body, "temperature", 0, 2),
        max_tokens=asked.whole(body, "max_output_tokens", 1, 10_000_000),
        effort=effort if isinstance(effort, str) else "",
        stop=(),
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
            response_format=asked.check_format(mode, _as_in_chat(wanted)),
        ),
        stream=body.get("stream") is True,
        one_call=body.get("parallel_tool_calls") is False,
    )


def _conversation(body: dict[str, Any]) -> tuple[str, tuple[Message, ...]]:
    given = body.get("input")
    items: list[Any] = [{"role": "user", "content": given}] if isinstance(given, str) else cast("list[Any]", given)
    if not isinstance(items, list) or not items:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise RequestError("`input` is a text or a list of items.", param="input")
    instructions = body.get("instructions")
    system = [instructions] if isinstance(instructions, str) and instructions else []
    path: list[Message] = []
    for at, item in enumerate(items):
        if not isinstance(item, dict):
            raise RequestError("An item of the input is an object.", param=f"input[{at}]")
        _take(cast("dict[str, Any]", item), f"input[{at}]", system, path)
    if not path:
        raise RequestError("There is no message to answer.", param="input")
    return "\n\n".join(system), tuple(path)


def _take(item: dict[str, Any], where: str, system: list[str], path: list[Message]) -> None:
    match item.get("type") or "message":
        case "message":
            parts, role = _parts(item.get("content"), where), item.get("role")
            if role in ("system", "developer"):
                system.append("".join(part.text for part in parts if isinstance(part, Text)))
            elif role == "user":
                path.append(Message("user", parts))
            elif role == "assistant":
                _join(path, parts)
            else:
                raise RequestError(f"There is no role {role!r}.", param=f"{where}.role")
        case "function_call":
            call = ToolCall(str(item.get("call_id")), str(item.get("name")), str(item.get("arguments") or ""))
            _join(path, (call,))
        case "function_call_output":
            _answer_call(path, item, where)
        case "reasoning":  # a client sends back what it was sent; the modes' reasoning is nobody's state
            pass
        case kind:
            raise RequestError(f"Items of type {kind!r} are not taken.", param=where)


def _join(path: list[Message], parts: tuple[Part, ...]) -> None:
    """What the assistant said and called in a row is one message."""
    if path and path[-1].role == "assistant":
        path[-1] = Message("assistant", (*path[-1].parts, *parts))
    else:
        path.append(Message("assistant", parts))


def _answer_call(path: list[Message], item: dict[str, Any], where: str) -> None:
    last, call = path[-1] if path else None, item.get("call_id")
    known = {part.id: part.name for part in last.parts if isinstance(part, ToolCall)} if last else {}
    if last is None or call not in known:
        raise RequestError("An output must follow the function call that it answers.", param=where)
    output = item.get("output")
    parts = (Text(output),) if isinstance(output, str) else _parts(output, where)
    content = tuple(part for part in parts if isinstance(part, Text | Image))
    path[-1] = Message("assistant", (*last.parts, ToolResult(str(call), known[str(call)], content)))


def _parts(content: object, where: str) -> tuple[Text | File | Image, ...]:
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise RequestError("Content is a text or a list of parts.", param=f"{where}.content")
    return tuple(_part(part, f"{where}.content[{at}]") for at, part in enumerate(cast("list[Any]", content)))


def _part(part: Any, where: str) -> Text | File | Image:
    match part:
        case {"type": "input_text" | "output_text" | "text", "text": str(text)}:
            return Text(text)
        case {"type": "refusal", "refusal": str(text)}:
            return Text(text)
        case {"type": "input_image"}:
            return asked.picture(part.get("image_url"), where)
        case {"type": "input_file"}:
            return asked.attachment(part.get("file_data"), part.get("filename"), where)
        case _:
            raise RequestError("Parts are input_text, input_image or input_file.", param=where)


def _tools(tools: object) -> tuple[ToolSpec, ...]:
    if tools is None:
        return ()
    if not isinstance(tools, list):
        raise RequestError("`tools` is a list.", param="tools")
    specs: list[ToolSpec] = []
    for at, each in enumerate(cast("list[Any]", tools)):
        named = table(each)
        if named.get("type") != "function":
            raise RequestError("Only tools of type function are taken; none is run here.", param=f"tools[{at}]")
        specs.append(asked.tool(named.get("name"), named.get("description"), named.get("parameters"), f"tools[{at}]"))
    return tuple(specs)


def _choice(choice: Any) -> str:
    match choice:
        case None:
            return ""
        case "auto" | "required" | "none":
            return choice
        case {"type": "function", "name": str(name)}:
            return name
        case _:
            raise RequestError("`tool_choice` is auto, required, none or one function.", param="tool_choice")


def _as_in_chat(wanted: object) -> object:
    """The form of the answer as chat completions write it, which is how the program holds it."""
    form = table(wanted)
    if form.get("type") != "json_schema":
        return wanted
    schema = {name: form.get(name) for name in ("name", "schema", "strict") if form.get(name) is not None}
    return {"type": "json_schema", "json_schema": schema}
