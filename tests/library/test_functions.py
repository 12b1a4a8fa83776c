"""A program's own functions as tools: what models are told of them, what they are called with, what comes back."""

import asyncio
import contextvars
import datetime
import io
import json
import sys
import threading
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Annotated, Any, Literal, NamedTuple, Required, TypedDict

import anyio
import pytest
from PIL import Image

import chatmodes
from chatmodes.tools.base import Context
from chatmodes.tools.functions import Function, as_tools, tool
from tests.fake import Fake
from tests.library.calling import script


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


@dataclass
class Place:
    x: int
    label: str = "here"


class Size(TypedDict, total=False):
    width: Required[int]
    unit: str


class Pair(NamedTuple):
    a: int
    b: int = 2


async def called(function: Function[..., Any], **arguments: object) -> Any:
    return await function.run(arguments, Context(None, 5))


def echoing(kind: Any, *default: object) -> Function[..., Any]:
    """A tool with one parameter `x` of a kind, which returns what it was called with."""

    def echo(x: Any) -> str:
        return repr(x)

    echo.__annotations__ = {"x": kind}
    echo.__defaults__ = default or None
    return tool(echo)


FORMS: list[tuple[Any, object, object]] = [
    (int, 3, 3),
    (int, "3", 3),
    (float, 3, 3.0),
    (bool, "true", True),
    (str, "a", "a"),
    ("int", 3, 3),
    (int | None, None, None),
    (list[int], [1, 2], [1, 2]),
    (list[Place], [{"x": 1}], [Place(1)]),
    (set[str], ["a"], {"a"}),
    (tuple[int, str], [1, "a"], (1, "a")),
    (dict[str, float], {"a": 1}, {"a": 1.0}),
    (Literal["a", "b"], "b", "b"),
    (Colour, "blue", Colour.BLUE),
    (Place, {"x": 1}, Place(1)),
    (Place | None, {"x": 1}, Place(1)),
    (Size, {"width": 2}, {"width": 2}),
    (Pair, [1], Pair(1)),
    (datetime.date, "2026-01-02", datetime.date(2026, 1, 2)),
    (Annotated[int, "how many"], 3, 3),
    (int | str, "a", "a"),
    (Any, {"a": [1]}, {"a": [1]}),
]


@pytest.mark.anyio
@pytest.mark.parametrize(("kind", "sent", "given"), FORMS, ids=lambda value: str(value)[:30])
async def test_what_a_model_sends_is_made_into_what_the_annotation_says(kind: Any, sent: object, given: object) -> None:
    for function in (echoing(kind), echoing(kind, "the default")):
        assert await called(function, x=sent) == repr(given)
        json.dumps(function.parameters)


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("kind", "sent"),
    [(int, "many"), (int, None), (list[int], ["a"]), (Literal["a"], "b"), (Colour, "green"), (Place, {}), (Pair, [])],
    ids=str,
)
async def test_arguments_that_do_not_fit_are_told_and_nothing_is_called(kind: Any, sent: object) -> None:
    with pytest.raises(chatmodes.ToolError, match="arguments of echo are wrong"):
        await called(echoing(kind), x=sent)
    with pytest.raises(chatmodes.ToolError, match="`x`"):
        await called(echoing(kind))


@pytest.mark.anyio
async def test_what_is_left_out_is_the_functions_own_default() -> None:
    default = object()
    function = echoing(Any, default)
    assert await called(function) == repr(default)
    assert await called(echoing(int, 5), x=None) == "5", "null is what many models send for nothing"
    assert await called(echoing(int | None, 5), x=None) == "None"


def test_a_model_is_told_the_name_the_docstring_and_the_parameters() -> None:
    def weather(place: Annotated[str, "a town"], day: Colour = Colour.RED, *, places: list[Place] | None = None) -> str:
        """What the weather is.

        In all places.
        """
        raise NotImplementedError

    made = tool(weather)
    assert (made.name, made.description) == ("weather", "What the weather is.\n\nIn all places.")
    properties: Any = made.parameters["properties"]
    assert properties["place"] == {"description": "a town", "type": "string"}
    assert properties["day"]["default"] == "red"
    assert made.parameters["required"] == ["place"]
    assert set(made.parameters["$defs"]) == {"Colour", "Place"}  # pyright: ignore[reportArgumentType]


class Shop:
    def sells(self, item: str, /, amount: int = 1) -> str:
        """Whether it is there."""
        return f"{amount} {item}"

    async def __call__(self, item: str) -> str:
        return item


@pytest.mark.anyio
async def test_methods_objects_and_partials_are_functions_too() -> None:
    assert await called(tool(Shop().sells), item="tea", amount="2") == "2 tea"
    assert await called(tool(Shop(), name="shop"), item="tea") == "tea"
    assert await called(tool(partial(Shop().sells, amount=3), name="three"), item="tea") == "3 tea"


def test_a_function_stays_one() -> None:
    @tool(name="twice", touches=["acts"])
    def double(x: int) -> int:
        """Doubles."""
        return x * 2

    assert (double(4), double.name, double.touches) == (8, "twice", ("acts",))


class Stranger:
    pass


def _stars(*args: int) -> None: ...
def _names(**kwargs: int) -> None: ...
def _stranger(x: Stranger) -> None: ...


