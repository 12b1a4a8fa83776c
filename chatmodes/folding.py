"""Folding a run's events into its state: what a screen, a table and an export show of it.

One function for all of them, live or replayed from the store, so that a stored run looks the way it looked.
"""

from dataclasses import dataclass, field
from typing import Literal, cast

import msgspec

from chatmodes import events as ev
from chatmodes.messages import Image, Part, Text, ToolCall, ToolResult, wire_name

AgentState = Literal["waiting", "reasoning", "writing", "calling", "retrying", "finished", "failed", "cancelled"]
RunStatus = Literal["running", "finished", "failed", "cancelled"]
UNKNOWN = ev.Usage()


@dataclass
class AgentView:
    """One agent as far as it has come."""

    agent: str
    role: ev.AgentRole
    model: str
    started: float
    state: AgentState = "waiting"
    note: str = ""
    """Why it waits, retries or has ended, in words for the screen."""
    text: list[str] = field(default_factory=list[str])
    """Pieces of a draft's text, in order. Joined only by who needs the whole: 200,000 deltas join in one pass."""
    reasoning: list[str] = field(default_factory=list[str])
    characters: int = 0
    """Of text and reasoning together, kept so that no reader has to join to count."""
    reasoning_characters: int = 0
    """Of the reasoning alone."""
    restarts: int = 0
    """How often it began anew: what was shown of its text and reasoning before is void."""
    first_delta: float | None = None
    ended: float | None = None
    usage: ev.Usage = UNKNOWN
    cost: float | None = None
    finish: ev.Finish | None = None
    refused: bool = False
    answer: str | None = None
    error: ev.Error | None = None
    reasoning_seconds: float | None = None
    retry_at: float | None = None
    """When the next attempt is made, in seconds since the run began."""
    attempt: int = 1
    """The number of the attempt under way, or waited for."""


@dataclass
class ToolView:
    """One tool call."""

    agent: str
    call: str
    tool: str
    arguments: str
    started: float
    asking: str = ""
    """What the user is being asked about it; empty while nobody is asked."""
    seconds: float | None = None
    """How long it took; None until it is over."""
    result: str = ""
    error: bool = False
    denied: bool = False
    pictures: tuple[ev.Picture, ...] = ()


@dataclass
class ToolStep:
    """A call that was made, or one that was over, and how much of the answer had been written by then."""

    call: str
    over: bool
    offset: int
    """Characters."""


