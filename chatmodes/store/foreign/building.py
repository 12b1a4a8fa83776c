"""What the readers of other programs' exports share: loose messages in, a conversation that fits together out.

Exports hold nodes that are no messages (roots, tool calls, hidden instructions) and parents that are missing; each
reader would otherwise mend the tree in its own way.
"""

import math
from collections.abc import Iterable, Sequence

import msgspec

from chatmodes.messages import Part, Reasoning, Role, Text
from chatmodes.store.archive import ArchivedConversation, ArchivedFile, ArchivedMessage
from chatmodes.store.foreign.intake import Piece
from chatmodes.store.ids import stable_id


class NoConversationError(Exception):
    """It looked like a conversation and is none; the message says why."""


class Node(msgspec.Struct, kw_only=True):
    """One node of a foreign tree. One without a role is no message: its children move up to its parent.

    What such a node holds is work on an answer, a tool's call or result: it leads the answer below it, or stands as an
    answer of its own where none follows.
    """

    key: str
    parent: str | None
    role: Role | None = None
    pieces: Sequence[Piece] = ()
    created: float | None = None
    model: str = ""


def build(
    source: str,
    key: str,
    nodes: Iterable[Node],
    *,
    title: str = "",
    created: float | None = None,
    updated: float | None = None,
    leaf: str | None = None,
    archived: bool = False,
) -> ArchivedConversation | None:
    """The conversation these nodes make, None where nothing is said in them.

    Ids follow from the source's own, so that a later export of the same conversation adds to it.
    """
    by_key = {node.key: node for node in nodes}
    times = [node.created for node in by_key.values() if node.created is not None]
    began = created if created is not None else min(times, default=0.0)
    tree = _Tree(source, key, began)
    for node in _parents_first(by_key):
        tree.add(node)
    tree.end()
    if not tree.messages:
        return None
    return ArchivedConversation(
        id=stable_id(began, source, key), title=title, created=began,
        updated=updated if updated is not None else max([began, *times]), archived=archived,
        leaf=tree.at(leaf) or tree.messages[-1].id, messages=tuple(tree.messages),
    )  # fmt: skip


class _Tree:
    """Messages in the making: each node's id, or its parent's, and the work that waits for an answer below it."""

    def __init__(self, source: str, key: str, began: float) -> None:
        self.messages: list[ArchivedMessage] = []
        self._ids: dict[str, str | None] = {}
        self._names = (source, key)
        self._began = began
        self._waiting: dict[str, tuple[Node, ...]] = {}
        """By the key of each node that no answer stands above: the work between it and the last message."""
        self._led: set[str] = set()
        """Keys of work that is in an answer."""
        self._alone: dict[str, str] = {}
        """The answers that are work alone, by the key of its last node."""

    def add(self, node: Node) -> None:
        """Take in a node; its parent has been taken in before."""
        above = node.parent if node.parent is not None else ""
        parent, work = self._ids.get(above), self._waiting.get(above, ())
        said = _says_something(node.pieces)
        if node.role is None or not said:
            self._ids[node.key] = parent
            self._waiting[node.key] = (*work, node) if said else work
            return
        if work and node.role == "assistant":
            pieces = [piece for each in (*work, node) for piece in each.pieces]
            self._led.update(each.key for each in work)
        else:
            pieces, parent = list(node.pieces), self._answer_of(work) or parent
        self._ids[node.key] = self._message(node, node.role, parent, pieces)

    def end(self) -> None:
        """Make answers of the work that none followed."""
        for work in sorted(self._waiting.values(), key=len, reverse=True):
            if work and work[-1].key not in self._led:
                self._answer_of(work)

    def at(self, key: str | None) -> str | None:
        """The id of a node's message, or of the nearest above it."""
        return None if key is None else self._alone.get(key) or self._ids.get(key)

    def _answer_of(self, work: tuple[Node, ...]) -> str | None:
        if not work:
            return None
        last = work[-1]
        if last.key not in self._alone:
            pieces = [piece for each in work for piece in each.pieces]
            self._alone[last.key] = self._message(last, "assistant", self._ids.get(last.key), pieces)
            self._led.update(each.key for each in work)
        return self._alone[last.key]

    def _message(self, node: Node, role: Role, parent: str | None, pieces: list[Piece]) -> str:
        at = node.created if node.created is not None else self._began
        id = stable_id(at, *self._names, node.key)
        self.messages.append(
            ArchivedMessage(
                id=id, parent=parent, role=role, parts=_joined(pieces), created=at, model=node.model,
                attachments=tuple(piece for piece in pieces if isinstance(piece, ArchivedFile)),
            )
        )  # fmt: skip
        return id


def _says_something(pieces: Sequence[Piece]) -> bool:
    return any(not isinstance(piece, Text) or piece.text.strip() for piece in pieces)


def _joined(pieces: Iterable[Piece]) -> tuple[Part, ...]:
    """The parts of a message, texts that follow each other as one."""
    parts: list[Part] = []
    for piece in pieces:
        if isinstance(piece, ArchivedFile) or (isinstance(piece, Text) and not piece.text.strip()):
            continue
        last = parts[-1] if parts else None
        if isinstance(piece, Text) and isinstance(last, Text):
            parts[-1] = Text(f"{last.text}\n\n{piece.text}")
        elif isinstance(piece, Text) and not all(isinstance(part, Reasoning) for part in parts):
            parts.append(Text(f"\n\n{piece.text}"))
        else:
            parts.append(piece)
    return tuple(parts)


def _parents_first(by_key: dict[str, Node]) -> list[Node]:
    """Each node after its parent, otherwise by time, those without one last. A circle of nodes is cut open."""
    ordered: dict[str, Node] = {}
    for node in sorted(by_key.values(), key=lambda node: math.inf if node.created is None else node.created):
        chain: dict[str, Node] = {}
        at: Node | None = node
        while at is not None and at.key not in ordered and at.key not in chain:
            chain[at.key] = at
            at = by_key.get(at.parent) if at.parent is not None else None
        ordered.update(reversed(chain.items()))
    return list(ordered.values())
