"""A run's events on disk: joined where joining doesn't show, packed when the run is over.

A long run is a hundred thousand deltas of a few letters each. Stored one by one they take fifty times the room of their
text, and the reader, which only wants the same screen again, has to walk through all of them.
"""

import sqlite3
import zlib
from collections.abc import Iterable
from typing import Any

import msgspec

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.store.words import whole_values

_DELTAS = (ev.TextDelta, ev.ReasoningDelta, ev.AnswerDelta)


def join_deltas(events: Iterable[ev.AnyEvent]) -> list[ev.AnyEvent]:
    """The same run in fewer events: the deltas that one agent sends in a row become its first one.

    Other agents' events may lie between them, since no agent's state depends on another's. The newest event stays by
    itself, so that an unfinished run still knows how far it has come.
    """
    joined: list[ev.AnyEvent] = []
    texts: list[list[str]] = []
    open_at: dict[str, int] = {}
    newest: ev.AnyEvent | None = None
    for event in events:
        if newest is not None:
            _join(joined, texts, open_at, newest)
        newest = event
    result = [
        msgspec.structs.replace(event, text="".join(pieces)) if len(pieces) > 1 else event
        for event, pieces in zip(joined, texts, strict=True)
    ]
    return result if newest is None else [*result, newest]


def _join(joined: list[ev.AnyEvent], texts: list[list[str]], open_at: dict[str, int], event: ev.AnyEvent) -> None:
    # The answer's deltas name no agent; under the empty name only answer_restarted comes between them.
    agent = getattr(event, "agent", "")
    if isinstance(event, _DELTAS):
        at = open_at.get(agent)
        if at is not None and type(joined[at]) is type(event):
            texts[at].append(event.text)
            return
        open_at[agent] = len(joined)
        texts.append([event.text])
    else:
        open_at.pop(agent, None)
        texts.append([])
    joined.append(event)


def _line(event: ev.AnyEvent) -> str:
    try:
        return ev.to_json(event)
    except UnicodeEncodeError:
        return msgspec.json.encode(whole_values(msgspec.to_builtins(event))).decode()


def append(db: sqlite3.Connection, run: str, events: list[ev.AnyEvent]) -> None:
    """Add events behind those already stored."""
    lines = "\n".join(map(_line, join_deltas(events)))
    db.execute(
        "INSERT INTO chunks (run, n, packed, events)"
        " VALUES (?1, (SELECT coalesce(max(n), 0) + 1 FROM chunks WHERE run = ?1), 0, ?2)",
        (run, lines.encode()),
    )


def pack(db: sqlite3.Connection, run: str, events: list[ev.AnyEvent]) -> None:
    """Replace all that is stored of a run by these events, joined and compressed."""
    lines = "\n".join(map(_line, join_deltas(events)))
    db.execute("DELETE FROM chunks WHERE run = ?", (run,))
    db.execute("INSERT INTO chunks (run, n, packed, events) VALUES (?, 1, 1, ?)", (run, zlib.compress(lines.encode())))


def read(db: sqlite3.Connection, run: str) -> list[ev.AnyEvent]:
    """All events of a run that are stored."""
    events: list[ev.AnyEvent] = []
    for packed, data in db.execute("SELECT packed, events FROM chunks WHERE run = ? ORDER BY n", (run,)):
        lines: bytes = zlib.decompress(data) if packed else data
        events += map(ev.from_json, lines.splitlines())
    return events


def view(events: Iterable[ev.AnyEvent]) -> RunView:
    """The state these events lead to."""
    folded = RunView()
    for event in events:
        fold(folded, event)
    return folded


def answer_so_far(db: sqlite3.Connection, run: str) -> str:
    """What has come of the answer of a run that is still going."""
    return view(read(db, run)).answer_text


def closing(events: list[ev.AnyEvent], run: str, reason: str) -> list[ev.AnyEvent]:
    """The events that end a run whose program no longer can."""
    so_far = view(events)
    at: dict[str, Any] = {"run": run, "at": so_far.now}
    unfinished = [a for a in so_far.agents.values() if a.ended is None]
    return [
        *(ev.AgentCancelled(**at, agent=agent.agent, reason=reason) for agent in unfinished),
        ev.RunCancelled(**at, reason=reason, seconds=so_far.now, partial=so_far.answer_text),
    ]
