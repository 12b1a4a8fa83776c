"""Conversations cut into the turns that an API wants, whatever dialect it speaks.

A message of the program holds an answer's reasoning, text, calls and results in one; an API wants them as turns that
alternate, each call answered, no turn empty, the first one the user's. What a history lacks is made up here and what
it has too much of is said in words: a conversation that was cancelled, edited or imported must still be answered.
"""

import hashlib
import itertools
import re
from collections import Counter, deque
from collections.abc import Iterable
from typing import Any

import msgspec

from chatmodes.messages import File, Image, Message, Part, Reasoning, Text, ToolCall, ToolResult, wire_name
from chatmodes.providers.calls import ToolSpec
from chatmodes.providers.lenient import clean
from chatmodes.providers.shapes import table

UNANSWERED = "This call was not run: the answer was stopped before."
BEGINNING = "(The conversation begins here.)"
"""What the user says where a history begins with the model, which strict servers refuse."""
_PICTURES = "The pictures of the results above, in their order:"
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Asking(msgspec.Struct, frozen=True):
    """What the user says, with what is attached."""

    parts: tuple[Text | File | Image, ...]


class Called(msgspec.Struct, frozen=True):
    """A tool call with the id it has on the wire."""

    id: str
    name: str
    arguments: str
    """JSON, as the model sent it; "" where it sent none."""
    extra: dict[str, Any] = {}
    """Fields that go back unchanged."""


class Saying(msgspec.Struct, frozen=True):
    """What a model said in one request. With calls, the results follow."""

    text: str
    reasoning: str = ""
    state: Any = None
    """What goes back unchanged, in the dialect's own form; None where there is nothing, or it is another model's."""
    calls: tuple[Called, ...] = ()


class Results(msgspec.Struct, frozen=True):
    """The results of all calls of the turn before, in their order."""

    results: tuple[ToolResult, ...]

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures in them, which a text result cannot hold."""
        return tuple(part for each in self.results for part in each.content if isinstance(part, Image))


Turn = Asking | Saying | Results


def system_of(messages: Iterable[Message]) -> str:
    """All system messages as one: several, or one in the middle, are refused by many templates."""
    return clean("\n\n".join(message.text for message in messages if message.role == "system" and message.text))


class Origin(msgspec.Struct, frozen=True):
    """Whose state may go back: a model's, at one provider, in one dialect."""

    dialect: str
    provider: str
    model: str

    def state(self, part: Reasoning) -> Any:
        """What of a reasoning part goes back: nothing that another model, or another dialect, gave."""
        if not part.opaque or (part.provider, part.model) != (self.provider, self.model):
            return None
        return _object(part.opaque).get(self.dialect)

    def beside(self, call: ToolCall) -> dict[str, Any]:
        """The same of a call."""
        kept = _object(call.opaque) if call.opaque else {}
        ours = (kept.get("provider"), kept.get("model")) == (self.provider, self.model)
        return table(kept.get("fields")) if ours else {}


def turns_of(messages: Iterable[Message], origin: Origin, id_form: str, tools: Iterable[ToolSpec] = ()) -> list[Turn]:
    """The turns of a conversation for the model at `origin`. `id_form` is what ids of calls must match there; `tools`
    are the ones that are offered, whose names the caller answers for."""
    turns: list[Turn] = []
    ids = _Ids(id_form)
    offered = frozenset(tool.name for tool in tools)
    for message in messages:
        if message.role == "user":
            _ask(turns, [part for part in message.parts if isinstance(part, Text | File | Image)])
        elif message.role == "assistant":
            for step, results in _steps(message.parts):
                _say(turns, step, results, ids, origin, offered)
    turns = _joined(turns)
    if turns and not isinstance(turns[0], Asking):
        turns.insert(0, Asking((Text(BEGINNING),)))
    return turns


def pictures_apart(turns: list[Turn]) -> list[Turn]:
    """The turns with the pictures in results shown by the user behind all of them, where a result holds text alone."""
    apart: list[Turn] = []
    for turn in turns:
        before = apart[-1] if apart else None
        if isinstance(turn, Asking) and isinstance(before, Asking):
            apart[-1] = Asking((*before.parts, Text("\n\n"), *turn.parts))
        else:
            apart.append(turn)
        if isinstance(turn, Results) and turn.images:
            apart.append(Asking((Text(_PICTURES), *turn.images)))
    return apart


def reads(part: Text | File | Image) -> str:
    """What a model reads of a part that it is not sent as what it is."""
    if isinstance(part, Text):
        return clean(part.text)
    if isinstance(part, File):
        return clean(part.text) or f"[The file {part.name} was attached, and cannot be read here.]"
    return f"[The picture {part.name} was attached, and cannot be seen by this model.]"


