"""What the readers of other programs' exports share: loose messages in, a conversation that fits together out.

Exports hold nodes that are no messages (roots, tool calls, hidden instructions) and parents that are missing; each
reader would otherwise mend the tree in its own way.
"""

import math
from collections.abc import Iterable
from datetime import UTC, datetime

import msgspec

from chatmodes.messages import Role, Text
from chatmodes.store.archive import ArchivedConversation, ArchivedFile, ArchivedMessage
from chatmodes.store.ids import stable_id


class Node(msgspec.Struct, kw_only=True):
    """One node of a foreign tree. One without a role is no message: its children move up to its parent."""

    key: str
    parent: str | None
    role: Role | None = None
    text: str = ""
    created: float | None = None
    model: str = ""
    files: tuple[ArchivedFile, ...] = ()


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
    """The conversation these nodes make, None where no message is among them.

    Ids follow from the source's own, so that a later export of the same conversation adds to it.
    """
    by_key = {node.key: node for node in nodes}
    times = [node.created for node in by_key.values() if node.created is not None]
    began = created if created is not None else min(times, default=0.0)
    messages: list[ArchivedMessage] = []
    ids: dict[str, str | None] = {}
    for node in _parents_first(by_key):
        parent = ids.get(node.parent) if node.parent is not None else None
        if node.role is None or not (node.text.strip() or node.files):
            ids[node.key] = parent
            continue
        at = node.created if node.created is not None else began
        ids[node.key] = id = stable_id(at, source, key, node.key)
        messages.append(
            ArchivedMessage(
                id=id, parent=parent, role=node.role, parts=(Text(node.text),) if node.text else (), created=at,
                model=node.model, attachments=node.files,
            )
        )  # fmt: skip
    if not messages:
        return None
    return ArchivedConversation(
        id=stable_id(began, source, key), title=title, created=began,
        updated=updated if updated is not None else max([began, *times]), archived=archived,
        leaf=(ids.get(leaf) if leaf is not None else None) or messages[-1].id, messages=tuple(messages),
    )  # fmt: skip


def timestamp(text: str | None) -> float | None:
    """Seconds since 1970 of an ISO 8601 time, taken for UTC where it names no zone; None for anything else."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


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
