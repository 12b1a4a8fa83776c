"""A conversation as one value, out of the database and into one: what JSON export, import and backups are made of.

Other programs' exports are turned into the same value (`foreign/`), so there is one door by which messages come in, and
what it checks is checked for all.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import msgspec

from chatmodes import events as ev
from chatmodes.messages import File, Image, Part, Role, Text
from chatmodes.store import columns, event_log
from chatmodes.store.database import Database
from chatmodes.store.errors import StoreError
from chatmodes.store.files import Kept, keep, sha256, taken_apart, with_content
from chatmodes.store.ids import is_id
from chatmodes.store.records import MessageState, RunStatus, Verdict
from chatmodes.store.rows import empty_trash, encode_parts, place, refresh_preview, unknown
from chatmodes.store.runs import CUT, RUN, stored_run
from chatmodes.store.tree import conversation_by_id, messages_of

_ALIVE = "conversation = ? AND messages.trash IS NULL"
_encode = msgspec.json.Encoder().encode


class ArchivedFile(msgspec.Struct, frozen=True, kw_only=True):
    """An attachment with its content, which JSON holds in base 64."""

    name: str = ""
    media_type: str = ""
    data: bytes


class ArchivedMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, with its files apart from its parts."""

    id: str
    parent: str | None = None
    role: Role
    parts: tuple[Part, ...] = ()
    state: MessageState = "complete"
    created: float
    mode: str = ""
    model: str = ""
    attachments: tuple[ArchivedFile, ...] = ()


