"""Models that say what a test tells them to, when it tells them to: the seam `Models`, without a network or a clock.

What a call does is a list of steps. Waiting is for a named gate that the test or another call opens, never for time, so
that an order is chosen and not hoped for. Every call records how it ended; a run that forgets one is found out.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

import anyio
import anyio.lowlevel

from chatmodes import events as ev
from chatmodes.events import Error, Finish, Usage
from chatmodes.messages import Message, user
from chatmodes.modes import base
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import (
    Call,
    Chunk,
    Finished,
    ModelInfo,
    ProviderError,
    ReasoningChunk,
    TextChunk,
)
from chatmodes.settings import Contemplating, Settings

MODEL = "lab/one"


@dataclass(frozen=True)
class Gate:
    """Wait until the gate of this name is open."""

    name: str


@dataclass(frozen=True)
class Open:
    """Open a gate."""

    name: str


@dataclass(frozen=True)
class Fail:
    """End with an error."""

    error: Error
    usage: Usage | None = None


@dataclass(frozen=True)
class Stall:
    """Never go on."""


@dataclass(frozen=True)
class Pause:
    """Let the others have so many turns: time that passes in an order, not in seconds."""

    turns: int


Step = Chunk | Gate | Open | Fail | Stall | Pause
Script = Sequence[Step]


def say(text: str, *, finish: Finish = "stop", thought: str = "", usage: Usage | None = None) -> list[Step]:
    """A whole call: the reasoning, the text word by word, the end."""
    steps: list[Step] = [ReasoningChunk(thought)] if thought else []
    steps += [TextChunk(piece) for piece in pieces(text)]
    return [*steps, Finished(finish, usage or Usage(10, max(1, len(text) // 4), 0, 0), 0.001)]


def pieces(text: str) -> list[str]:
    words = text.split(" ")
    return [word + (" " if at < len(words) - 1 else "") for at, word in enumerate(words)] if text else []


def broken(kind: ev.ErrorKind = "server", message: str = "It broke.") -> list[Step]:
    return [Fail(Error(kind, message, "Try again."))]


@dataclass
class Recorded:
    """A call and how it ended."""

    call: Call
    role: str
    ended: Literal["", "finished", "failed", "cancelled", "left"] = ""


@dataclass
class Scripted:
    """The double. Helpers are found by what their prompt asks."""

    drafts: Sequence[Script] | Mapping[str, Sequence[Script]] = ()
    """Handed out in the order of the calls, round and round. Which of several agents calls first is nobody's choice, so
    that where it matters whose draft is whose, each model has its own."""
    distil: Script | Callable[[Call], Script] = field(
        default_factory=lambda: say('{"consensus": ["they agree"], "contradictions": []}')
    )
    reconcile: Script | Callable[[Call], Script] = field(default_factory=lambda: say("Reconciled.\nANSWER: 42"))
    judge: Script | Callable[[Call], Script] = field(default_factory=lambda: say("BEST: A"))
    infos: dict[str, ModelInfo] = field(default_factory=dict[str, ModelInfo])
    missing: dict[str, Error] = field(default_factory=dict[str, Error])
    calls: list[Recorded] = field(default_factory=list[Recorded])
    gates: dict[str, anyio.Event] = field(default_factory=dict[str, anyio.Event])
    open_streams: int = 0

    def gate(self, name: str) -> anyio.Event:
        return self.gates.setdefault(name, anyio.Event())

    async def prepare(self, models: Iterable[str]) -> None:
        """Nothing to find out."""

    def describe(self, model: str) -> ModelInfo:
        if model in self.missing:
            raise ProviderError(self.missing[model])
        return self.infos.get(model) or ModelInfo(model=model, input_price=1.0, output_price=2.0)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncGenerator[AsyncIterator[Chunk]]:
        bare = self.describe(call.model).small and "\n\n" not in call.messages[-1].text
        recorded = Recorded(call, "draft" if bare else role_of(call))  # small models get the question alone
        script = self._script(recorded)
        self.calls.append(recorded)
        self.open_streams += 1
        chunks = self._play(script, recorded)
        try:
            yield chunks
        except anyio.get_cancelled_exc_class():
            recorded.ended = "cancelled"
            raise
        finally:
            self.open_streams -= 1
            recorded.ended = recorded.ended or "left"
            with anyio.CancelScope(shield=True):
                await chunks.aclose()

    def _script(self, recorded: Recorded) -> Script:
        match recorded.role:
            case "draft":
                return self._draft(recorded.call.model)
            case "distil":
                script = self.distil
            case "reconcile":
                script = self.reconcile
            case _:
                script = self.judge
        return script(recorded.call) if callable(script) else script

    def _draft(self, model: str) -> Script:
        own = isinstance(self.drafts, Mapping)
        drafts = self.drafts[model] if isinstance(self.drafts, Mapping) else self.drafts
        before = [other for other in self.calls if other.role == "draft" and (not own or other.call.model == model)]
        return drafts[len(before) % len(drafts)] if drafts else say("ANSWER: 42")

    async def _play(self, script: Script, recorded: Recorded) -> AsyncGenerator[Chunk]:
        await anyio.lowlevel.checkpoint()
        for step in script:
            match step:
                case Gate(name):
                    await self.gate(name).wait()
                case Open(name):
                    self.gate(name).set()
                case Fail(error, usage):
                    recorded.ended = "failed"
                    raise ProviderError(error, usage)
                case Pause(turns):
                    for _ in range(turns):
                        await anyio.lowlevel.checkpoint()
                case Stall():
                    await anyio.sleep_forever()
                case _:
                    if isinstance(step, Finished):
                        recorded.ended = "finished"
                    yield step
                    await anyio.lowlevel.checkpoint()


def in_turn(*scripts: Script) -> Scripted:
    """Models that answer each call with the next script."""
    waiting = list(scripts)
    return Scripted(judge=lambda _: waiting.pop(0))


def role_of(call: Call) -> str:
    """What a call is for, by its prompt."""
    asked = call.messages[-1].text
    if "Reply with one JSON object" in asked:
        return "distil"
    if "Now answer the question above yourself" in asked:
        return "reconcile"
    if "Show the whole working first" in asked:
        return "draft"
    return "other"


@dataclass
class Ran:
    """A run that has ended."""

    events: list[ev.AnyEvent]
    models: Scripted

    @property
    def end(self) -> ev.Terminal:
        end = self.events[-1]
        assert isinstance(end, ev.RunFinished | ev.RunFailed | ev.RunCancelled)
        return end

    @property
    def finished(self) -> ev.RunFinished:
        assert isinstance(self.end, ev.RunFinished), self.end
        return self.end

    @property
    def failed(self) -> ev.RunFailed:
        assert isinstance(self.end, ev.RunFailed), self.end
        return self.end

    def of(self, *kinds: type[ev.Event]) -> list[ev.AnyEvent]:
        return [event for event in self.events if isinstance(event, kinds)]

    def text_of(self, kind: type[ev.TextDelta | ev.ReasoningDelta | ev.AnswerDelta], agent: str = "") -> str:
        found = [e for e in self.events if isinstance(e, kind) and (not agent or getattr(e, "agent", "") == agent)]
        return "".join(e.text for e in found)


def context(
    models: Scripted,
    settings: Settings | None = None,
    *,
    prompt: str = "What is six times seven?",
    path: tuple[Message, ...] = (),
    system: str = "",
    model: str = MODEL,
    seed: int = 7,
) -> tuple[RunContext, list[ev.AnyEvent]]:
    events: list[ev.AnyEvent] = []
    ctx = RunContext(
        run="r1",
        models=models,
        settings=settings or Settings(),
        model=model,
        path=(*path, user(prompt)),
        system=system,
        sink=events.append,
        seed=seed,
    )
    return ctx, events


async def run(
    mode: str,
    models: Scripted,
    settings: Settings | None = None,
    *,
    prompt: str = "What is six times seven?",
    path: tuple[Message, ...] = (),
    system: str = "",
    model: str = MODEL,
    seed: int = 7,
) -> Ran:
    """Run a mode to its end and look at what every run must keep."""
    ctx, events = context(models, settings, prompt=prompt, path=path, system=system, model=model, seed=seed)
    with anyio.fail_after(60):
        await conduct(base.get(mode), ctx)
    ran = Ran(events, models)
    check(ran)
    return ran


def check(ran: Ran) -> None:
    """What holds for every run, however it went."""
    events = ran.events
    assert isinstance(events[0], ev.RunStarted)
    assert len(ran.of(ev.RunFinished, ev.RunFailed, ev.RunCancelled)) == 1
    assert isinstance(events[-1], ev.RunFinished | ev.RunFailed | ev.RunCancelled)
    started = [e.agent for e in events if isinstance(e, ev.AgentStarted)]
    ended = [e.agent for e in events if isinstance(e, ev.AgentFinished | ev.AgentFailed | ev.AgentCancelled)]
    assert len(set(started)) == len(started)
    assert sorted(started) == sorted(ended)
    assert ran.models.open_streams == 0
    assert all(recorded.ended for recorded in ran.models.calls)
    assert [e.at for e in events] == sorted(e.at for e in events)
    answer: list[str] = []
    for event in events:
        if isinstance(event, ev.AnswerDelta):
            answer.append(event.text)
        elif isinstance(event, ev.AnswerRestarted):
            answer.clear()
    if isinstance(ran.end, ev.RunFinished):
        assert ran.end.answer == "".join(answer)
        assert ran.end.answer.strip()
        drafted = [e for e in events if isinstance(e, ev.AgentStarted) and e.role == "draft"]
        if drafted:
            assert ran.end.planned == len(drafted)
    else:
        assert ran.end.partial == "".join(answer)


def panel(**changes: object) -> Settings:
    """Settings for Contemplating."""
    return Settings(contemplating=Contemplating(**changes))  # pyright: ignore[reportArgumentType]
