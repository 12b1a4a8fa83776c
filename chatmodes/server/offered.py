"""The client's tools, and which of them may or must be called, as both APIs write it."""

import re
from typing import Any

from chatmodes.providers.calls import ToolSpec
from chatmodes.providers.shapes import is_items, is_table, table
from chatmodes.server.errors import RequestError
from chatmodes.server.parts import objects

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MODES = ("auto", "required", "none")

Tools = tuple[ToolSpec, ...]


def tools(offered: object) -> Tools:
    """The caller's tools. Raises `RequestError` for what is none, or would have to be run here."""
    if offered is None or offered == []:
        return ()
    specs: dict[str, ToolSpec] = {}
    for each, where in objects(offered, "tools", "tool"):
        if each.get("type") != "function":
            kind = each.get("type")
            raise RequestError(
                f"A tool of type {kind!r} is not taken: functions are, and none is run here.", param=where
            )
        spec = _tool(table(each.get("function")) or each, where)
        if spec.name in specs:
            raise RequestError(f"There are two tools called {spec.name!r}.", param=where)
        specs[spec.name] = spec
    return tuple(specs.values())


def chosen(choice: Any, offered: Tools) -> tuple[Tools, str]:
    """The tools that may be called, and the choice among them: `auto`, `required`, `none`, a tool's name, or empty
    where nothing is said. Raises `RequestError`."""
    match choice:
        case None | "auto" | "none":
            return offered, choice or ""
        case "required":
            if not offered:
                raise _unknown(choice)
            return offered, choice
        case {"type": "allowed_tools"}:
            allowed = table(choice.get("allowed_tools")) or choice
            return _allowed(allowed.get("tools"), offered), _mode(allowed.get("mode"))
        case {"function": {"name": str(name)}} | {"type": "function", "name": str(name)}:
            if all(spec.name != name for spec in offered):
                raise _unknown(name)
            if name in _MODES:
                message = f"A tool called {name!r} cannot be chosen by its name."
                raise RequestError(message, param="tool_choice")
            return offered, name
        case _:
            message = "`tool_choice` is auto, required, none, allowed_tools, or one function."
            raise RequestError(message, param="tool_choice")


def _allowed(wanted: object, offered: Tools) -> Tools:
    """Those of the tools that a choice names."""
    known, names = {spec.name for spec in offered}, set[str]()
    for each in wanted if is_items(wanted) else ():
        named = table(each)
        name = (table(named.get("function")) or named).get("name")
        if not isinstance(name, str) or name not in known:
            raise _unknown(name)
        names.add(name)
    if not names:
        raise RequestError("`tool_choice` allows no tool: name at least one.", param="tool_choice")
    return tuple(spec for spec in offered if spec.name in names)


def _mode(mode: object) -> str:
    if mode not in ("auto", "required"):
        raise RequestError("The mode of allowed_tools is auto or required.", param="tool_choice")
    return str(mode)


def _unknown(name: object) -> RequestError:
    """The refusal of a choice that speaks of a tool which is not offered."""
    return RequestError(f"`tool_choice` is {name!r}, and `tools` has no such tool.", param="tool_choice")


def _tool(named: dict[str, Any], where: str) -> ToolSpec:
    name, description, parameters = named.get("name"), named.get("description"), named.get("parameters")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        message = "A tool's name has 1 to 64 letters, digits, `_` or `-`."
        raise RequestError(message if name else "A tool has no name.", param=where)
    if description is not None and not isinstance(description, str):
        raise RequestError(f"The description of the tool {name!r} is no text.", param=where)
    if parameters is not None and not is_table(parameters):
        raise RequestError(f"The parameters of the tool {name!r} are no JSON Schema.", param=where)
    strict = named.get("strict")
    if strict is not None and not isinstance(strict, bool):
        raise RequestError(f"`strict` of the tool {name!r} must be true or false.", param=where)
    schema = table(parameters) or {"type": "object", "properties": {}}
    return ToolSpec(name, description or "", schema, strict is True)
