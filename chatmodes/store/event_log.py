"""A run's events on disk: joined where joining doesn't show, packed when the run is over, read piece by piece.

A long run is a hundred thousand deltas of a few letters each. Stored one by one they take fifty times the room of their
text, and the reader, which only wants the same screen again, has to walk through all of them.

No log is held in memory whole except by who asks for all its events: a hostile server writes hundreds of megabytes into
one. And no log is trusted: it may be of a newer version, cut anywhere, or damaged. What cannot be read is passed over.
"""

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.store.words import UNREADABLE, whole_values

_DELTAS = (ev.TextDelta, ev.ReasoningDelta, ev.AnswerDelta)

CHUNK = 4_000_000
"""Bytes of events in one row, about: what reading and packing hold at a time."""
LEFT = 2
"""`chunks.packed` of a row that is not packed, since it is damaged."""
PIECE = 1_000_000
"""Characters of one delta; a longer one is stored as several."""
ANSWER = 16_000_000
"""Characters of an answer that a message holds. What is longer stays in the log."""
_LONGER = "\n\n[The answer goes on: it is longer than a message can hold. All of it is in this run's log.]"
_PIECES = 10_000

Foreign = msgspec.Raw
"""The line of an event that this version does not know; it is kept as it came."""
_Entry: TypeAlias = "ev.AnyEvent | Foreign"
_E = TypeVar("_E", bound=_Entry)


def join_deltas(events: Iterable[_E]) -> list[_E]:
    """The same run in fewer events: the deltas that one agent sends in a row become its first one.

    Other agents' events may lie between them, since no agent's state depends on another's. The newest event stays by
    itself, so that an unfinished run still knows how far it has come.
    """
    joined: list[Any] = []
    texts: list[list[str]] = []
    open_at: dict[str, int] = {}
    newest: Any = None
    for event in events:
        if newest is not None:
            _join(joined, texts, open_at, newest)
        newest = event
    result = [
        msgspec.structs.replace(event, text="".join(pieces)) if len(pieces) > 1 else event
        for event, pieces in zip(joined, texts, strict=True)
    ]
    return result if newest is None else [*result, newest]


def _join(joined: list[Any], texts: list[list[str]], open_at: dict[str, int], event: Any) -> None:
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


def _lines(event: "ev.AnyEvent | Foreign") -> Iterator[bytes]:
    if isinstance(event, _DELTAS) and len(event.text) > PIECE:
        for start in range(0, len(event.text), PIECE):
            yield _line(msgspec.structs.replace(event, text=event.text[start : start + PIECE]))
    else:
        yield _line(event)


def _line(event: "ev.AnyEvent | Foreign") -> bytes:
    if isinstance(event, Foreign):
        return bytes(event)
    try:
        return ev.to_json(event).encode()
    except UnicodeEncodeError:
        return msgspec.json.encode(whole_values(msgspec.to_builtins(event)))


def _rows(events: "Iterable[ev.AnyEvent | Foreign]") -> Iterator[bytes]:
    """The lines of events, in as many pieces as rows they go into."""
    lines: list[bytes] = []
    size = 0
    for event in events:
        for line in _lines(event):
            if lines and size + len(line) > CHUNK:
                yield b"\n".join(lines)
                lines, size = [], 0
            lines.append(line)
            size += len(line) + 1
    if lines:
        yield b"\n".join(lines)


def append(db: sqlite3.Connection, run: str, events: list[ev.AnyEvent]) -> None:
    """Add events behind those already stored."""
    for row in _rows(join_deltas(events)):
        _insert(db, run, 0, row)


def _insert(db: sqlite3.Connection, run: str, packed: int, data: bytes) -> None:
    db.execute(
        "INSERT INTO chunks (run, n, packed, events)"
        " VALUES (?1, (SELECT coalesce(max(n), 0) + 1 FROM chunks WHERE run = ?1), ?2, ?3)",
        (run, packed, zlib.compress(data) if packed else data),
    )


