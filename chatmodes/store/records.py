"""What the store hands out: plain records, detached from the database.

Times are seconds since 1970 (UTC). Identifiers are sixteen letters and digits that sort by the time they were made.
"""

from typing import Any, Literal

import msgspec

from chatmodes.events import AnyEvent, Usage
from chatmodes.messages import Message

MessageState = Literal["complete", "partial", "failed", "cancelled"]
"""`partial` is an answer that is being written, or was when its program died."""

RunStatus = Literal["running", "finished", "failed", "cancelled", "cut"]
"""`cut` is a run whose program died; its events end in a `run_cancelled` that says so."""

Verdict = Literal["winner", "tie", "none"]


class Conversation(msgspec.Struct, frozen=True, kw_only=True):
    """A tree of messages, with what a list shows of it and what it goes on with."""

    id: str
    title: str
    """Empty until someone names it; `preview` then says what it is about."""
    preview: str = ""
    """The beginning of the first prompt, on one line."""
    created: float
    updated: float
    pinned: bool = False
    archived: bool = False
    leaf: str | None = None
    """The message whose path from the root is shown and sent; `None` in an empty conversation."""
    mode: str = ""
    """The mode it goes on with; empty where it has none of its own. So too `model` and `settings`."""
    model: str = ""
    settings: dict[str, Any] = {}
    """What it overrides of the settings: system, temperature, max_tokens, effort, stop, tools."""
    tags: tuple[str, ...] = ()
    version: int = 0
    """Grows with whatever changes in the conversation, by whichever program."""

    @property
    def name(self) -> str:
        """What a list calls it; never empty."""
        return self.title or self.preview or "Untitled"


class StoredMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message in its place in the tree."""

    id: str
    conversation: str
    parent: str | None
    message: Message
    """For an answer still being written: what came so far."""
    state: MessageState
    created: float
    run: str | None = None
    mode: str = ""
    """Of the run that wrote it; empty for what a person typed and for what was imported."""
    model: str = ""
    position: int = 1
    """Its place among its siblings, from 1, oldest first."""
    siblings: int = 1
    """How many there are at this place, itself included."""


class StoredRun(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a run besides its events."""

    id: str
    message: str
    """The answer it writes."""
    conversation: str
    mode: str
    model: str
    status: RunStatus
    created: float
    usage: Usage = Usage()
    cost: float | None = None
    seconds: float | None = None
    ttft: float | None = None
    comparison: str | None = None


class RunLog(msgspec.Struct, frozen=True, kw_only=True):
    """A run's events, as far as they can be read."""

    events: tuple[AnyEvent, ...]
    damaged: bool = False
    """Some are missing, since what holds them is damaged."""


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """One prompt with the runs that answer it side by side."""

    id: str
    conversation: str
    prompt: str
    """The id of the user's message the runs answer."""
    blind: bool
    created: float
    topic: str = ""
    runs: tuple[StoredRun, ...] = ()
    """In the order they were begun."""


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """What someone thought of a comparison; each has at most one, whoever changes their mind replaces it."""

    id: str
    comparison: str
    verdict: Verdict
    winner: str | None
    """The run's id where the verdict is `winner`."""
    reason: str
    topic: str
    at: float
    blind: bool
    runs: tuple[StoredRun, ...]
    """Who stood for election, the winner among them."""


class Spent(msgspec.Struct, frozen=True, kw_only=True):
    """What calls of one model for one purpose have cost."""

    model: str
    what: str
    """The mode that answered, or what the program itself called for: a name, a summary."""
    calls: int
    """Runs or calls."""
    cost: float | None
    """US dollars of those whose cost is known; None where that is none."""
    unknown: int
    """How many cost what nobody knows."""


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an attached file without its bytes."""

    hash: str
    """SHA-256 of the content, in hexadecimal."""
    name: str
    media_type: str
    size: int


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """One message that a search found."""

    id: str
    """The conversation's."""
    title: str
    snippet: str
    """The words around the first match, on one line."""
    at: float
    message: str
    role: str
    mode: str = ""
    model: str = ""


class Sizes(msgspec.Struct, frozen=True, kw_only=True):
    """Counts, and bytes as they lie on the disk (`file`) and as content (the rest, before SQLite's own overhead)."""

    conversations: int
    messages: int
    runs: int
    file: int
    text: int
    events: int
    attachments: int
    deleted: int
    """Messages in the trash."""
    free: int
    """Bytes inside the file that new content will reuse."""


class PrunePlan(msgspec.Struct, frozen=True, kw_only=True):
    """What `prune` would take away, worked out before anything is touched."""

    conversations: tuple[Conversation, ...] = ()
    """To be deleted whole."""
    messages: int = 0
    runs: tuple[str, ...] = ()
    """Whose events (drafts, reasoning) are to be dropped while their answers stay."""
    bytes: int = 0
    """About what it frees."""
