"""Puts the session into the transcript: a whole path at once, and a live run's news frame by frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chatmodes.folding import RunView
from chatmodes.tui.agents.wording import drafts
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.painting import projection, run_text
from chatmodes.tui.transcript import Transcript, blocks

if TYPE_CHECKING:
    from chatmodes.store.records import StoredMessage


@dataclass
class _Drawn:
    """How much of a live run the transcript already has."""

    answer: int = 0
    """Pieces of the answer."""
    restarts: int = 0
    reasoning: int = 0
    """Pieces of the reasoning."""
    retries: int = 0
    thinking: bool = False
    """The reasoning block is still open."""


class Presenting:
    """The one place that changes the transcript's blocks."""

    def __init__(self, transcript: Transcript) -> None:
        self._transcript = transcript
        self._drawn: dict[str, _Drawn] = {}

    def show(
        self,
        path: Sequence[StoredMessage],
        views: Mapping[str, RunView],
        live: Mapping[str, LiveRun],
        waiting: Sequence[str] = (),
    ) -> None:
        """Show a path, its live runs as far as they are, and the prompts that wait behind it."""
        self._drawn.clear()
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
        anchor = message if message in transcript.document else id
        if anchor not in transcript.document:
            return
        for block in projection.extra_blocks(message, view):
            if block.id not in transcript.document:
                transcript.insert(block, before=anchor)
        note = projection.end_note(message, view, projection.elsewhere(answer))
        if note is None:
            return
        if id in transcript.document:
            transcript.replace(id, note)
        elif message in transcript.document and view.status == "finished":
            transcript.insert(note, before=message)

    def update(self, live: LiveRun) -> None:
        """Bring the transcript up to the run's view."""
        drawn = self._drawn.setdefault(live.message, _Drawn())
        self._update_panel(live)
        self._update_reasoning(live, drawn)
        self._update_answer(live, drawn)

    def finish(self, live: LiveRun, message: StoredMessage | None) -> None:
        """The run has ended: fold what stands before the answer, say how it ended."""
        self.update(live)
        transcript, view = self._transcript, live.view
        self._drawn.pop(live.message, None)
        reasoning = projection.reasoning_id(live.message)
        if reasoning in transcript.document:
            transcript.finish(reasoning)
            self._close_reasoning(live)
        panel = projection.panel_id(live.message)
        if panel in transcript.document:
            text = run_text.details(view)
            transcript.replace(panel, blocks.agents(panel, run_text.panel_line(view, view.now), text=text))
        if live.message in transcript.document:
            transcript.finish(live.message)
            place = projection.place(message) if message else ""
            transcript.set_head(live.message, projection.live_head(view, live.run.model, place))
        note = projection.end_note(live.message, view, projection.elsewhere(message) if message else "")
        if note is not None:
            if view.status == "finished" and live.message in transcript.document:
                transcript.insert(note, before=live.message)
            else:
                self._append(note)

    def _update_panel(self, live: LiveRun) -> None:
        if not drafts(live.view):
            return
        id, line = projection.panel_id(live.message), run_text.panel_line(live.view, live.now)
        if id in self._transcript.document:
            if self._transcript.document.entry(id).block.head != line:
                self._transcript.set_head(id, line)
        else:
            self._append(blocks.agents(id, line))

    def _update_reasoning(self, live: LiveRun, drawn: _Drawn) -> None:
        agent = run_text.reasoner(live.view)
        if agent is None:
            return
        transcript, id = self._transcript, projection.reasoning_id(live.message)
        if drawn.retries != live.retries:
            if id in transcript.document:
                transcript.remove_block(id)
            drawn.reasoning, drawn.retries = 0, live.retries
        if id not in transcript.document:
            self._append(blocks.reasoning(id, head="Thinking…", folded=False, live=True))
            drawn.thinking = True
        if len(agent.reasoning) > drawn.reasoning:
            transcript.stream(id, "".join(agent.reasoning[drawn.reasoning :]))
            drawn.reasoning = len(agent.reasoning)
        if drawn.thinking:
            transcript.set_head(id, run_text.reasoning_line(live.view, agent, live.now))
            if not run_text.thinking(live.view, agent):
                self._close_reasoning(live)
                drawn.thinking = False

    def _close_reasoning(self, live: LiveRun) -> None:
        agent = run_text.reasoner(live.view)
        if agent is None:
            return
        id = projection.reasoning_id(live.message)
        self._transcript.flush()
        self._transcript.set_head(id, run_text.reasoning_line(live.view, agent, live.now))
        self._transcript.set_folded(id, True)

    def _update_answer(self, live: LiveRun, drawn: _Drawn) -> None:
        transcript, pieces = self._transcript, live.view.answer
        if drawn.restarts != live.restarts:
            if live.message in transcript.document:
                transcript.remove_block(live.message)
            drawn.answer, drawn.restarts = 0, live.restarts
        if not pieces:
            return
        if live.message not in transcript.document:
            head = projection.live_head(live.view, live.run.model)
            self._append(blocks.answer(live.message, head=head, live=True))
        if len(pieces) > drawn.answer:
            transcript.stream(live.message, "".join(pieces[drawn.answer :]))
            drawn.answer = len(pieces)

    def _append(self, block: blocks.Block) -> None:
        """Add a block at the end, above the prompts that wait."""
        if "waiting:0" in self._transcript.document:
            self._transcript.insert(block, before="waiting:0")
        else:
            self._transcript.append(block)