def test_what_a_model_cannot_be_told_of_is_refused_by_name() -> None:
    wrongs: list[Any] = [_stars, _names, _stranger, lambda: None, 3, partial(_stars, 1), Shop()]
    for wrong in wrongs:
        with pytest.raises(chatmodes.ConfigError) as raised:
            as_tools([wrong])
        assert raised.value.hint
    with pytest.raises(chatmodes.ConfigError, match="cannot be read"):
        echoing("Nowhere")
    with pytest.raises(chatmodes.ConfigError, match="touch 'fire'"):
        tool(_stars, touches=["fire"])  # pyright: ignore[reportArgumentType, reportCallIssue]
    with pytest.raises(chatmodes.ConfigError, match="Two tools"):
        as_tools([Shop().sells, Shop().sells])


PNG = io.BytesIO()
Image.new("RGB", (9, 9), "navy").save(PNG, "PNG")


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, ""),
        ("text", "text"),
        (b"text", "text"),
        (3, "3"),
        ([], "[]"),
        ({"a": Colour.RED}, '{"a":"red"}'),
        ([Place(1)], '[{"x":1,"label":"here"}]'),
        ({1: datetime.date(2026, 1, 2)}, '{"1":"2026-01-02"}'),
    ],
    ids=str,
)
async def test_what_comes_back_is_read_as_text_or_json(returned: object, told: str) -> None:
    assert await called(tool(lambda: returned, name="f")) == told


@pytest.mark.anyio
async def test_what_no_json_can_say_is_told_in_its_own_words() -> None:
    class Table:
        def __str__(self) -> str:
            return "a | b"

    assert await called(tool(Table, name="table")) == "a | b"


ASKED = contextvars.ContextVar("asked", default="nobody")


def test_a_run_calls_functions_and_shows_the_model_what_came(endpoint: Fake) -> None:
    main = threading.get_ident()

    def where(x: int) -> str:
        return f"{x} {ASKED.get()} {threading.get_ident() == main}"

    async def slow(x: int) -> dict[str, int]:
        return {"x": x}

    def fails(x: int) -> str:
        raise KeyError(x)

    def exits(x: int) -> None:
        sys.exit(2)

    async def waits(x: int) -> None:
        raise anyio.get_cancelled_exc_class()  # as what waits for a task does that somebody cancelled

    def drawn(x: int) -> Image.Image:
        return Image.new("RGB", (7, 7))

    def picture(x: int) -> bytes:
        return PNG.getvalue()

    ASKED.set("somebody")
    brought: list[str] = []
    widths: list[int] = []
    for function in (where, slow, fails, exits, waits, drawn, picture):
        endpoint.scripts["say:ANSWER: 144"] = script(function.__name__, {"x": 1})
        answer = chatmodes.ask("Go", mode="instant", tools=function)
        (made,) = answer.run.tools.values()
        assert made.error == (function in (fails, exits, waits))
        brought.append(made.result)
        widths += [shown.width for shown in made.pictures]
    assert brought[:3] == ["1 somebody False", '{"x":1}', "fails failed: KeyError: 1"]
    assert brought[3:5] == [
        "exits failed: it exited with 2.",
        "waits failed: something that it waited for was cancelled.",
    ]
    assert widths == [7, 9]


def test_what_touches_something_runs_where_a_rule_lets_it(endpoint: Fake) -> None:
    ran: list[str] = []

    @chatmodes.tool(touches=["acts"])
    def erase(path: str) -> None:
        ran.append(path)

    endpoint.scripts["say:ANSWER: 144"] = script("erase", {"path": "/"})
    (made,) = chatmodes.ask("Go", mode="instant", tools=[erase]).run.tools.values()
    assert (made.denied, ran) == (True, [])
    (made,) = chatmodes.ask("Go", mode="instant", tools=[erase], allow="erase").run.tools.values()
    assert (made.denied, ran) == (False, ["/"])


def test_agents_share_equal_calls(endpoint: Fake) -> None:
    ran: list[int] = []

    def count(x: int) -> str:
        ran.append(x)
        return "ANSWER: 144"

    endpoint.scripts["say:ANSWER: 144"] = script("count", {"x": 1})
    answer = chatmodes.ask("What is 12 * 12?", mode="contemplating", tools=[count])
    assert len(answer.run.tools) >= 3
    assert ran == [1]


@pytest.mark.anyio
async def test_a_conversation_offers_them_to_every_prompt_and_asks(endpoint: Fake) -> None:
    @chatmodes.tool(touches=["acts"])
    def erase(path: str) -> str:
        return f"{path} is gone"

    endpoint.scripts["say:ANSWER: 144"] = script("erase", {"path": "/"})
    outcomes: list[str] = []
    for yes in (True, False):
        async with chatmodes.open(mode="instant", tools=[erase]) as chat:
            run = await chat.ask("Go", asks=True)
            async for event in run.events:
                if isinstance(event, chatmodes.events.ToolAsking):
                    assert run.allow(event.call) if yes else run.refuse(event.call, "not that one")
            (made,) = (await chatmodes.answer_of(run)).run.tools.values()
            outcomes.append(made.result)
            await chatmodes.answer_of(await chat.ask("Again"))
            assert (endpoint.chats[-1].json or {})["tools"][0]["function"]["name"] == "erase"
    assert "/ is gone" in outcomes[0]
    assert "not that one" in outcomes[1]


def test_a_call_that_is_cancelled_is_not_waited_for(endpoint: Fake) -> None:
    let_go, over = threading.Event(), threading.Event()

    def sleeps() -> None:
        let_go.wait(60)
        over.set()

    async def left() -> None:
        async with asyncio.timeout(0.5):
            await chatmodes.ask_async("Go", mode="instant", tools=[sleeps])

    endpoint.scripts["say:ANSWER: 144"] = script("sleeps", {})
    try:
        with pytest.raises(TimeoutError):
            asyncio.run(left())
        assert not over.is_set()
    finally:
        let_go.set()
