"""Tool calls put together from the pieces in which they stream, by what is seen and not by what the norm says.

The norm is OpenAI's: id and name in the first piece, arguments in the others, an index on all. Bridges send every
parallel call with index 0, or none, or an object for arguments, or the id again with each piece, or no id at all.
"""

import json
import os
from dataclasses import dataclass, field
from typing import Any

import msgspec

from chatmodes.messages import ToolCall
from chatmodes.providers.lenient import clean
from chatmodes.providers.shapes import is_items, is_table, table

_KNOWN = ("index", "id", "type", "function", "name", "arguments", "input", "parameters")
_SHORTEST = 4
"""An id below this is a counter that begins anew with every answer, such as TGI's "0"."""


@dataclass
class _Open:
    """A call whose pieces come."""

    id: str = ""
    name: str = ""
    given: str = ""
    """What its beginning has for arguments: they are meant where no pieces come."""
    pieces: list[str] = field(default_factory=list[str])
    extra: dict[str, Any] = field(default_factory=dict[str, Any])

    @property
    def arguments(self) -> str:
        if len(self.pieces) > 1:
            self.pieces = ["".join(self.pieces)]
        return (self.pieces[0] if self.pieces else "") or self.given

    @property
    def may_be_whole(self) -> bool:
        """Whether the pieces so far end as an object does. Asked of each piece, where reading all of them would make
        long arguments cost the square of their length."""
        last = next((piece for piece in reversed(self.pieces) if not piece.isspace() and piece), "")
        return last.rstrip().endswith(("}", "]"))


class ToolCalls:
    """The calls of one answer: `add` each entry of a `tool_calls` list, or `begin` and `append` by a key."""

    def __init__(self) -> None:
        self.size = 0
        """Characters of arguments so far."""
        self._calls: list[_Open] = []
        self._at: dict[object, _Open] = {}

    def __len__(self) -> int:
        return len(self._calls)

    @property
    def names(self) -> list[str]:
        """The tools that are called, in order."""
        return [call.name for call in self._calls]

    def add(self, entry: dict[str, Any], position: int = 0) -> None:
        """One entry of a `tool_calls` list, at this position in it."""
        function = table(entry.get("function")) or entry
        id, name = _word(entry.get("id")), _word(function.get("name"))
        raw: Any = function.get("arguments", function.get("input", function.get("parameters")))
        piece = "" if raw is None else raw if isinstance(raw, str) else json.dumps(raw)
        call = self._find(entry.get("index"), id, name, piece, position)
        call.id, call.name = call.id or id, call.name or name
        extra = {key: value for key, value in entry.items() if key not in _KNOWN and value is not None}
        call.extra.update(extra)
        if isinstance(raw, str) or raw is None:
            self._append(call, piece)
        else:
            self._set(call, piece)

    def begin(self, key: object, id: str, name: str, given: object = None) -> None:
        """A call begins whose pieces will come under `key`; `given` is what stands for its arguments until then."""
        self._at[key] = call = self._new(id, name)
        call.given = as_json(given)
        self.size += len(call.given)

    def append(self, key: object, piece: str) -> None:
        """A piece of the arguments of the call under `key`; begins one where there is none."""
        if key not in self._at:
            self.begin(key, "", "")
        self.size += len(piece)
        self._at[key].pieces.append(piece)

    def replace(self, key: object, arguments: str, *, id: str = "", name: str = "") -> None:
        """The whole of the call under `key`, as it stands at the end."""
        if key not in self._at:
            self.begin(key, id, name)
        call = self._at[key]
        call.id, call.name = id or call.id, name or call.name
        if arguments:
            self._set(call, arguments)

    def settle(self, position: int, arguments: str, *, id: str, name: str) -> None:
        """A call as the end of an answer has it: what is missing of the one with its id, or else of the one at its
        position among all; a new one where there is neither."""
        call = next((call for call in self._calls if id and call.id == id), None)
        if call is None:
            call = self._calls[position] if position < len(self._calls) else self._new(id, name)
        call.id, call.name = call.id or id, call.name or name
        if arguments and not _parses(call.arguments):
            self._set(call, arguments)

    def whole(self, provider: str, model: str, *, cut: bool) -> tuple[list[ToolCall], str]:
        """The calls, each with an id of its own, and the name of one that was cut off and is none.

        What else stood beside them is kept for this model at this provider. `cut`: the answer ended before its end, so
        that a last call whose arguments are no JSON is half a call.
        """
        half = ""
        calls = [call for call in self._calls if call.name]
        if cut and calls and not _parses(calls[-1].arguments or "{}"):
            half = calls.pop().name
        used: set[str] = set()
        made: list[ToolCall] = []
        for call in calls:
            id = clean(call.id)
            if len(id) < _SHORTEST or id in used:
                id = f"call_{os.urandom(10).hex()}"
            used.add(id)
            kept = {"provider": provider, "model": model, "fields": call.extra}
            opaque = msgspec.json.encode(kept).decode() if call.extra else ""
            made.append(ToolCall(id, clean(call.name), clean(call.arguments), opaque))
        return made, half

    def _find(self, index: object, id: str, name: str, piece: str, position: int) -> _Open:
        key = index if isinstance(index, int) and not isinstance(index, bool) else None
        if key is None and not id:
            if not name:  # more of a call that is open: by its place in the list, else the last
                return self._at.get(("position", position)) or (self._calls[-1] if self._calls else self._new("", ""))
            known = self._at.get(("position", position))
        else:
            known = self._at.get(key) if key is not None else next((c for c in self._calls if c.id == id), None)
        if known is None or self._differs(known, id, name, piece):
            same = next((c for c in self._calls if id and c.id == id and c is not known), None)
            known = same or self._new(id, name or (known.name if known else ""))
        if key is not None:
            self._at[key] = known
        self._at["position", position] = known
        return known

    @staticmethod
    def _differs(call: _Open, id: str, name: str, piece: str) -> bool:
        """Whether a piece under the same index belongs to another call than the one that is open there."""
        if name and ((id and call.id and id != call.id) or (call.name and name != call.name)):
            return True
        if (
            id == call.id != ""
            or not piece.lstrip().startswith("{")
            or not call.may_be_whole
            or piece == call.arguments
        ):
            return False
        return call.arguments.strip() != "{}" and _parses(call.arguments)

    def _append(self, call: _Open, piece: str) -> None:
        """Add a piece, unless the arguments are whole already: then it is the same again, or what `{}` stood for."""
        if piece.lstrip()[:1] == "{" and call.may_be_whole:
            known = call.arguments
            if known.strip() == "{}" or (piece.strip() and _parses(known)):
                if _parses(piece) or known.strip() == "{}":
                    self._set(call, piece)
                return
        if piece:
            self.size += len(piece)
            call.pieces.append(piece)

    def _set(self, call: _Open, arguments: str) -> None:
        self.size += len(arguments)
        call.pieces = [arguments]

    def _new(self, id: str, name: str) -> _Open:
        call = _Open(id, name)
        self._calls.append(call)
        return call


def as_json(value: object) -> str:
    """Arguments as they are kept: text as it is, anything else as JSON, nothing as nothing."""
    return value if isinstance(value, str) else json.dumps(value) if value else ""


def _word(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _parses(text: str) -> bool:
    try:
        value: Any = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return is_table(value) or is_items(value)
