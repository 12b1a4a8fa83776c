"""What `ask` says on stderr while a run is under way: enough to know that it lives, and nothing that is data."""

import sys

from chatmodes import events as ev
from chatmodes.dollars import money
from chatmodes.folding import RunView, fold
from chatmodes.sanitize import clean, one_line

_UNCOUNTED = {
    "length": "reached the token limit; its draft does not count",
    "filtered": "was withheld by a content filter; its draft does not count",
}


def _ceiling(plan: ev.Plan) -> str:
    """The most that may be spent, said before it is."""
    if plan.max_tokens is None:
        return ""
    cost = " at a price that is not known" if plan.max_cost is None else ""
    return f", at most {plan.max_tokens:,} tokens{f' and {money(plan.max_cost)}' if plan.max_cost else cost}"


class Narrator:
    """Reads a run's events and tells a person about them."""

    def __init__(self, *, quiet: bool, reasoning: bool) -> None:
        self.view = RunView()
        """The run so far."""
        self._quiet = quiet
        self._reasoning = reasoning and not quiet
        self._live = sys.stderr.isatty() and not quiet
        self._open_line = False
        self._waited: set[str] = set()

    def tell(self, event: ev.AnyEvent) -> None:
        """Say what the event means, where it means something to a person."""
        fold(self.view, event)
        if self._quiet:
            return
        match event:
            case ev.ReasoningDelta(text=text) if self._reasoning:
                self._say(clean(text), end="")
            case ev.RunStarted(plan=plan) if len(plan.slots) > 1:
                drafts = [slot for slot in plan.slots if slot.role == "draft"]
                self._line(f"{len(drafts)} agents{_ceiling(plan)}" + (f" ({plan.reason})" if plan.reason else ""))
            case ev.RunStarted(plan=plan, mode=mode) if plan.reason:
                self._line(f"{mode}: {plan.reason}")
            case ev.AgentWaiting(cause=cause) if cause not in self._waited:
                self._waited.add(cause)  # five agents wait for one model; once is enough
                self._line(cause)
            case ev.AgentRetrying():
                self._line(
                    f"{event.agent}: {event.cause.message} Again in {event.wait:.1f} s (attempt {event.attempt})."
                )
            case ev.AgentFailed() if len(self.view.agents) > 1:
                self._line(f"{event.agent} failed: {event.error.message}")
            case ev.AgentFinished(finish=finish) if finish in _UNCOUNTED and self._drafting(event.agent):
                self._line(f"{event.agent} {_UNCOUNTED[finish]}")
            case ev.Agreement():
                said = " · ".join(f"{cluster.answer} ×{len(cluster.agents)}" for cluster in event.clusters)
                self._line(f"agreement: {said or 'no short answers'}, {event.outstanding} out")
            case ev.AnswerRestarted():
                self._line(event.reason)
            case ev.ToolFinished() if called := self.view.tools.get(event.call):
                how = "was not run: " if event.denied else "failed: " if event.error else ""
                self._line(f"{called.tool} {one_line(called.arguments, 200)} → {how}{one_line(event.result, 200)}")
            case _:
                pass

    def _drafting(self, agent: str) -> bool:
        view = self.view.agents.get(agent)
        return view is not None and view.role == "draft"

    def answer_begins(self) -> None:
        """The answer is about to be written: finish a line of reasoning, so that the two do not run together."""
        if self._open_line:
            self._say("\n", end="")

    def end(self, terminal: ev.Terminal) -> None:
        """One line about the run as a whole, for a person at a terminal."""
        if isinstance(terminal, ev.RunCancelled) and not self._quiet:
            self._line(f"{terminal.reason}; what had come is above" if terminal.partial else terminal.reason)
        if isinstance(terminal, ev.RunFinished):
            if terminal.degraded and not self._quiet:
                self._line(terminal.degraded)
            if self.view.sources and not self._quiet:
                self._line(f"Sources: {' · '.join(one_line(each, 200) for each in self.view.sources[:20])}")
            if self._live:
                self._line(self._summary(terminal))

    def _summary(self, terminal: ev.RunFinished) -> str:
        tokens, cost = terminal.usage.output_tokens, terminal.cost
        parts = [
            self.view.mode,
            f"{terminal.seconds:.1f} s",
            f"{tokens:,} tokens" if tokens is not None else "tokens unknown",
            money(cost) if cost is not None else "cost unknown",
        ]
        if self.view.ttft is not None:
            parts.insert(1, f"first token {self.view.ttft:.2f} s")
        return " · ".join(parts)

    def _line(self, text: str) -> None:
        self.answer_begins()
        self._say(clean(text).replace("\n", " "), end="\n")

    def _say(self, text: str, *, end: str) -> None:
        dim, plain = ("\033[2m", "\033[0m") if self._live else ("", "")
        sys.stderr.write(f"{dim}{text}{plain}{end}")
        sys.stderr.flush()
        self._open_line = not (text + end).endswith("\n")
