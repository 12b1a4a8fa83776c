"""What a run brought, and the error for one that brought nothing."""

from dataclasses import dataclass

from chatmodes import events as ev
from chatmodes.folding import RunView


class AnswerError(Exception):
    """A run failed or was cancelled. The message is one sentence, `error` the typed cause, `answer` what had come."""

    def __init__(self, error: ev.Error, answer: "Answer") -> None:
        super().__init__(error, answer)  # as it was made, so that a pool of processes can hand it back
        self.error = error
        self.answer = answer

    def __str__(self) -> str:
        return f"{self.error.message} {self.error.hint}".strip()


@dataclass(frozen=True, repr=False)
class Answer:
    """What a run brought."""

    run: RunView
    """The whole run: its plan, its agents with their drafts, how the answer came about."""

    @property
    def text(self) -> str:
        """The answer."""
        return self.run.answer_text

    @property
    def reasoning(self) -> str:
        """What the model that wrote the answer thought before; empty where it did not, or does not show it."""
        writers = [agent for agent in self.run.agents.values() if agent.role in ("answer", "reconcile")]
        return "".join(piece for agent in writers for piece in agent.reasoning)

    @property
    def usage(self) -> ev.Usage:
        """Tokens of the whole run; None in a count that is unknown."""
        return self.run.end.usage if self.run.end else ev.Usage()

    @property
    def cost(self) -> float | None:
        """US dollars for the whole run; None where that is unknown."""
        return self.run.end.cost if self.run.end else None

    @property
    def degraded(self) -> str:
        """What it lacks, a sentence: it was cut at the token limit, agents failed; empty where it lacks nothing."""
        return self.run.end.degraded or "" if isinstance(self.run.end, ev.RunFinished) else ""

    def __str__(self) -> str:
        return self.text

    def __format__(self, spec: str) -> str:
        return format(self.text, spec)

    def __repr__(self) -> str:
        return f"<Answer in {self.run.mode or 'no'} mode, {self.run.status}: {self.text!r}>"


def whole(view: RunView) -> Answer:
    """The answer of a run that has ended. Raises `AnswerError` where it brought none."""
    answer = Answer(view)
    match view.end:
        case ev.RunFinished():
            return answer
        case ev.RunFailed(error=error):
            raise AnswerError(error, answer)
        case ev.RunCancelled(reason=reason):
            raise AnswerError(ev.Error("stream_cut", f"The run was cancelled: {reason}."), answer)
        case None:
            raise AssertionError("a run that was read to its end has one")