def store(db: sqlite3.Connection, run: str, events: "Iterable[ev.AnyEvent | Foreign]") -> None:
    """Store the events of a run that is over, joined and compressed."""
    for window in _windows(events):
        for row in _rows(join_deltas(window)):
            _insert(db, run, 1, row)


def rewrite(db: sqlite3.Connection, run: str, change: "Callable[[_Entry], _Entry]") -> None:
    """Put what `change` makes of them in the place of a run's events. A row that cannot be read stays as it is."""
    before = [rowid for (rowid,) in db.execute("SELECT rowid FROM chunks WHERE run = ? ORDER BY n", (run,))]
    log = Log(db, run)
    store(db, run, map(change, log.entries()))
    db.executemany("DELETE FROM chunks WHERE rowid = ?", [(each,) for each in before if each not in log.unreadable])


class Piece(NamedTuple):
    """Rows of a log, and what to put in their place."""

    rows: list[int]
    n: int
    packed: int
    data: bytes


def next_piece(db: sqlite3.Connection, run: str) -> Piece | None:
    """The first rows of a log that are not packed, about as many as one row may hold; None where all are."""
    rows: list[int] = []
    first, size = 0, 0
    query = "SELECT rowid, n, coalesce(length(events), 0) FROM chunks WHERE run = ? AND packed = 0 ORDER BY n"
    for rowid, n, length in db.execute(query, (run,)).fetchall():
        if rows and size + length > CHUNK:
            break
        rows.append(rowid)
        first, size = first or n, size + length
    if not rows:
        return None
    log = Log(db, run, rows)
    lines = [line for event in join_deltas(log.entries()) for line in _lines(event)]
    if log.damaged:  # it stays as it is: whoever can rescue it shall find it
        return Piece([min(log.unreadable)], first, LEFT, b"")
    return Piece(rows, first, 1, zlib.compress(b"\n".join(lines)))


def replace(db: sqlite3.Connection, run: str, piece: Piece) -> None:
    """Put a piece in its rows' place, unless another program has."""
    marks = ", ".join("?" * len(piece.rows))
    here = db.execute(f"SELECT count(*) FROM chunks WHERE rowid IN ({marks}) AND packed = 0", piece.rows).fetchone()[0]
    if here != len(piece.rows):
        return
    if piece.packed == LEFT:
        db.execute(f"UPDATE chunks SET packed = {LEFT} WHERE rowid IN ({marks})", piece.rows)
        return
    db.execute(f"DELETE FROM chunks WHERE rowid IN ({marks})", piece.rows)
    db.execute(
        "INSERT INTO chunks (run, n, packed, events) VALUES (?, ?, ?, ?)", (run, piece.n, piece.packed, piece.data)
    )


def _windows(events: "Iterable[ev.AnyEvent | Foreign]") -> "Iterator[list[ev.AnyEvent | Foreign]]":
    window: list[ev.AnyEvent | Foreign] = []
    size = 0
    for event in events:
        window.append(event)
        size += len(event.text) + 100 if isinstance(event, _DELTAS) else 500
        if size > CHUNK:
            yield window
            window, size = [], 0
    yield window


