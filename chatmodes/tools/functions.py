"""A program's own function as a tool: a model is told its name, its docstring and its parameters.

The annotations are the contract both ways. A JSON Schema is made of them, and what a model sends is made into what they
say (a dataclass, an enumeration, a date) before the function is called, or refused with a sentence that it can mend its
call by.
"""

import inspect
import io
import sys
from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import partial
from typing import Annotated, Any, Generic, ParamSpec, TypeVar, cast, get_args, get_origin, get_type_hints, overload

import anyio
import msgspec
from anyio import to_thread
from anyio.lowlevel import checkpoint_if_cancelled

from chatmodes.messages import Image, Text
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError
from chatmodes.tools.base import Arguments, Content, Context, Tool, ToolError, Touch

_TOUCHES: tuple[Touch, ...] = ("reads", "acts", "network")
_WRAP = "Offer a function of named parameters that calls it."

P = ParamSpec("P")
R = TypeVar("R")


class Function(Generic[P, R]):
    """A function that models may call; it can be called as before."""

    def __init__(self, call: Callable[P, R], *, name: str, description: str, touches: Iterable[Touch]) -> None:
        """Raises `ConfigError` for a function that a model cannot be told of."""
        self.name = name or getattr(call, "__name__", "")
        if not self.name.isidentifier() and not name:
            raise ConfigError(
                f"{one_line(repr(call), 80)} has no name that a model could call it by.",
                'Give it one: chatmodes.tool(…, name="…").',
            )
        self.description = description or inspect.getdoc(call) or self.name
        self.touches = tuple(touches)
        if unknown := [each for each in self.touches if each not in _TOUCHES]:
            raise ConfigError(f"A tool cannot touch {unknown[0]!r}.", f"There are {', '.join(_TOUCHES)}.")
        self._call = call
        self._parameters = _parameters(call, self.name)
        self._arguments = _arguments_of(self._parameters, self.name)
        self.parameters = _schema(self._arguments, self._parameters, self.name)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        return self._call(*args, **kwargs)

    async def run(self, arguments: Arguments, context: Context) -> str | Content:  # noqa: ARG002 - the protocol's
        """Call it: in a thread where it is no coroutine function. One that is cancelled there goes on, unheard."""
        positional, named = self._bound(arguments)
        call = partial(self._call, *positional, **named)
        try:
            result = await self._result(call)
        except SystemExit as error:  # an argument parser's word for what it cannot read, and no end of the program
            raise ToolError(f"{self.name} failed: it exited with {error.code}.") from error
        except anyio.get_cancelled_exc_class() as error:
            await checkpoint_if_cancelled()  # goes no further where it is this call that is cancelled
            raise ToolError(f"{self.name} failed: something that it waited for was cancelled.") from error
        return told(result, self.name)

    async def _result(self, call: Callable[[], Any]) -> object:
        if _is_async(self._call):
            result: Any = call()
        else:
            result = await to_thread.run_sync(call, abandon_on_cancel=True)
        while inspect.isawaitable(result):
            result = await result
        return result

    def _bound(self, arguments: Arguments) -> tuple[list[Any], dict[str, Any]]:
        """What a model sent, as the function takes it. null stands for what is left out where it is no value."""
        given = {name: value for name, value in arguments.items() if value is not None or self._takes_none(name)}
        try:
            read = msgspec.convert(given, self._arguments, strict=False)
        except (msgspec.ValidationError, ValueError) as error:  # the latter from a class's own __post_init__
            raise ToolError(f"The arguments of {self.name} are wrong: {error}.") from error
        positional: list[Any] = []
        named: dict[str, Any] = {}
        for parameter in self._parameters:
            value = getattr(read, parameter.name)
            if value is msgspec.UNSET:
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                positional.append(value)
            else:
                named[parameter.name] = value
        return positional, named

    def _takes_none(self, name: str) -> bool:
        hint = next((each.annotation for each in self._parameters if each.name == name), None)
        try:
            msgspec.convert(None, hint)
        except msgspec.ValidationError:
            return False
        return True


@overload
def tool(
    call: Callable[P, R], *, name: str = "", description: str = "", touches: Sequence[Touch] = ()
) -> Function[P, R]: ...
@overload
def tool(
    *, name: str = "", description: str = "", touches: Sequence[Touch] = ()
) -> Callable[[Callable[P, R]], Function[P, R]]: ...
def tool(
    call: Callable[..., Any] | None = None,
    *,
    name: str = "",
    description: str = "",
    touches: Sequence[Touch] = (),
) -> Any:
    """A function as a tool, also as a decorator: for another name or description, or to say what it touches.

    `touches` are some of `reads`, `acts` and `network`. What touches something runs where a rule or a word lets it, and
    what acts never runs for a draft. Raises `ConfigError` for a function that a model cannot be told of.
    """
    if call is None:
        return partial(tool, name=name, description=description, touches=touches)
    return Function(call, name=name, description=description, touches=touches)


def as_tools(offered: Iterable[object]) -> tuple[Tool, ...]:
    """Functions, tools and classes of tools, as tools. Raises `ConfigError` for what is none of them, and for two of
    one name."""
    made: dict[str, Tool] = {}
    for each in offered:
        made_of = _as_tool(each)
        if made_of.name in made:
            raise ConfigError(f"Two tools are called {one_line(made_of.name, 60)!r}.", "Give one another name.")
        made[made_of.name] = made_of
    return tuple(made.values())