@dataclass
class RunView:
    """A run as far as it has come."""

    run: str = ""
    mode: str = ""
    prompt: str = ""
    plan: ev.Plan | None = None
    status: RunStatus = "running"
    agents: dict[str, AgentView] = field(default_factory=dict[str, AgentView])
    """In the order they started."""
    answer: list[str] = field(default_factory=list[str])
    answer_characters: int = 0
    """Of the answer so far, as it came."""
    restarts: int = 0
    """How often the answer began anew: what was shown of it before is void."""
    agreement: ev.Agreement | None = None
    distilled: ev.Distilled | None = None
    tools: dict[str, ToolView] = field(default_factory=dict[str, ToolView])
    """Tool calls of all agents by the run's own ids, in the order in which they were made."""
    steps: list[ToolStep] = field(default_factory=list[ToolStep])
    """Calls and results in the order in which they happened."""
    first_answer: float | None = None
    """When the first answer_delta came."""
    now: float = 0.0
    """The `at` of the newest event."""
    end: ev.Terminal | None = None
    beside: float | None = 0.0
    """US dollars of a call made because of it that is none of its own, such as the conversation's name."""

    @property
    def answer_text(self) -> str:
        """The answer: authoritative once finished, what came so far before that and after a failure."""
        if isinstance(self.end, ev.RunFinished):
            return self.end.answer
        return "".join(self.answer)

    @property
    def drafts(self) -> list[AgentView]:
        """The agents that draft, in the order they started."""
        return [agent for agent in self.agents.values() if agent.role == "draft"]

    @property
    def reasoner(self) -> AgentView | None:
        """The answering agent, where it reasoned."""
        return next((agent for agent in self.agents.values() if agent.role == "answer" and agent.reasoning), None)

    @property
    def first_sign(self) -> float | None:
        """Seconds to the first sign of life, from an agent or in the answer, whose text names no agent."""
        return min((at for at in (self.ttft, self.first_answer) if at is not None), default=None)

    @property
    def characters(self) -> int:
        """Everything that was written so far: by all agents, and in the answer."""
        return sum(agent.characters for agent in self.agents.values()) + self.answer_characters

    @property
    def parts(self) -> tuple[Part, ...]:
        """The answer as a message's parts: its text, and the calls and results of whoever answers, as they happened."""
        text = (getattr(self.end, "partial", "") or "".join(self.answer)) if not self._finished else self.answer_text
        parts: list[Part] = []
        at = 0
        for step in self.steps:
            tool = self.tools[step.call]
            agent = self.agents.get(tool.agent)
            if agent is not None and agent.role not in ("answer", "reconcile"):
                continue
            if piece := text[at : step.offset]:
                parts.append(Text(piece))
                at += len(piece)
            parts.append(_result(tool) if step.over else _call(tool))
        if at < len(text):
            parts.append(Text(text[at:]))
        return tuple(parts)

    @property
    def sources(self) -> tuple[str, ...]:
        """The addresses and files that tools brought something from, each once, in the order of the calls."""
        brought = [tool for tool in self.tools.values() if tool.seconds is not None and not (tool.error or tool.denied)]
        return tuple(dict.fromkeys(source for tool in brought if (source := _source(tool.arguments))))

    @property
    def _finished(self) -> bool:
        return isinstance(self.end, ev.RunFinished)

    @property
    def model(self) -> str:
        """The model that writes the answer; empty before the run has begun, and where several draft it."""
        slots = self.plan.slots if self.plan else ()
        return slots[0].model if len(slots) == 1 else ""

    @property
    def ttft(self) -> float | None:
        """Seconds to the first sign of life from any agent."""
        firsts = [a.first_delta for a in self.agents.values() if a.first_delta is not None]
        return min(firsts) if firsts else None


_SOURCES = ("url", "uri", "path")
"""Arguments that name where a result is from, as tools of all makers call them."""


def _source(arguments: str) -> str:
    """Where a call looks; empty where its arguments name no place."""
    try:
        decoded: object = msgspec.json.decode(arguments or "{}")
    except (msgspec.DecodeError, RecursionError):
        return ""
    found = cast("dict[str, object]", decoded) if isinstance(decoded, dict) else {}
    return next((value for name in _SOURCES if isinstance(value := found.get(name), str) and value.strip()), "")


def _call(tool: ToolView) -> ToolCall:
    return ToolCall(id=tool.call, name=wire_name(tool.tool), arguments=tool.arguments)


def _result(tool: ToolView) -> ToolResult:
    failed = tool.error or tool.denied
    content = (Text(tool.result), *map(_picture, tool.pictures))
    return ToolResult(call=tool.call, name=wire_name(tool.tool), content=content, error=failed)


def _picture(each: ev.Picture) -> Image:
    size = len(each.content)
    return Image(each.name, each.media_type, each.hash, each.width, each.height, size, each.content)


def fold(view: RunView, event: ev.AnyEvent) -> None:
    """Apply one event to the view, in place. Unknown agents are ignored: an old log may be incomplete."""
    view.now = event.at
    match event:
        case ev.RunStarted():
            view.run, view.mode, view.prompt, view.plan = event.run, event.mode, event.prompt, event.plan
        case ev.AnswerDelta():
            if view.first_answer is None:
                view.first_answer = event.at
            view.answer.append(event.text)
            view.answer_characters += len(event.text)
            _answering(view, event.at)
        case ev.AnswerRestarted():
            view.answer.clear()
            view.answer_characters = 0
            view.restarts += 1
            for step in view.steps:
                step.offset = 0
        case ev.Agreement():
            view.agreement = event
        case ev.Distilled():
            view.distilled = event
        case ev.RunFinished():
            view.status, view.end = "finished", event
        case ev.RunFailed():
            view.status, view.end = "failed", event
        case ev.RunCancelled():
            view.status, view.end = "cancelled", event
        case ev.AgentStarted():
            view.agents[event.agent] = AgentView(event.agent, event.role, event.model, event.at)
        case ev.ToolCalled():
            view.tools[event.call] = ToolView(event.agent, event.call, event.tool, event.arguments, event.at)
            view.steps.append(ToolStep(event.call, over=False, offset=view.answer_characters))
            _fold_calling(view, event.agent)
        case ev.ToolHandedOver():
            pass
        case ev.ToolAsking() | ev.ToolFinished():
            if called := view.tools.get(event.call):
                _fold_tool(called, event)
                if isinstance(event, ev.ToolFinished):
                    view.steps.append(ToolStep(event.call, over=True, offset=view.answer_characters))
                _fold_calling(view, called.agent)
        case _:
            agent = view.agents.get(event.agent)
            if agent is not None:
                _fold_agent(agent, event)


