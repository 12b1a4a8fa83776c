"""The turns of an agent that has tools: its calls are answered, and it is asked again, until it answers or must.

Bounded in every direction: rounds, calls of one turn, equal calls in a row. A call that is not run has a result too,
which says why: a history with a call that nobody answered is refused by every later request.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import anyio

from chatmodes import events as ev
from chatmodes.messages import Image, Part, Text, ToolCall, ToolResult
from chatmodes.modes.asking import NOBODY, Answer, Question
from chatmodes.modes.context import RunContext
from chatmodes.providers.calls import ToolSpec
from chatmodes.sanitize import one_line

if TYPE_CHECKING:
    from chatmodes.tools.offers import Requested
    from chatmodes.tools.toolbox import Outcome, Toolbox

CALLS = 16
"""The most calls of one turn that are run."""
SAME = 3
"""A turn that asks for the very same for so many times in a row is not run any more."""
RESULTS = 200_000
"""Characters of results that an agent reads for one answer: what is brought beyond them is cut to `SHORT`."""
SHORT = 1_000
PICTURES = 12
"""The most pictures that an agent is shown for one answer."""
AT_ONCE = 4
"""How many calls of one turn run at the same time."""

DRAFTING = (
    "It was not run: while several drafts are being written at once nothing may be changed. Answer without it, and say "
    "what would have to be done."
)
TOO_MANY = f"It was not run: no more than {CALLS} calls are run in one turn. Ask again for what is still needed."
AGAIN = "It was not run again: the same was asked for before, and its result stands above. Answer with what is there."
ENOUGH = "It was not run: no more tools may be called for this answer. Answer with what is there."


@dataclass(frozen=True)
class Turn:
    """What a model said in one request that ended with calls."""

    parts: Sequence[Part]
    """Its reasoning and its text."""
    calls: Sequence[ToolCall]


class Tooling:
    """One agent's tools, and how far it has come with them."""

    def __init__(self, ctx: RunContext, slot: ev.Slot, toolbox: "Toolbox") -> None:
        self.parts: list[Part] = []
        """The answer so far, as the model is sent it: what it said, its calls and their results."""
        self._ctx, self._slot, self._toolbox = ctx, slot, toolbox
        self._rounds = self._repeats = self._count = 0
        self._last: list[tuple[str, str]] = []
        self._over = False
        self._read = self._seen = 0
        self.looked_up: list[str] = []
        """The calls that brought something, each in a line."""
        self._asked: dict[str, float] = {}
        """Seconds that each call waited for a person, which are none of the tool's."""

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What the model is told of, in every request alike; a caller's tool stands in for ours of the same name."""
        theirs = {spec.name for spec in self._ctx.extras.tools}
        return tuple(spec for spec in self._toolbox.specs if spec.name not in theirs)

    @property
    def over(self) -> bool:
        """Whether the model has to answer without calling anything more."""
        return self._over

    def ours(self, call: ToolCall) -> bool:
        """Whether a call is answered here: any but those of the tools that a caller brought."""
        return call.name not in {spec.name for spec in self._ctx.extras.tools}

    async def answer(self, turn: Turn) -> None:
        """Answer a turn's calls; `parts` has them and their results then."""
        self._rounds += 1
        asked = [(call.name, call.arguments) for call in turn.calls]
        self._repeats = self._repeats + 1 if asked == self._last else 1
        self._last = asked
        numbered = [(self._new_id(), call) for call in turn.calls]
        for id, call in numbered:
            self._tell_call(id, call)
        outcomes = await self._outcomes(numbered)
        self.parts += (*turn.parts, *turn.calls)
        for (_, call), outcome in zip(numbered, outcomes, strict=True):
            failed = outcome.error or outcome.denied
            self.parts.append(ToolResult(call.id, call.name, (Text(outcome.text), *outcome.pictures), error=failed))
        self._over = self._over or self._rounds >= self._ctx.settings.tools.rounds or self._repeats >= SAME

    async def _outcomes(self, calls: Sequence[tuple[str, ToolCall]]) -> "list[Outcome]":
        """One for each call, in their order. What acts is run by itself, in its place; the rest together."""
        outcomes: dict[str, Outcome] = {}
        places = anyio.CapacityLimiter(AT_ONCE)

        async def settle(at: int, id: str, call: ToolCall) -> None:
            async with places:
                outcomes[id] = await self._told(at, id, call)

        waiting = list(enumerate(calls))
        while waiting:
            together = 1 if self._acts(waiting[0][1][1]) else _count(waiting, self._acts)
            async with anyio.create_task_group() as tasks:
                for at, (id, call) in waiting[:together]:
                    tasks.start_soon(settle, at, id, call)
            del waiting[:together]
        return [outcomes[id] for id, _ in calls]

    async def _told(self, at: int, id: str, call: ToolCall) -> "Outcome":
        began = time.monotonic()
        outcome = self._fitting(await self._outcome(at, id, call))
        if not (outcome.error or outcome.denied):
            self.looked_up.append(one_line(f"{self._toolbox.shown_name(call.name)} {call.arguments}", 200))
        ctx = self._ctx
        ctx.emit(
            ev.ToolFinished(
                run=ctx.run, at=ctx.at, call=id, seconds=time.monotonic() - began - self._asked.pop(id, 0.0),
                result=outcome.text,
                error=outcome.error, denied=outcome.denied, pictures=tuple(map(_told_picture, outcome.pictures)),
            )
        )  # fmt: skip
        return outcome

    def _fitting(self, outcome: "Outcome") -> "Outcome":
        """The outcome within what may be read for one answer, its last line kept: that may be a mark of its end."""
        text, room = outcome.text, max(SHORT, RESULTS - self._read)
        if len(text) > room:
            last = text[-SHORT:].rpartition("\n")[2][-100:]
            text = f"{text[:room]}\n[… the rest is left out: too much was read for this answer already]\n{last}"
        self._read += len(text)
        pictures = outcome.pictures[: PICTURES - self._seen]
        self._seen += len(pictures)
        if len(pictures) < len(outcome.pictures):
            text += "\n[Pictures are left out: too many were shown for this answer already.]"
        return replace(outcome, text=text, pictures=pictures)

    async def _outcome(self, at: int, id: str, call: ToolCall) -> "Outcome":
        from chatmodes.tools.base import ToolError
        from chatmodes.tools.toolbox import Outcome

        if self._over:
            return Outcome(ENOUGH, error=True)
        if self._repeats >= SAME:
            return Outcome(AGAIN, error=True)
        if at >= CALLS:
            return Outcome(TOO_MANY, error=True)
        try:
            wanted = self._toolbox.read(call)
        except ToolError as error:
            return Outcome(str(error), error=True)
        if self._slot.role == "draft" and "acts" in wanted.offer.touches:
            return Outcome(DRAFTING, denied=True)
        return await self._toolbox.once(self._slot.agent, wanted, partial(self._if_allowed, id, wanted))

    async def _if_allowed(self, id: str, wanted: "Requested") -> "Outcome":
        from chatmodes.tools.toolbox import Outcome

        said = self._known(wanted) or await self._ask(id, wanted)
        if said.allowed is None:
            return Outcome(said.word or "It was not run: the user said no. Go on without it.", denied=True)
        return await self._toolbox.run(wanted)

    async def _ask(self, id: str, wanted: "Requested") -> Answer:
        """Ask, and keep a yes for as far as it goes. A no has the sentence that the model reads."""
        changed = self._toolbox.approval.changed(wanted)
        question = Question(
            self._slot.agent,
            id,
            wanted.offer.name,
            wanted.scope,
            wanted.shown,
            str(wanted.rule),
            wanted.touches,
            changed,
        )
        began = time.monotonic()
        said = await self._ctx.ask(question, known=partial(self._known, wanted), heard=partial(self._heard, wanted))
        self._asked[id] = time.monotonic() - began
        if said.allowed is None:
            return Answer(None, _refusal(said, wanted, changed=changed))
        if said.allowed == "always" and (problem := await self._toolbox.keep(wanted)):
            ctx = self._ctx
            ctx.emit(ev.AgentWaiting(run=ctx.run, at=ctx.at, agent=self._slot.agent, cause=problem))
        return said

    def _heard(self, wanted: "Requested", said: Answer) -> None:
        if said.allowed is not None:
            self._toolbox.grant(wanted, said.allowed)

    def _known(self, wanted: "Requested") -> Answer | None:
        decided = self._toolbox.decide(wanted)
        if decided is None:
            return None
        return Answer("once" if decided.allowed else None, decided.why)

    def _acts(self, call: ToolCall) -> bool:
        return self._toolbox.acts(call.name)

    def _new_id(self) -> str:
        self._count += 1
        return f"{self._slot.agent}-{self._count}"

    def _tell_call(self, id: str, call: ToolCall) -> None:
        ctx, name = self._ctx, self._toolbox.shown_name(call.name)
        ctx.emit(
            ev.ToolCalled(run=ctx.run, at=ctx.at, agent=self._slot.agent, call=id, tool=name, arguments=call.arguments)
        )


def _told_picture(image: Image) -> ev.Picture:
    return ev.Picture(image.name, image.media_type, image.hash, image.width, image.height, image.content)


def _count(waiting: list[tuple[int, tuple[str, ToolCall]]], acts: Callable[[ToolCall], bool]) -> int:
    """How many calls stand before the first that acts."""
    return next((at for at, (_, (_, call)) in enumerate(waiting) if acts(call)), len(waiting))


def _refusal(said: Answer, wanted: "Requested", *, changed: bool) -> str:
    if said == NOBODY:
        news = " Its definition has changed since it was allowed." if changed else ""
        return (
            f"It was not run: it needs the user's word, and nobody can be asked.{news} The user can allow it "
            f"beforehand with the rule {str(wanted.rule)!r} (--allow, or tools.allow in the settings)."
        )
    return f"It was not run: the user said no.{f' They add: {said.word}' if said.word else ''} Go on without it."