class ArchivedComparison(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A comparison; its runs name it."""

    id: str
    prompt: str
    blind: bool = False
    topic: str = ""
    created: float


class ArchivedRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A run with all its events."""

    id: str
    message: str
    comparison: str | None = None
    mode: str
    model: str
    status: RunStatus
    created: float
    usage: ev.Usage = ev.Usage()
    cost: float | None = None
    seconds: float | None = None
    ttft: float | None = None
    events: tuple[dict[str, Any], ...] = ()
    """As JSON has them: one of a newer version is handed on unread."""
    damaged: bool = False
    """Some of its events are missing here, since they could not be read."""


class ArchivedPick(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What someone thought of a comparison."""

    id: str
    comparison: str
    verdict: Verdict
    winner: str | None = None
    reason: str = ""
    topic: str = ""
    at: float


FORMAT, VERSION = "chatmodes", 1


class ArchivedConversation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All there is of one conversation; messages in the order of time, parents before children."""

    id: str
    title: str = ""
    created: float
    updated: float
    pinned: bool = False
    archived: bool = False
    leaf: str | None = None
    draft: str = ""
    mode: str = ""
    model: str = ""
    settings: dict[str, Any] = {}
    tags: tuple[str, ...] = ()
    messages: tuple[ArchivedMessage, ...] = ()
    comparisons: tuple[ArchivedComparison, ...] = ()
    runs: tuple[ArchivedRun, ...] = ()
    picks: tuple[ArchivedPick, ...] = ()


class Archive(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of a JSON export."""

    format: Literal["chatmodes"] = FORMAT
    version: int = VERSION
    conversations: tuple[ArchivedConversation, ...]


def dump(store: Database, conversation: str) -> ArchivedConversation:
    """Everything that is stored of a conversation, with the bytes of its files: of each where it comes first.

    A run under way is given as if it were cut here. What is damaged of a run's events is left out; the run says so. A
    message whose parent is lost becomes a first one, and a leaf that is lost the last message: what was exported can be
    taken in.
    """
    given: set[str] = set()
    with store.reading() as db:
        head = conversation_by_id(db, conversation)
        if head is None:
            raise unknown("conversation", conversation)
        draft = db.execute(
            "SELECT text FROM drafts WHERE conversation = ? ORDER BY at DESC LIMIT 1", (conversation,)
        ).fetchone()
        messages = tuple(_messages(db, conversation, given))
        leaf = head.leaf
        if leaf is not None and all(message.id != leaf for message in messages):
            leaf = messages[-1].id if messages else None
        return ArchivedConversation(
            id=head.id, title=head.title, created=head.created, updated=head.updated, pinned=head.pinned,
            archived=head.archived, leaf=leaf, draft=draft[0] if draft else "", mode=head.mode, model=head.model,
            settings=head.settings, tags=head.tags, messages=messages,
            comparisons=_comparisons(db, conversation),
            runs=tuple(
                _run(db, row)
                for row in db.execute(f"{RUN} WHERE {_ALIVE} ORDER BY runs.rowid", (conversation,)).fetchall()
            ),
            picks=_picks(db, conversation),
        )  # fmt: skip


def _messages(db: sqlite3.Connection, conversation: str, given: set[str]) -> Iterator[ArchivedMessage]:
    before: set[str] = set()
    for m in messages_of(db, conversation):
        yield ArchivedMessage(
            id=m.id, parent=m.parent if m.parent in before else None, role=m.message.role,
            parts=with_content(db, m.message.parts, given), state=m.state, created=m.created, mode=m.mode,
            model=m.model, attachments=_loose_files(db, m.id, m.message.parts),
        )  # fmt: skip
        before.add(m.id)


def restore(store: Database, archived: ArchivedConversation) -> int:
    """Put a conversation in and return how many of its messages were new here.

    Messages are told apart by their ids, so taking the same file in again changes nothing, and a later export of a
    conversation adds what was said since. What is here already is left as it is. All or nothing: raises
    `StoreError` where the archive contradicts itself or the database.
    """
    _check(archived)
    with store.writing() as db:
        empty_trash(db, archived.id)
        new = _insert_head(db, archived)
        here = dict(db.execute("SELECT id, 1 FROM messages WHERE conversation = ?", (archived.id,)))
        added = [message for message in archived.messages if message.id not in here]
        for message in added:
            _insert_message(db, archived.id, message)
        _insert_runs(db, archived, {message.id for message in added})
        if added or new:
            db.execute(
                "UPDATE conversations SET leaf = coalesce(?, leaf), updated = max(updated, ?),"
                " touched = max(touched, ?) WHERE id = ?",
                (archived.leaf, archived.updated, int(archived.updated * 1e6), archived.id),
            )
            refresh_preview(db, archived.id)
    return len(added)


def _check(archived: ArchivedConversation) -> None:
    """Identifiers go into file names and links; parents come first, which also rules out cycles."""
    seen: set[str] = set()
    for message in archived.messages:
        if message.parent is not None and message.parent not in seen:
            raise StoreError(f"Message {message.id[:64]!r} comes before the message it answers, or that is missing.")
        seen.add(message.id)
    ids = {archived.id, *seen, *(r.id for r in archived.runs), *(c.id for c in archived.comparisons)}
    for id in ids:
        if not is_id(id):
            raise StoreError(f"{id[:64]!r} is no identifier: those are up to 64 letters, digits, - and _.")
    if len(seen) != len(archived.messages):
        raise StoreError(f"Two messages of conversation {archived.id} have the same id.")
    for number in (archived.created, archived.updated, *(m.created for m in archived.messages)):
        if not 0 <= number < 1e11:
            raise StoreError(f"{number} is no time of conversation {archived.id}: seconds since 1970 are meant.")
    if archived.leaf is not None and archived.leaf not in seen:
        raise StoreError(f"The current message of conversation {archived.id} is missing.")


def _insert_head(db: sqlite3.Connection, archived: ArchivedConversation) -> bool:
    values = (
        archived.id, archived.title, archived.created, archived.updated, int(archived.updated * 1e6),
        archived.pinned, archived.archived, archived.mode, archived.model, _encode(archived.settings).decode(),
        _encode(archived.tags).decode(),
    )  # fmt: skip
    new = db.execute(
        "INSERT OR IGNORE INTO conversations (id, title, created, updated, touched, pinned, archived, mode, model,"
        " settings, tags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values,
    ).rowcount
    if archived.draft and not db.execute("SELECT 1 FROM drafts WHERE conversation = ?", (archived.id,)).fetchone():
        db.execute("INSERT INTO drafts VALUES (?, '', ?, ?)", (archived.id, archived.draft, archived.updated))
    return bool(new)


def _insert_message(db: sqlite3.Connection, conversation: str, message: ArchivedMessage) -> None:
    parts, files = taken_apart(map(_unmarked, message.parts))
    try:
        db.execute(
            "INSERT INTO messages (seq, id, conversation, parent, role, parts, state, created, mode, model)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                place(db, conversation, message.parent, message.created), message.id, conversation, message.parent,
                message.role, encode_parts(parts), message.state, message.created, message.mode,
                message.model,
            ),
        )  # fmt: skip
    except sqlite3.IntegrityError as error:
        raise StoreError(f"Message {message.id} belongs to another conversation here.") from error
    loose = (Kept(sha256(file.data), file.data, file.name, file.media_type, False) for file in message.attachments)
    keep(db, message.id, (*files, *loose))


def _unmarked(part: Part) -> Part:
    """A prompt that is edited or recalled reads the files anew that it mentions; here nobody has chosen those."""
    match part:
        case Text():
            return Text(part.text)
        case File() | Image():
            return msgspec.structs.replace(part, mentioned=False)
        case _:
            return part


def _insert_runs(db: sqlite3.Connection, archived: ArchivedConversation, added: set[str]) -> None:
    runs = [run for run in archived.runs if run.message in added]
    wanted = {run.comparison for run in runs}
    try:
        for c in archived.comparisons:
            if c.id in wanted or c.prompt in added:
                db.execute(
                    "INSERT OR IGNORE INTO comparisons (id, prompt, blind, topic, created) VALUES (?, ?, ?, ?, ?)",
                    (c.id, c.prompt, int(c.blind), c.topic, c.created),
                )
        for run in runs:
            db.execute(
                "INSERT INTO runs (id, message, comparison, mode, model, status, created, usage, cost, seconds, ttft)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    run.id, run.message, run.comparison, run.mode, run.model,
                    "cut" if run.status == "running" else run.status, run.created, _encode(run.usage).decode(),
                    run.cost, run.seconds, run.ttft,
                ),
            )  # fmt: skip
            if run.events:
                event_log.store(db, run.id, _events(run.events))
        for p in archived.picks:
            if db.execute("SELECT 1 FROM comparisons WHERE id = ?", (p.comparison,)).fetchone():
                db.execute(
                    "INSERT OR IGNORE INTO picks (id, comparison, verdict, winner, reason, topic, at)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?)",
                    (p.id, p.comparison, p.verdict, p.winner, p.reason, p.topic, p.at),
                )
    except sqlite3.IntegrityError as error:
        raise StoreError(
            f"The runs of conversation {archived.id} contradict each other or what is here ({error})."
        ) from error


def _events(archived: tuple[dict[str, Any], ...]) -> "Iterator[ev.AnyEvent | event_log.Foreign]":
    for event in archived:
        try:
            yield msgspec.convert(event, ev.AnyEvent)
        except msgspec.ValidationError:  # of a newer version, or nonsense
            if isinstance(event.get("type"), str):
                yield event_log.Foreign(_encode(event))


def _loose_files(db: sqlite3.Connection, message: str, parts: tuple[Part, ...]) -> tuple[ArchivedFile, ...]:
    """What hangs on a message without being one of its parts, as other programs' exports have it."""
    inside = {file.hash for file in taken_apart(parts)[1]}
    rows = db.execute(
        "SELECT name, media_type, hash, data FROM message_attachments m JOIN attachments USING (hash)"
        " WHERE message = ? ORDER BY m.rowid",
        (message,),
    )
    return tuple(
        ArchivedFile(name=name, media_type=media_type, data=data)
        for name, media_type, hash, data in rows
        if hash not in inside
    )


def _comparisons(db: sqlite3.Connection, conversation: str) -> tuple[ArchivedComparison, ...]:
    rows = db.execute(
        "SELECT c.id, prompt, blind, topic, c.created FROM comparisons c JOIN messages ON messages.id = prompt"
        f" WHERE {_ALIVE} ORDER BY c.rowid",
        (conversation,),
    )
    return tuple(
        ArchivedComparison(id=id, prompt=prompt, blind=bool(blind), topic=topic, created=columns.moment(created))
        for id, prompt, blind, topic, created in rows
    )


def _picks(db: sqlite3.Connection, conversation: str) -> tuple[ArchivedPick, ...]:
    rows = db.execute(
        "SELECT p.id, comparison, verdict, winner, reason, p.topic, at FROM picks p"
        " JOIN comparisons c ON c.id = comparison JOIN messages ON messages.id = c.prompt"
        f" WHERE {_ALIVE} ORDER BY p.rowid",
        (conversation,),
    )
    return tuple(
        ArchivedPick(
            id=id,
            comparison=comparison,
            verdict=columns.verdict(verdict),
            winner=winner,
            reason=reason,
            topic=topic,
            at=columns.moment(at),
        )
        for id, comparison, verdict, winner, reason, topic, at in rows
    )


def _run(db: sqlite3.Connection, row: Sequence[Any]) -> ArchivedRun:
    run = stored_run(row)
    log = event_log.Log(db, run.id)
    events = [_plain(entry) for entry in log.entries()]
    view = event_log.outcome(log.events())
    if view.end is None and events:
        events += [msgspec.to_builtins(event) for event in event_log.closing(view, run.id, CUT)]
    return ArchivedRun(
        id=run.id, message=run.message, comparison=run.comparison, mode=run.mode, model=run.model,
        status="cut" if run.status == "running" else run.status, created=run.created, usage=run.usage, cost=run.cost,
        seconds=run.seconds, ttft=run.ttft, events=tuple(events), damaged=log.damaged,
    )  # fmt: skip


def _plain(entry: "ev.AnyEvent | event_log.Foreign") -> dict[str, Any]:
    return msgspec.json.decode(entry) if isinstance(entry, event_log.Foreign) else msgspec.to_builtins(entry)