class Log:
    """What is stored of a run's events, as far as it can be read."""

    def __init__(self, db: sqlite3.Connection, run: str, rows: list[int] | None = None) -> None:
        self._db, self._run, self._rows = db, run, rows
        self.damaged = False
        """Whether something could not be read; known once all has been."""
        self.unreadable: set[int] = set()
        """The rows it was in."""

    def events(self) -> Iterator[ev.AnyEvent]:
        """The events this version knows."""
        return (entry for entry in self.entries() if not isinstance(entry, Foreign))

    def entries(self) -> "Iterator[ev.AnyEvent | Foreign]":
        """All events, those of a newer version as they came."""
        for rowid, line in self.lines():
            try:
                yield ev.from_json(line)
            except UNREADABLE:  # unknown kinds are among them
                if _is_event(line):
                    yield Foreign(line)
                else:
                    self._damaged(rowid)

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Each event's JSON, with the row it is in."""
        rows = self._db.execute("SELECT rowid, packed FROM chunks WHERE run = ? ORDER BY n", (self._run,)).fetchall()
        for rowid, packed in rows:
            if self._rows is not None and rowid not in self._rows:
                continue
            try:
                for line in self._row(rowid, packed):
                    yield rowid, line
            except (sqlite3.DatabaseError, zlib.error):
                self._damaged(rowid)

    def _row(self, rowid: int, packed: int) -> Iterable[bytes]:
        row = self._db.execute("SELECT events FROM chunks WHERE rowid = ?", (rowid,)).fetchone()
        # A damaged page may hold no row that its index names, and another kind of value than the table allows.
        if row is None or not isinstance(row[0], bytes):
            raise sqlite3.DatabaseError("no events in the row")
        return _unpacked(row[0]) if packed == 1 else row[0].splitlines()

    def _damaged(self, rowid: int) -> None:
        self.damaged = True
        self.unreadable.add(rowid)


def _unpacked(data: bytes) -> Iterator[bytes]:
    """The lines of a packed row, which may unpack to any size, up to where it is damaged."""
    unpacking = zlib.decompressobj()
    rest = b""
    while not unpacking.eof:
        piece = unpacking.decompress(data, CHUNK)
        data = unpacking.unconsumed_tail
        *lines, rest = (rest + piece).split(b"\n")
        yield from lines
        if not (piece or data):
            raise zlib.error("cut off")
    if rest:
        yield rest


def _is_event(line: bytes) -> bool:
    try:
        decoded: Any = msgspec.json.decode(line)
    except UNREADABLE:
        return False
    return isinstance(decoded, dict) and isinstance(decoded.get("type"), str)  # pyright: ignore[reportUnknownMemberType]


def read(db: sqlite3.Connection, run: str) -> list[ev.AnyEvent]:
    """All of a run's events that can be read."""
    return list(Log(db, run).events())


def answer_so_far(db: sqlite3.Connection, run: str) -> str:
    """What has come of the answer of a run that has not ended; other lines are not even decoded."""
    view = RunView()
    for _, line in Log(db, run).lines():
        if line.startswith(b'{"type":"answer_') and view.answer_characters <= ANSWER:
            try:
                _fold_bounded(view, ev.from_json(line))
            except UNREADABLE:
                continue
    return bounded(view.answer_text)


def outcome(events: Iterable[ev.AnyEvent], view: RunView | None = None) -> RunView:
    """The state these events lead to (from `view` on), without drafts' and reasoning's text, in bounded memory."""
    view = view or RunView()
    for event in events:
        _fold_bounded(view, event)
    return view


def _fold_bounded(view: RunView, event: ev.AnyEvent) -> None:
    if isinstance(event, ev.TextDelta | ev.ReasoningDelta):
        agent = view.agents.get(event.agent)
        view.now = event.at
        if agent is not None and agent.first_delta is None:
            agent.first_delta = event.at
    elif not isinstance(event, ev.AnswerDelta) or view.answer_characters <= ANSWER:
        fold(view, event)
        if len(view.answer) > _PIECES:
            view.answer[:] = ["".join(view.answer)]
    else:
        view.now = event.at


def bounded(answer: str) -> str:
    """An answer as a message can hold it."""
    return answer if len(answer) <= ANSWER else answer[:ANSWER] + _LONGER


def closing(so_far: RunView, run: str, reason: str) -> list[ev.AnyEvent]:
    """The events that end a run whose program no longer can."""
    at: dict[str, Any] = {"run": run, "at": so_far.now}
    unfinished = [a for a in so_far.agents.values() if a.ended is None]
    return [
        *(ev.AgentCancelled(**at, agent=agent.agent, reason=reason) for agent in unfinished),
        ev.RunCancelled(**at, reason=reason, seconds=so_far.now, partial=bounded(so_far.answer_text)),
    ]
