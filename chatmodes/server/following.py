"""A run read for a client: its events as pieces of an answer, whichever API they are told in."""

import os
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass, field

import anyio
import msgspec

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.messages import ToolCall
from chatmodes.running import Run
from chatmodes.server.outcome import finish_of, refused, spent
from chatmodes.server.shaping import Shape
from chatmodes.server.telling import Reasoning

BEHIND = 20_000
"""Events that a client may be behind before its run is ended: some megabytes, held for nobody (`Running.start`)."""


class Thought(msgspec.Struct, frozen=True):
    """What agents do and think."""

    text: str


class Said(msgspec.Struct, frozen=True):
    """A piece of the answer."""

    text: str


class Refused(msgspec.Struct, frozen=True):
    """What the model says in place of the JSON that was asked for."""

    text: str


class Called(msgspec.Struct, frozen=True):
    """A tool that the client is to run."""

    call: ToolCall
    at: int
    """Which of the answer's calls it is, from 0 on: by this a client that reads a stream tells them apart."""


Piece = Thought | Said | Refused | Called

PLANNED = 2.0
"""Seconds in which a run that cannot be had says so with a status; later it says so in the stream."""
TOGETHER = 256
"""Events that are told in one piece, at most."""
ANEW = "\n\n---\n\n"
"""Between an answer that was broken off and the one in its place: what was sent cannot be taken back."""


@dataclass(eq=False)
class Followed:
    """One run and what has come of it."""

    run: Run
    one_call: bool = False
    stops: tuple[str, ...] = ()
    """Where the answer is to end, whatever the model does."""
    json_alone: bool = False
    """The answer is to be JSON and nothing else."""
    called: frozenset[str] = frozenset()
    """Ids of calls in the conversation: some models number the calls of each answer anew, and clients go by the id."""
    view: RunView = field(default_factory=RunView)
    calls: list[ToolCall] = field(default_factory=list[ToolCall])

    def __post_init__(self) -> None:
        self._reasoning = Reasoning()
        self._said: list[str] = []
        """The answer as it was shown, since it last began."""
        self._shape = Shape(self.stops, alone=self.json_alone)
        self.refusal: str | None = None
        """What stands in place of an answer."""
        self._early: list[Piece] = []

    @property
    def answer(self) -> str:
        """The answer as a client is shown it."""
        return "".join(self._said)

    @property
    def finish(self) -> str:
        """Why the answer ended, in OpenAI's words."""
        return "stop" if self._shape.stopped and not self.calls else finish_of(self.view, self.calls)

    @property
    def failed(self) -> ev.Error | None:
        """Why there is no answer."""
        if self._shape.stopped or spent(self.view):
            return None
        match self.view.end:
            case ev.RunFailed(error=error):
                return error
            case ev.RunCancelled(reason=reason):
                return ev.Error("server", f"The run was stopped: {reason}.")
            case _:
                return None

    def stop(self, reason: str) -> None:
        """End the run where it has not ended."""
        if self.view.end is None:
            self.run.cancel(reason)

    async def begin(self) -> None:
        """Read on until the run is planned, or has failed before that: a missing key has a status then. Auto asks a
        model first, for which no client is kept waiting."""
        with anyio.move_on_after(PLANNED):
            async for event in self.run.events:
                fold(self.view, event)
                _join(self._early, self._told(event))
                if isinstance(event, ev.RunStarted):
                    return

    async def pieces(self) -> AsyncGenerator[Piece]:
        """The run from its begin on. Ends with its terminal event, which `view.end` then has."""
        for piece in self._early:
            yield piece
        async for event in self.run.events:
            pieces: list[Piece] = []
            for each in (event, *self._waiting()):
                fold(self.view, each)
                _join(pieces, self._told(each))
            for piece in pieces:
                yield piece

    def _waiting(self) -> Iterator[ev.AnyEvent]:
        """What has come meanwhile: many tokens in one piece cost about as much as one."""
        try:
            for _ in range(TOGETHER):
                yield self.run.events.receive_nowait()
        except (anyio.WouldBlock, anyio.EndOfStream):
            return

    def _told(self, event: ev.AnyEvent) -> list[Piece]:
        match event:
            case ev.AnswerDelta():
                return self._shown(event.text)
            case ev.AnswerRestarted():
                told = bool(self.answer.strip())
                self._said, self._shape = [], Shape(self.stops, alone=self.json_alone)
                return [Thought(f"\n\n{event.reason}"), Said(ANEW)] if told else self._thought(event)
            case ev.ToolHandedOver():
                if self._shape.stopped or (self.one_call and self.calls):
                    return []
                id = f"call_{os.urandom(10).hex()}" if event.call in self.called else event.call
                self.calls.append(ToolCall(id, event.tool, event.arguments, event.opaque))
                return [*self._rest(), Called(self.calls[-1], len(self.calls) - 1)]
            case ev.RunFinished() | ev.RunFailed() | ev.RunCancelled():
                return [*self._rest(), *self._thought(event)]
            case _:
                return self._thought(event)

    def _shown(self, text: str) -> list[Piece]:
        """A piece of the answer. Where it has come to a stop, nothing more is paid for."""
        was, text = self._shape.stopped, self._shape.feed(text)
        if self._shape.stopped and not was:
            self.stop("the answer reached a stop")
        if text:
            self._said.append(text)
        return [Said(text)] if text else []

    def _rest(self) -> list[Piece]:
        """What of the answer was held back. What stood around its JSON is no part of it, and is not lost."""
        text, beside = self._shape.rest()
        if text and self.json_alone and not self._said and refused(self.view):
            self.refusal = text
            return [Refused(text)]
        self._said.append(text)
        pieces: list[Piece] = [Said(text)] if text else []
        return [*pieces, Thought(self._reasoning.line(beside))] if beside else pieces

    def _thought(self, event: ev.AnyEvent) -> list[Piece]:
        text = self._reasoning.told(event)
        if spent(self.view) and isinstance(self.view.end, ev.RunFailed):
            text += self._reasoning.line(f"{self.view.end.error.message} {self.view.end.error.hint}")
        return [Thought(text)] if text else []


async def begun(followed: list[Followed]) -> ev.Error | None:
    """Let all of them begin, together, and return why one could not."""
    async with anyio.create_task_group() as tasks:
        for each in followed:
            tasks.start_soon(each.begin)
    return next((each.failed for each in followed if each.failed), None)


def _join(pieces: list[Piece], more: list[Piece]) -> None:
    """Append, text to the same kind of text."""
    for piece in more:
        last = pieces[-1] if pieces else None
        if isinstance(last, Said) and isinstance(piece, Said):
            pieces[-1] = Said(last.text + piece.text)
        elif isinstance(last, Thought) and isinstance(piece, Thought):
            pieces[-1] = Thought(last.text + piece.text)
        else:
            pieces.append(piece)
