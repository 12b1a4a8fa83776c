"""A run told as one stream of text beside the answer: what the agents do, as reasoning.

Several agents write at once, and a client has one place for all of it. So each piece is led in by who writes it
whenever that changes, and what the run itself says (how the drafts agree, who failed) stands on lines of its own.
"""

from chatmodes import events as ev


class Reasoning:
    """Turns events into the text that a client shows as reasoning."""

    def __init__(self) -> None:
        self._many = False
        self._speaker = ""
        self._agreement = ""
        self._begun = False
        self._waited: set[str] = set()
        self._thinks: dict[str, bool] = {}
        """Whether each agent thought when it was last heard."""

    def told(self, event: ev.AnyEvent) -> str:
        """What this event adds; empty where it adds nothing."""
        match event:
            case ev.RunStarted():
                self._many = len(event.plan.slots) > 1
            case ev.ReasoningDelta() | ev.TextDelta():
                return self._said(event.agent, event.text, thinks=isinstance(event, ev.ReasoningDelta))
            case ev.AgentFailed() if self._many:
                return self._line(f"{event.agent} failed: {event.error.message}")
            case ev.AgentRetrying():
                return self._line(f"{event.agent} tries again: {event.cause.message}")
            case ev.AgentCancelled() if self._many:
                return self._line(f"{event.agent} stopped: {event.reason}")
            case ev.AgentWaiting() if event.cause not in self._waited:
                self._waited.add(event.cause)  # five agents wait for one model; once is enough
                return self._line(event.cause)
            case ev.RunFinished() if event.degraded:
                return self._line(event.degraded)
            case ev.Agreement():
                return self._agreed(event)
            case ev.Distilled():
                return self._line("The drafts were compared.")
            case _:
                pass
        return ""

    def _said(self, agent: str, text: str, *, thinks: bool) -> str:
        before, self._thinks[agent] = self._thinks.get(agent, thinks), thinks
        if self._many and agent != self._speaker:
            self._speaker = agent
            return f"{self._gap()}[{agent}] {text}"
        gap = self._gap() if before and not thinks else ""  # between what it thought and what it wrote
        self._begun = self._begun or bool(text)
        return f"{gap}{text}"

    def _agreed(self, event: ev.Agreement) -> str:
        said = ", ".join(f"{cluster.answer} ({len(cluster.agents)})" for cluster in event.clusters)
        if not said or said == self._agreement:
            return ""
        self._agreement = said
        return self._line(f"So far: {said}")

    def _line(self, text: str) -> str:
        self._speaker = ""
        return f"{self._gap()}{text}"

    def _gap(self) -> str:
        gap = "\n\n" if self._begun else ""
        self._begun = True
        return gap
