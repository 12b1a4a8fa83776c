"""A run told as one stream of text beside the answer: what the agents do, as reasoning.

Several agents write at once, and a client has one place for all of it. So one speaks as it writes until its passage
ends, while what the others write waits for their turn: token by token in turns, nobody could read any of them. Each
passage is led in by who wrote it, and what the run itself says (how the drafts agree, who failed) stands on lines of
its own.
"""

from chatmodes import events as ev

PASSAGE = 300
"""Characters after which a passage ends though no sentence does, and as many as one agent waits with."""
SHORT = 80
"""Characters that a passage has at least where others wait: a sentence of three words is none."""


class Reasoning:
    """Turns events into the text that a client shows as reasoning."""

    def __init__(self) -> None:
        self._many = False
        self._speaker = ""
        self._passage = ""
        """What the speaker has said in its turn, as far as its end is judged by: one that writes alone has no end."""
        self._waiting: dict[str, str] = {}
        """What each agent has written since its turn ended, who waits longest first."""
        self._agreement = ""
        self._begun = False
        self._lined = False
        """A line was the last that was told: what an agent says then stands apart from it."""
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
            case ev.AgentFinished() if self._many:
                return self._ended(event.agent)
            case ev.AgentFailed() if self._many:
                return self.line(f"{event.agent} failed: {event.error.message}")
            case ev.AgentRetrying():
                return self.line(f"{event.agent} tries again: {event.cause.message}")
            case ev.AgentCancelled() if self._many:
                return self.line(f"{event.agent} stopped: {event.reason}")
            case ev.AgentWaiting() if event.cause not in self._waited:
                self._waited.add(event.cause)  # five agents wait for one model; once is enough
                return self.line(event.cause)
            case ev.RunFinished() if event.degraded:
                return self.line(event.degraded)
            case ev.RunFinished() | ev.RunFailed() | ev.RunCancelled():
                return self._rest()
            case ev.Agreement():
                return self._agreed(event)
            case ev.Distilled():
                return self.line("The drafts were compared.")
            case _:
                pass
        return ""

    def _said(self, agent: str, text: str, *, thinks: bool) -> str:
        before, self._thinks[agent] = self._thinks.get(agent, thinks), thinks
        apart = before and not thinks  # between what it thought and what it wrote
        if not self._many:
            gap = self._gap() if apart or self._lined else ""
            self._lined = False
            self._begun = self._begun or bool(text)
            return f"{gap}{text}"
        text = f"\n\n{text}" if apart else text
        if agent == self._speaker and not (self._over() and self._waiting):
            self._passage = (self._passage + text)[-2 * PASSAGE :]
            return text
        self._waiting[agent] = self._waiting.get(agent, "") + text
        if not self._speaker or self._over() or len(self._waiting[agent]) >= PASSAGE:
            return self._turn(next(iter(self._waiting)))
        return ""

    def _over(self) -> bool:
        """Whether the speaker's passage is at an end."""
        said = self._passage.rstrip(" ")
        return len(said) >= PASSAGE or (len(said) >= SHORT and said.endswith((".", "!", "?", "\n", "。", "！", "？")))

    def _turn(self, agent: str) -> str:
        """The turn of one that waits: all that it has written meanwhile."""
        self._speaker, self._passage = agent, self._waiting.pop(agent)
        return f"{self._gap()}[{agent}] {self._passage.lstrip()}"

    def _ended(self, agent: str) -> str:
        """The rest of an agent that has ended; where it spoke, who waits longest is next."""
        told = self._turn(agent) if agent in self._waiting else ""
        if agent == self._speaker:
            self._speaker = ""
            told += self._turn(next(iter(self._waiting))) if self._waiting else ""
        return told

    def _rest(self) -> str:
        """All that waits."""
        return "".join(self._turn(agent) for agent in list(self._waiting))

    def _agreed(self, event: ev.Agreement) -> str:
        said = ", ".join(f"{cluster.answer} ({len(cluster.agents)})" for cluster in event.clusters)
        if not said or said == self._agreement:
            return ""
        self._agreement = said
        return self.line(f"So far: {said}")

    def line(self, text: str) -> str:
        """Something that no agent says, on a line of its own."""
        rest, self._speaker, self._lined = self._rest(), "", True
        return f"{rest}{self._gap()}{text}"

    def _gap(self) -> str:
        gap = "\n\n" if self._begun else ""
        self._begun = True
        return gap