def _as_tool(offered: object) -> Tool:
    if isinstance(offered, Tool):  # so does a class of tools look, whose parts are there before one is made
        return cast("Tool", offered()) if isinstance(offered, type) else offered
    if callable(offered):
        return tool(offered)
    raise ConfigError(
        f"{one_line(repr(offered), 60)} is no tool.", "Name one, or hand over a function or an object of your own."
    )


def told(result: object, name: str) -> str | Content:
    """What a function returned, as a model reads it: text and pictures as they are, all else as JSON."""
    match result:
        case None:
            return ""
        case str():
            return result
        case bytes() | bytearray():
            return _of_bytes(bytes(result), name)
        case Text() | Image():
            return [result]
        case list() | tuple() if result and all(
            isinstance(part, Text | Image) for part in cast("list[object]", result)
        ):
            return cast("Content", result)
        case _:
            drawn = _drawn(result)
            return _as_json(result) if drawn is None else _of_bytes(drawn, name)


def _of_bytes(data: bytes, name: str) -> str | Content:
    try:
        return data.decode()
    except UnicodeDecodeError:  # a picture, or what is told to be none where pictures are made ready
        return [Image(name, "application/octet-stream", "", 0, 0, len(data), data)]


def _drawn(result: Any) -> bytes | None:
    """A picture of Pillow's as a PNG; None for all else. Whoever returns one has imported Pillow."""
    pillow = sys.modules.get("PIL.Image")
    if pillow is None or not isinstance(result, pillow.Image):
        return None
    written = io.BytesIO()
    result.save(written, format="PNG")
    return written.getvalue()


def _as_json(result: object) -> str:
    def odd(part: object) -> str:
        if part is result:  # a table of another package, say: its own text, and not that in quotes
            raise TypeError
        return str(part)

    try:
        return msgspec.json.encode(result, enc_hook=odd).decode()
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return str(result)


def _is_async(call: Callable[..., Any]) -> bool:
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(getattr(call, "__call__", None))  # noqa: B004 - a coroutine function is asked for, and not whether it can be called


def _parameters(call: Callable[..., Any], name: str) -> tuple[inspect.Parameter, ...]:
    """The parameters with their annotations resolved, `Any` where there is none."""
    try:
        signature = inspect.signature(call)
        hints = _hints(call)
    except (ValueError, TypeError, NameError, AttributeError, SyntaxError) as error:
        raise ConfigError(f"The parameters of the tool {name} cannot be read: {error}.", _WRAP) from error
    found: list[inspect.Parameter] = []
    for parameter in signature.parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise ConfigError(f"The tool {name} takes {parameter}, which a model cannot be told of.", _WRAP)
        found.append(parameter.replace(annotation=_with_meta(hints.get(parameter.name, Any))))
    return tuple(found)


def _hints(call: Callable[..., Any]) -> dict[str, Any]:
    while isinstance(call, partial):
        call = call.func
    if not (inspect.isroutine(call) or isinstance(call, type)):
        call = type(call).__call__
    return get_type_hints(call, include_extras=True)


def _with_meta(hint: Any) -> Any:
    """`Annotated[int, "what it is"]` in the words of the schema's maker."""
    if get_origin(hint) is not Annotated:
        return hint
    kind, *notes = get_args(hint)
    made = [msgspec.Meta(description=note) if isinstance(note, str) else note for note in notes]
    return Annotated[(kind, *(note for note in made if isinstance(note, msgspec.Meta)))] if made else kind


def _arguments_of(parameters: Sequence[inspect.Parameter], name: str) -> type[msgspec.Struct]:
    """A record of the arguments. What is left out stays unset, so that the function's own default holds."""
    fields: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for each in parameters:
        if each.default is each.empty:
            fields.append((each.name, each.annotation))
        else:
            fields.append(
                (each.name, each.annotation | msgspec.UnsetType if each.annotation is not Any else Any, msgspec.UNSET)
            )
    try:
        return msgspec.defstruct(name, fields, kw_only=True)
    except (TypeError, ValueError) as error:
        raise _untellable(name, error) from error


def _schema(arguments: type[msgspec.Struct], parameters: Sequence[inspect.Parameter], name: str) -> dict[str, object]:
    try:
        [root], parts = msgspec.json.schema_components([arguments], ref_template="#/$defs/{name}")
    except (TypeError, ValueError, RecursionError) as error:
        raise _untellable(name, error) from error
    found: dict[str, Any] = parts.pop(root["$ref"].rpartition("/")[2])
    properties: dict[str, dict[str, object]] = found["properties"]
    for each in parameters:
        default: object = each.default.value if isinstance(each.default, Enum) else each.default
        if isinstance(default, str | int | float | bool | None):
            properties[each.name]["default"] = default
    made: dict[str, object] = {"type": "object", "properties": properties, "required": found["required"]}
    return {**made, "$defs": parts} if parts else made


def _untellable(name: str, error: Exception) -> ConfigError:
    return ConfigError(
        f"A model cannot be told what the tool {name} takes: {one_line(str(error), 200)}.",
        "Annotate it with numbers, texts, lists, dictionaries, dataclasses, TypedDicts, enumerations or Literals.",
    )