def _fold_tool(tool: ToolView, event: ev.ToolAsking | ev.ToolFinished) -> None:
    if isinstance(event, ev.ToolAsking):
        tool.asking = event.scope
        return
    tool.asking, tool.seconds, tool.result = "", event.seconds, event.result
    tool.error, tool.denied, tool.pictures = event.error, event.denied, event.pictures


def _fold_calling(view: RunView, name: str) -> None:
    """An agent whose calls are under way says which; once all are over it waits for its model again."""
    agent = view.agents.get(name)
    if agent is None or agent.ended is not None:
        return
    open_calls = [tool for tool in view.tools.values() if tool.agent == name and tool.seconds is None]
    agent.state = "calling" if open_calls else "waiting"
    asking = next((tool for tool in open_calls if tool.asking), None)
    agent.note = (
        f"waits for your word: {asking.asking}"
        if asking
        else ", ".join(f"{tool.tool} {tool.arguments}" for tool in open_calls)
    )


def _answering(view: RunView, at: float) -> None:
    """Text of the answer names no agent: it is whoever answers or reconciles at that moment who writes it."""
    for agent in view.agents.values():
        if agent.role in ("answer", "reconcile") and agent.ended is None:
            agent.state, agent.note = "writing", ""
            if agent.first_delta is None:
                agent.first_delta = at


_AgentEvent = (
    ev.AgentWaiting
    | ev.ReasoningDelta
    | ev.TextDelta
    | ev.AgentRetrying
    | ev.AgentFinished
    | ev.AgentFailed
    | ev.AgentCancelled
)


def _fold_agent(agent: AgentView, event: _AgentEvent) -> None:
    match event:
        case ev.TextDelta() | ev.ReasoningDelta():
            if agent.first_delta is None:
                agent.first_delta = event.at
            writing = isinstance(event, ev.TextDelta)
            (agent.text if writing else agent.reasoning).append(event.text)
            agent.characters += len(event.text)
            agent.reasoning_characters += 0 if writing else len(event.text)
            agent.state, agent.note = ("writing" if writing else "reasoning"), ""
        case ev.AgentWaiting():
            agent.state, agent.note = "waiting", event.cause
        case ev.AgentRetrying():
            agent.state, agent.note = "retrying", event.cause.message
            agent.retry_at, agent.attempt = event.at + event.wait, event.attempt
            agent.text.clear()
            agent.reasoning.clear()
            agent.characters = agent.reasoning_characters = 0
            agent.restarts += 1
        case ev.AgentFinished():
            agent.state, agent.ended, agent.usage, agent.finish = "finished", event.at, event.usage, event.finish
            agent.answer, agent.cost, agent.reasoning_seconds = event.answer, event.cost, event.reasoning_seconds
            agent.refused = event.refused
            if event.ttft is not None and agent.first_delta is None:
                agent.first_delta = agent.started + event.ttft
        case ev.AgentFailed():
            agent.state, agent.ended, agent.usage, agent.finish = "failed", event.at, event.usage, event.finish
            agent.error, agent.note = event.error, event.error.message
        case ev.AgentCancelled():
            agent.state, agent.ended, agent.usage, agent.note = "cancelled", event.at, event.usage, event.reason
