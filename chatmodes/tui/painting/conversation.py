"""Puts the session into the transcript: a whole path at once, and a live run's news frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chatmodes.folding import RunView
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.painting import projection, run_text
from chatmodes.tui.painting.run import RunPainter
from chatmodes.tui.transcript import Transcript, blocks

if TYPE_CHECKING:
    from chatmodes.store.records import StoredMessage


FIRST_WAITING = "waiting:0"
"""The block of the first prompt that waits for its turn: everything else stands above it."""


class ConversationPainter:
    """The one place that changes the blocks of the chat's transcript."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._runs: dict[str, RunPainter] = {}
        """Of the runs under way, by the message they write."""

    def show(
        self,
        path: Sequence[StoredMessage],
        views: Mapping[str, RunView],
        live: Mapping[str, LiveRun],
        waiting: Sequence[str] = (),
    ) -> None:
        """Show a path, its live runs as far as they are, and the prompts that wait behind it."""
        self._runs.clear()
        stored = [message for message in path if message.id not in live]
        self._transcript.load(list(projection.path_blocks(stored, views)))
        for message in path:
            if message.id in live:
                self.update(live[message.id])
        self.show_waiting(waiting)

    def show_waiting(self, waiting: Sequence[str]) -> None:
        """The prompts that wait for their turn, below everything else."""
        transcript = self._transcript
        for index in range(100):
            if f"waiting:{index}" not in transcript.document:
                break
            transcript.remove_block(f"waiting:{index}")
        for index, text in enumerate(waiting):
            begin, _, more = projection.shortened(text)
            transcript.append(blocks.prompt(f"waiting:{index}", f"{begin}\n{more}".rstrip(), "You · waiting"))

    def note(self, id: str, text: str, tone: blocks.Tone = "notice") -> None:
        """A line of the program's own at the end; the same id replaces the one before."""
        block = blocks.Block(id, tone, text, markdown=False)
        if id in self._transcript.document:
            self._transcript.remove_block(id)
        self._append(block)

    def add_extras(self, answer: StoredMessage, view: RunView) -> None:
        """What was read late about an answer: its reasoning and its drafts above it, and how it ended.

        A run that was stopped or failed before its answer has no block but the note, and the stored message's state
        says less than the run's own end: no cause and no next step.
        """
        transcript, message = self._transcript, answer.id
        id = projection.note_id(message)
        if message not in transcript.document and id not in transcript.document:
            return
        self._painter(message).add_behind(view)
        if run_text.auto_reason(view) and message in transcript.document:
            transcript.set_head(message, projection.stored_head(answer, view))
        note = projection.end_note(message, view, projection.elsewhere(answer))
        if note is None:
            return
        if id in transcript.document:
            transcript.replace(id, note)
        elif view.status == "finished":
            transcript.insert(note, before=message)

    def update(self, live: LiveRun) -> None:
        """Bring the transcript up to the run's view."""
        if live.message not in self._runs:
            self._runs[live.message] = self._painter(live.message)
        self._runs[live.message].update(live.view, live.now, projection.live_head(live.view, live.run.model))

    def finish(self, live: LiveRun, message: StoredMessage | None) -> None:
        """The run has ended: fold what stands before the answer, say how it ended."""
        transcript, view = self._transcript, live.view
        head = projection.live_head(view, live.run.model, projection.place(message) if message else "")
        painter = self._runs.pop(live.message, None) or self._painter(live.message)
        painter.finish(view, live.now, head)
        if live.message in transcript.document:
            transcript.set_head(live.message, head)
        note = projection.end_note(live.message, view, projection.elsewhere(message) if message else "")
        if note is not None and view.status == "finished" and live.message in transcript.document:
            transcript.insert(note, before=live.message)
        elif note is not None:
            painter.put(note)

    def _painter(self, message: str) -> RunPainter:
        return RunPainter(self._transcript, message, unfold=True, above=FIRST_WAITING)

    def _append(self, block: blocks.Block) -> None:
        """Add a block at the end, above the prompts that wait."""
        if FIRST_WAITING in self._transcript.document:
            self._transcript.insert(block, before=FIRST_WAITING)
        else:
            self._transcript.append(block)
