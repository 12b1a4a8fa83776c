"""The store as its users see it."""

from pathlib import Path
from types import TracebackType
from typing import Self

from chatmodes.events import AnyEvent
from chatmodes.messages import Message
from chatmodes.store.records import (
    Attachment,
    Comparison,
    Conversation,
    Hit,
    MessageState,
    Pick,
    PrunePlan,
    RunStatus,
    Sizes,
    StoredMessage,
    StoredRun,
    Verdict,
)


def open_store(path: Path | None, *, private: bool = False) -> "Store":
    """Open the database at `path`, made where it does not exist; in memory where `path` is None or `private`.

    The caller makes the folder private (`settings.private_folder(home("data")) / "chatmodes.db"`). Raises `StoreError`.
    A database this program may not write (a newer version, a read-only folder) opens with `read_only` set to the
    reason, which a face shows.
    """
    raise NotImplementedError


class RunWriter:
    """Takes a run's events as they happen and puts them on disk in short transactions."""

    run: str
    message: str
    """The id of the answer being written."""

    def add(self, event: AnyEvent) -> None:
        """Take one event. Cheap and from any thread; nothing is written before `flush`."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what came since the last flush; to be called at least every 200 ms, from a thread.

        A terminal event among it ends the run: the answer gets its text and state. When it raises `StoreError` nothing
        is lost: the events stay and the next flush tries again.
        """
        raise NotImplementedError

    def end(self, status: RunStatus = "cut") -> None:
        """Flush and close. A run without a terminal event is marked with `status`; harmless when already ended."""
        raise NotImplementedError


class Store:
    """One database, usable from any thread; every method is one short transaction and raises `StoreError`."""

    file: Path | None
    """Where it lies; None in memory."""
    read_only: str
    """Why nothing can be written, in one sentence; empty where it can."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; harmless when closed."""

    # Conversations

    def new_conversation(self, title: str = "") -> str:
        """Make an empty conversation and return its id."""
        raise NotImplementedError

    def conversation(self, conversation: str) -> Conversation | None:
        """The one with this id or with this unambiguous beginning of an id; None where there is none."""
        raise NotImplementedError

    def conversations(
        self, query: str = "", *, archived: bool | None = False, limit: int = 100, offset: int = 0
    ) -> list[Conversation]:
        """Pinned ones first, then the last used first. `query` is looked for in the names; archived None means both."""
        raise NotImplementedError

    def latest(self) -> Conversation | None:
        """The conversation used last, for `--continue`."""
        raise NotImplementedError

    def rename(self, conversation: str, title: str) -> None:
        raise NotImplementedError

    def pin(self, conversation: str, pinned: bool = True) -> None:
        raise NotImplementedError

    def archive(self, conversation: str, archived: bool = True) -> None:
        raise NotImplementedError

    def delete_conversation(self, conversation: str) -> None:
        """Delete it with everything that hangs on it: messages, runs, comparisons, picks, draft, index."""
        raise NotImplementedError

    # Messages

    def add_message(
        self,
        conversation: str,
        parent: str | None,
        message: Message,
        *,
        state: MessageState = "complete",
        leaf: bool = True,
    ) -> str:
        """Add a message under `parent` (None: a root) and return its id; `leaf` makes it the current one."""
        raise NotImplementedError

    def message(self, message: str) -> StoredMessage | None:
        raise NotImplementedError

    def path(self, leaf: str) -> list[StoredMessage]:
        """Everything from the root to this message, for showing: failed and cut answers too."""
        raise NotImplementedError

    def context(self, leaf: str) -> list[Message]:
        """The same path as a model may see it: answers that came to nothing are left out, and turns alternate."""
        raise NotImplementedError

    def tree(self, conversation: str) -> list[StoredMessage]:
        """All messages, parents before children, siblings oldest first."""
        raise NotImplementedError

    def siblings(self, message: str) -> list[StoredMessage]:
        """The messages under the same parent, itself included, oldest first."""
        raise NotImplementedError

    def leaf_below(self, message: str) -> str:
        """Follow the newest child down to the end: where stepping to a sibling lands."""
        raise NotImplementedError

    def set_leaf(self, conversation: str, leaf: str | None) -> None:
        raise NotImplementedError

    def update_message(self, message: str, content: Message, *, state: MessageState | None = None) -> None:
        """Replace a message's content in place. An edit that is to be answered anew is `add_message` as a sibling."""
        raise NotImplementedError

    def delete_message(self, message: str) -> None:
        """Delete it with everything below it; the leaf moves to the nearest message that remains."""
        raise NotImplementedError

    # Runs

    def begin_run(
        self,
        run: str,
        conversation: str,
        parent: str | None,
        *,
        mode: str,
        model: str,
        comparison: str | None = None,
        leaf: bool = True,
    ) -> RunWriter:
        """Make the answer under `parent` (a user's message) and the run that writes it; `run` is the events' run id."""
        raise NotImplementedError

    def run(self, run: str) -> StoredRun | None:
        raise NotImplementedError

    def run_events(self, run: str) -> list[AnyEvent]:
        """The run's events, consecutive deltas joined: they fold to the same view as the live ones did."""
        raise NotImplementedError

    # Comparisons

    def begin_comparison(self, conversation: str, prompt: str, *, blind: bool = False, topic: str = "") -> str:
        """A comparison of runs that answer the message `prompt`; its runs are begun with its id."""
        raise NotImplementedError

    def comparison(self, comparison: str) -> Comparison | None:
        raise NotImplementedError

    def comparisons(self, conversation: str) -> list[Comparison]:
        raise NotImplementedError

    def record_pick(
        self, comparison: str, verdict: Verdict, winner: str | None = None, *, reason: str = "", topic: str = ""
    ) -> str:
        """Record what someone thought. A winner's answer becomes the conversation's leaf."""
        raise NotImplementedError

    def picks(self, *, since: float | None = None, topic: str | None = None) -> list[Pick]:
        """The newest pick of each comparison, oldest first."""
        raise NotImplementedError

    # Drafts and attachments

    def save_draft(self, conversation: str, text: str) -> None:
        """Keep the composer's text; an empty conversation id is the composer of a chat not yet begun."""
        raise NotImplementedError

    def draft(self, conversation: str) -> str:
        raise NotImplementedError

    def attach(self, message: str, data: bytes, *, name: str = "", media_type: str = "") -> str:
        """Attach a file to a message and return its hash; equal content is stored once."""
        raise NotImplementedError

    def attachments(self, message: str) -> list[Attachment]:
        raise NotImplementedError

    def attachment_data(self, hash: str) -> bytes | None:
        raise NotImplementedError

    # Search and upkeep

    def search(
        self,
        query: str,
        *,
        mode: str = "",
        model: str = "",
        since: float | None = None,
        until: float | None = None,
        limit: int = 20,
        offset: int = 0,
    ) -> list[Hit]:
        """Messages that hold every word and "phrase" of the query, newest first; a word ending in * is a beginning.

        `mode` and `model` ask for answers made by them; part of a model's name will do.
        """
        raise NotImplementedError

    def sizes(self) -> Sizes:
        raise NotImplementedError

    def plan_prune(self, *, before: float, archived_only: bool = False, events_only: bool = False) -> PrunePlan:
        """What was last used before a time: conversations that are not pinned, or only the events of their runs."""
        raise NotImplementedError

    def prune(self, plan: PrunePlan) -> None:
        raise NotImplementedError
