"""What the chat screen shows, as data. Widgets are projections of it, keyed by message and run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chatmodes.folding import RunView
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.painting.projection import message_of

if TYPE_CHECKING:
    from chatmodes.messages import File, Image, Text
    from chatmodes.settings import Settings
    from chatmodes.store.records import Conversation, StoredMessage
    from chatmodes.tui.composer.shelf import Attachment


@dataclass(frozen=True)
class Chosen:
    """What a conversation's prompts are sent with."""

    mode: str
    model: str
    own: dict[str, Any]
    """What it overrides of the settings, by name."""
    settings: Settings
    """All of them, with that."""


@dataclass
class Queued:
    """A prompt that waits for its turn: for the engine, or for the run before it."""

    text: str
    mode: str | None = None
    """None takes the conversation's when its turn comes."""
    model: str | None = None
    conversation: str | None = None
    """None makes a new one."""
    parent: str | None = None
    """With `sibling` set, the message it follows."""
    sibling: bool = False
    """It goes under `parent` whatever the conversation's end is: an edited prompt."""
    mentions: tuple[str, ...] = ()
    """The paths mentioned in it by hand, and …"""
    attached: tuple[Attachment, ...] = ()
    """… what else was attached …"""
    files: tuple[Text | File | Image, ...] = ()
    """… and what goes out of both, as it was when it was sent."""
    chosen: Chosen | None = None
    """What it is sent with where that is not the session's: its conversation is no longer the open one, or it was sent
    with settings of its own …"""
    once: str = ""
    """… which were typed so."""

    @property
    def typed(self) -> str:
        """As it was typed, with the command for its mode or settings: what does the same when it is sent again."""
        if self.once:
            return f"/once {self.once} {self.text}"
        return f"/{self.mode} {self.text}" if self.mode else self.text


@dataclass
class Session:
    """The open conversation, what is under way, and what the next prompt is sent with."""

    settings: Settings
    """With what the open conversation overrides."""
    mode: str
    model: str = ""
    """Chosen for every mode; empty takes the mode's own."""
    base: Settings = field(kw_only=True)
    """The settings that every conversation builds on …"""
    own: dict[str, Any] = field(default_factory=dict[str, Any])
    """… and what the open one overrides of them: `system`, and what `Sampling` has."""
    conversation: str | None = None
    path: list[StoredMessage] = field(default_factory=list["StoredMessage"])
    outdated: bool = False
    """More was stored at the end of the path than could be read again: it is not what the next prompt follows."""
    views: dict[str, RunView] = field(default_factory=dict[str, RunView])
    """Runs that have ended, by the message they wrote, as far as their events were read."""
    live: dict[str, LiveRun] = field(default_factory=dict[str, LiveRun])
    """Runs under way in any conversation, by the message they write."""
    editing: StoredMessage | None = None
    """The prompt that the composer's text is to replace; None while none is edited."""
    topic: str = ""
    """Of the comparison that was picked last: those of an afternoon mostly share one."""
    queue: list[Queued] = field(default_factory=list[Queued])
    conversations: list[Conversation] = field(default_factory=list["Conversation"])

    @property
    def chosen_now(self) -> Chosen:
        """What the next prompt of the open conversation is sent with."""
        return Chosen(self.mode, self.model, dict(self.own), self.settings)

    @property
    def leaf(self) -> str | None:
        """The end of the open path: what the next prompt follows."""
        return self.path[-1].id if self.path else None

    @property
    def running(self) -> list[LiveRun]:
        """Runs of the open conversation that are under way."""
        return [live for live in self.live.values() if live.conversation == self.conversation]

    @property
    def busy(self) -> frozenset[str]:
        """Conversations in which something is under way."""
        return frozenset(live.conversation for live in self.live.values())

    def chosen(self, cursor: str | None, role: str | None = None) -> StoredMessage | None:
        """The message of the block that the cursor is on, otherwise the last one; of a role, the nearest at or above
        it."""
        at = self.find(message_of(cursor)) if cursor else None
        upto = self.path[: self.path.index(at) + 1] if at else self.path
        return next((one for one in reversed(upto) if role in (None, one.message.role)), None)

    def last(self, role: str) -> StoredMessage | None:
        """The last message of a role on the open path."""
        return next((message for message in reversed(self.path) if message.message.role == role), None)

    def find(self, message: str) -> StoredMessage | None:
        """A message of the open path."""
        return next((one for one in self.path if one.id == message), None)