def result_text(result: ToolResult) -> str:
    """A result in words, its pictures named."""
    said = "\n".join(
        clean(part.text) if isinstance(part, Text) else f"[picture: {part.name}]" for part in result.content
    )
    return said if said.strip() else "(no output)"


def _ask(turns: list[Turn], parts: list[Text | File | Image]) -> None:
    kept = [part for part in parts if not isinstance(part, Text) or part.text.strip()]
    if kept:
        turns.append(Asking(tuple(kept)))


def _joined(turns: list[Turn]) -> list[Turn]:
    """What one side says in several turns as one. In a single pass: a history may have thousands of them in a row."""
    joined: list[Turn] = []
    for kind, run in itertools.groupby(turns, type):
        group = list(run)
        if len(group) == 1 or kind is Results:
            joined += group
        elif kind is Asking:
            joined.append(_asked_at_once([turn for turn in group if isinstance(turn, Asking)]))
        else:
            said = [turn for turn in group if isinstance(turn, Saying)]  # only the last has calls: results follow them
            text = "\n\n".join(turn.text for turn in said if turn.text.strip())
            joined.append(msgspec.structs.replace(said[-1], text=text))
    return joined


def _asked_at_once(turns: list[Asking]) -> Asking:
    parts = list(turns[0].parts)
    for turn in turns[1:]:
        if isinstance(turn.parts[0], Text):
            parts.append(Text("\n\n"))
        parts += turn.parts
    return Asking(tuple(parts))


def _steps(parts: tuple[Part, ...]) -> list[tuple[list[Part], list[ToolResult]]]:
    """A model's message cut behind each group of results: one step is one request."""
    steps: list[tuple[list[Part], list[ToolResult]]] = [([], [])]
    for part in parts:
        if isinstance(part, ToolResult):
            steps[-1][1].append(part)
            continue
        if steps[-1][1]:
            steps.append(([], []))
        steps[-1][0].append(part)
    return steps


def _say(
    turns: list[Turn],
    step: list[Part],
    results: list[ToolResult],
    ids: "_Ids",
    origin: Origin,
    offered: frozenset[str],
) -> None:
    text = clean("".join(part.text for part in step if isinstance(part, Text | File)))
    reasoning = clean("".join(part.text for part in step if isinstance(part, Reasoning)))
    kept = next(
        (found for part in reversed(step) if isinstance(part, Reasoning) and (found := origin.state(part))), None
    )
    calls = [part for part in step if isinstance(part, ToolCall)]
    waiting, taken, made = _places(results), set[int](), list[ToolResult]()
    renamed: list[Called] = []
    for call in calls:
        places = waiting.get(call.id)
        found = results[places[0]] if places else None
        if places:
            taken.add(places.popleft())
        id = ids.new(call.id)
        # A model may call what there never was by a name that no provider takes, and would refuse in each later turn.
        name = call.name if call.name in offered else wire_name(call.name)
        answer = found or ToolResult("", name, (Text(UNANSWERED),), error=True)
        made.append(msgspec.structs.replace(answer, call=id, name=name))
        renamed.append(Called(id, name, call.arguments, origin.beside(call)))
    if text.strip() or calls:
        turns.append(Saying(text, reasoning, kept, tuple(renamed)))
    if made:
        turns.append(Results(tuple(made)))
    given = [each for place, each in enumerate(results) if place not in taken]
    if given:  # of calls that an edit took away
        _ask(turns, [Text(f"[Result of {each.name}]\n{result_text(each)}") for each in given])


def _places(results: list[ToolResult]) -> dict[str, deque[int]]:
    """Where the results of each call stand."""
    places: dict[str, deque[int]] = {}
    for place, each in enumerate(results):
        places.setdefault(each.call, deque()).append(place)
    return places


def _object(opaque: str) -> dict[str, Any]:
    try:
        return table(msgspec.json.decode(opaque))
    except (msgspec.DecodeError, RecursionError):
        return {}


class _Ids:
    """Ids of calls as one provider takes them: as they are where it does, else a short hash, the same each time."""

    def __init__(self, form: str) -> None:
        self._form = re.compile(form)
        self._used: set[str] = set()
        self._again: Counter[str] = Counter()
        """How often an id has come again: some models number the calls of each answer from 1."""

    def new(self, id: str) -> str:
        """The id to send for a call, unlike all before it."""
        wire = id if self._form.fullmatch(id) else short_id(id)
        while wire in self._used:
            self._again[id] += 1
            wire = short_id(f"{id}#{self._again[id]}")
        self._used.add(wire)
        return wire


def short_id(id: str) -> str:
    """Nine letters and digits, which every provider takes."""
    number = int.from_bytes(hashlib.sha256(id.encode("utf-8", "replace")).digest()[:12], "big")
    made = ""
    for _ in range(9):
        number, digit = divmod(number, len(_DIGITS))
        made += _DIGITS[digit]
    return made
