"""One run painted into a transcript, frame by frame: what came since the last look, in the chat and in a column alike.

What is drawn follows from the folded view alone. It counts how often the answer and an agent began anew, so that what
was drawn of a text that is void is taken away wherever it stands.
"""

from dataclasses import dataclass, replace

from chatmodes.folding import AgentView, RunView
from chatmodes.tui.painting import projection, run_text
from chatmodes.tui.transcript import Transcript, blocks


@dataclass
class _Drawn:
    """How much of a text the transcript already has."""

    pieces: int = 0
    restarts: int = 0


class RunPainter:
    """Draws the blocks of one answer: the agents' line, the reasoning, the text.

    message: the answer's id in the transcript, from which those of the other blocks follow (`projection`).
    unfold: show reasoning while it comes and fold it when it ends; otherwise it is folded from the first.
    above: the id of a block that all of the run stands above, where there is one.
    """

    def __init__(self, transcript: Transcript, message: str, *, unfold: bool, above: str = "") -> None:
        self._transcript, self._message, self._unfold, self._above = transcript, message, unfold, above
        self._answer, self._reasoning = _Drawn(), _Drawn()
        self._thinking = False
        """The reasoning is shown because it is still coming."""

    def update(self, view: RunView, now: float, head: str = "", *, behind: bool = True) -> None:
        """Draw what came. `now` is seconds since the run began, `head` stands above the answer; without `behind` its
        reasoning and agents stay hidden."""
        if behind:
            if view.drafts:
                self._put_panel(run_text.panel_line(view, now))
            if view.reasoner is not None:
                self._draw_reasoning(view, view.reasoner, now)
            if view.tools:
                self._draw_tools(view, now)
        self._draw_answer(view, head)

    def finish(self, view: RunView, now: float, head: str = "", *, behind: bool = True) -> None:
        """The run has ended: draw the rest, and fold what stands before the answer."""
        self.update(view, now, head, behind=behind)
        for id in (projection.reasoning_id(self._message), self._message):
            if id in self._transcript.document:
                self._transcript.finish(id)
        if self._message not in self._transcript.document and view.answer_text:
            self.put(blocks.answer(self._message, view.answer_text, head))
        if behind:
            self.add_behind(view)

    def add_behind(self, view: RunView) -> None:
        """The reasoning and the drafts of an ended run, folded. What is there already keeps its fold."""
        sources = projection.sources_block(self._message, view)
        for block in (*projection.extra_blocks(self._message, view), *([sources] if sources else [])):
            if block.id not in self._transcript.document:
                self.put(block)
            elif block.tone != "reasoning":
                folded = self._transcript.document.entry(block.id).block.folded
                self._transcript.replace(block.id, replace(block, folded=folded))
            else:
                self._set_head(block.id, block.head)

    def put(self, block: blocks.Block) -> None:
        """Add a block in its place: the answer, its sources and its note at the end, all else before them."""
        ends = (self._message, projection.sources_id(self._message), projection.note_id(self._message))
        last = ends[ends.index(block.id) + 1 :] if block.id in ends else ends
        before = next((id for id in (*last, self._above) if id and id in self._transcript.document), None)
        if before is None:
            self._transcript.append(block)
        else:
            self._transcript.insert(block, before=before)

    def _put_panel(self, line: str) -> None:
        id = projection.panel_id(self._message)
        if id in self._transcript.document:
            self._set_head(id, line)
        else:
            self.put(blocks.agents(id, line))

    def _draw_tools(self, view: RunView, now: float) -> None:
        """Each call's line; a call that is over gets its result behind it, once."""
        for block in projection.tool_blocks(self._message, view, now):
            if block.id not in self._transcript.document:
                self.put(block)
                continue
            shown = self._transcript.document.entry(block.id).block
            if shown.text != block.text:
                self._transcript.replace(block.id, replace(block, folded=shown.folded))
            else:
                self._set_head(block.id, block.head)

    def _draw_reasoning(self, view: RunView, agent: AgentView, now: float) -> None:
        id, line = projection.reasoning_id(self._message), run_text.reasoning_line(view, agent, now)
        self._take_back(id, self._reasoning, agent.restarts)
        if id not in self._transcript.document:
            self.put(blocks.reasoning(id, head=line, folded=not self._unfold, live=True))
            self._thinking = self._unfold
        self._stream(id, agent.reasoning, self._reasoning)
        if not run_text.thinking(view, agent) and self._thinking:
            self._thinking = False
            self._transcript.flush()
            self._transcript.set_folded(id, True)
        self._set_head(id, line)

    def _draw_answer(self, view: RunView, head: str) -> None:
        self._take_back(self._message, self._answer, view.restarts)
        if not view.answer:
            return
        if self._message not in self._transcript.document:
            self.put(blocks.answer(self._message, head=head, live=True))
        self._stream(self._message, view.answer, self._answer)

    def _take_back(self, id: str, drawn: _Drawn, restarts: int) -> None:
        """Take away what was drawn of a text that began anew since."""
        if drawn.restarts != restarts:
            if id in self._transcript.document:
                self._transcript.remove_block(id)
            drawn.pieces, drawn.restarts = 0, restarts

    def _stream(self, id: str, pieces: list[str], drawn: _Drawn) -> None:
        if len(pieces) > drawn.pieces:
            self._transcript.stream(id, "".join(pieces[drawn.pieces :]))
            drawn.pieces = len(pieces)

    def _set_head(self, id: str, head: str) -> None:
        if self._transcript.document.entry(id).block.head != head:
            self._transcript.set_head(id, head)
