"""One agent: a call inside a run, told as events from its start to its one end.

Usually one request. It is made again, once, where reasoning used up the whole cap and no answer came, and the model is
asked once more for the answer alone where it reasoned and then stopped: an answer is never empty in silence.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from anyio.lowlevel import checkpoint_if_cancelled

from chatmodes import events as ev
from chatmodes.messages import Message
from chatmodes.modes.context import RunContext
from chatmodes.modes.splitting import Piece, Splitter
from chatmodes.modes.unexpected import described
from chatmodes.providers.calls import (
    Call,
    Finished,
    ProviderError,
    ReasoningChunk,
    Retrying,
    TextChunk,
    TextWasReasoning,
    Waiting,
)
from chatmodes.providers.known.windows import estimate_messages, estimate_text
from chatmodes.settings import ConfigError

ANSWERING: tuple[ev.AgentRole, ...] = ("answer", "reconcile")
"""The roles whose text is the run's answer."""
WRITING: tuple[ev.AgentRole, ...] = (*ANSWERING, "draft")
"""The roles that write for a person; the others' replies are read by the mode, which a person's stops would cut."""
LARGER = 2
"""How much larger the cap of a call is that is made again because reasoning ate the first."""

FollowUp = Callable[[str], tuple[Message, ...]]
"""From the reasoning that came, the conversation that asks for the answer alone."""


@dataclass
class Draft:
    """What an agent brought home. With `error` set it failed, and `text` is what came before that."""

    slot: ev.Slot
    text: str = ""
    reasoning: str = ""
    finish: ev.Finish = "unknown"
    usage: ev.Usage | None = None
    cost: float | None = None
    seconds: float = 0.0
    answer: str | None = None
    error: ev.Error | None = None
    logprob: float | None = None
    """Mean natural-log probability of the text's tokens; None where it was not asked for or did not come."""

    @property
    def complete(self) -> bool:
        """It may stand as an answer and vote: it did not fail, and was neither cut nor refused nor empty."""
        return self.error is None and self.finish in ("stop", "unknown") and bool(self.text.strip())

    @property
    def cut(self) -> str | None:
        """What a reader must be told of an answer that stands, but ends before its end."""
        if self.finish == "length":
            return "The answer was cut at the token limit."
        return "The provider's filter cut the answer off." if self.finish == "filtered" else None


@dataclass(frozen=True)
class Request:
    """What an agent asks for, besides what its slot says."""

    messages: tuple[Message, ...]
    max_tokens: int | None = None
    reason: bool | None = None
    splits: bool = False
    """The prompt asks for reasoning between tags, so the text is split into reasoning and answer."""
    follow_up: FollowUp | None = None
    short: Callable[[str], str | None] | None = None
    """Reads the short answer in a draft's text, for `agent_finished`."""
    logprobs: bool = False
    """Ask for the probabilities of the text's tokens."""


@dataclass
class Progress:
    """What has come so far, kept outside the loop so that a cancel finds it."""

    began: float = field(default_factory=time.monotonic)
    first: float | None = None
    reasoned_from: float | None = None
    reasoned_to: float | None = None
    text: list[str] = field(default_factory=list[str])
    reasoning: list[str] = field(default_factory=list[str])
    calls: int = 0
    finish: ev.Finish | None = None
    """How the latest call ended; None while one is under way."""
    usage: ev.Usage = ev.NO_USAGE
    """Of the calls that ended."""
    cost: float | None = 0.0
    pending: int = 0
    """Characters received in the call under way."""
    logprobs: list[float] = field(default_factory=list[float])
    """Of the text's tokens, where they came."""

    @property
    def seconds(self) -> float:
        """Since the agent started."""
        return time.monotonic() - self.began

    @property
    def reasoning_seconds(self) -> float | None:
        """From the first reasoning to the first text, or to the end; None where nothing was reasoned."""
        if self.reasoned_from is None:
            return None
        return (self.reasoned_to or self.seconds) - self.reasoned_from

    @property
    def blank(self) -> bool:
        """Whether no text has come, white space aside."""
        return not any(piece.strip() for piece in self.text)

    def add_text(self, text: str) -> None:
        """Note a piece of text, and that reasoning is over."""
        if self.first is None:
            self.first = self.seconds
        if self.reasoned_from is not None and self.reasoned_to is None:
            self.reasoned_to = self.seconds
        self.text.append(text)

    def add_reasoning(self, text: str) -> None:
        """Note a piece of reasoning."""
        if self.first is None:
            self.first = self.seconds
        if self.reasoned_from is None:
            self.reasoned_from = self.seconds
        self.reasoning.append(text)

    def end_call(self, done: Finished) -> None:
        """Count a call that ended properly."""
        self.finish, self.pending = done.finish, 0
        self.usage += done.usage
        self.cost = None if self.cost is None or done.cost is None else self.cost + done.cost


class Agent:
    """The work of one slot. `run_agent` is the way in."""

    def __init__(self, ctx: RunContext, slot: ev.Slot, request: Request) -> None:
        self.ctx, self.slot, self.request = ctx, slot, request
        self.progress = Progress()

    async def run(self) -> Draft:
        """Make the calls. A failure is an event and a `Draft` with its error; a cancel is told and passed on."""
        ctx, slot = self.ctx, self.slot
        ctx.emit(ev.AgentStarted(run=ctx.run, at=ctx.at, agent=slot.agent, role=slot.role, model=slot.model))
        try:
            return await self._to_its_end()
        except BaseException:
            # A cancellation: by itself, or on trio in a group when it hits a connection being made, which looks like
            # no cancellation to an `except`. Whatever it is, what was started must be seen to end.
            self._cancelled()
            raise

    async def _to_its_end(self) -> Draft:
        try:
            error = await self._attempts()
        except ProviderError as failure:
            return self._failed(failure.error, self._with_unfinished(failure.usage))
        except ConfigError as failure:  # a prompt file of the user's own that cannot serve
            return self._failed(ev.Error("bad_request", str(failure), failure.hint), self._with_unfinished(None))
        except Exception as mistake:  # noqa: BLE001 - one agent's failure, which must not cost the others their drafts
            # A cancellation is no Exception, and neither is a group that holds one; what breaks on the way out of one
            # still ends as cancelled.
            await checkpoint_if_cancelled()
            return self._failed(described(mistake), self._with_unfinished(None))
        return self._failed(error, self.progress.usage) if error else self._finished()

    async def _attempts(self) -> ev.Error | None:
        """Call until there is a text, twice at most. Returns what is wrong when there is none then."""
        request, progress = self.request, self.progress
        await self._call(request.messages, request.max_tokens)
        if not progress.blank or progress.finish == "filtered":
            return self._missing()
        reasoning = "".join(progress.reasoning)
        if reasoning and request.follow_up and (request.splits or progress.finish != "length"):
            return await self._ask_for_answer(request.follow_up(reasoning), reasoning)
        if progress.finish == "length" and request.max_tokens:
            self._tell_retry()
            await self._call(request.messages, request.max_tokens * LARGER)
        return self._missing()

    async def _ask_for_answer(self, messages: tuple[Message, ...], reasoning: str) -> ev.Error | None:
        """Ask for the answer alone; where that brings nothing, the reasoning's last paragraph must do."""
        try:
            await self._call(messages, self.request.max_tokens, split=False)
        except ProviderError as failure:
            self.progress.usage = self._with_unfinished(failure.usage)
            self.progress.finish, self.progress.pending = "unknown", 0
        if self.progress.blank:
            paragraphs = [p.strip() for p in reasoning.split("\n\n") if p.strip()]
            self._text(paragraphs[-1] if paragraphs else "")
        return self._missing()

    def _missing(self) -> ev.Error | None:
        if not self.progress.blank:
            return None
        model = self.slot.model
        if self.progress.finish == "filtered":
            return ev.Error("filtered", f"{model} declined to answer.", "Put the question differently.")
        if self.progress.finish == "length":
            return ev.Error(
                "empty",
                f"{model} used up its token limit on reasoning and wrote no answer.",
                "Raise max_tokens for this mode in the settings, or lower the effort.",
            )
        return ev.Error("empty", f"{model} sent an empty answer.", "Ask again, or try another model.")

    def _tell_retry(self) -> None:
        ctx, cause = self.ctx, self._missing()
        assert cause is not None
        progress = self.progress
        progress.text.clear()
        progress.reasoning.clear()
        progress.logprobs.clear()
        progress.reasoned_from = progress.reasoned_to = None
        attempt = progress.calls + 1
        ctx.emit(
            ev.AgentRetrying(run=ctx.run, at=ctx.at, agent=self.slot.agent, attempt=attempt, wait=0.0, cause=cause)
        )

    async def _call(self, messages: tuple[Message, ...], max_tokens: int | None, *, split: bool = True) -> None:
        slot, request, progress = self.slot, self.request, self.progress
        call = Call(
            model=slot.model,
            messages=messages,
            max_tokens=max_tokens,
            temperature=slot.temperature,
            effort=slot.effort,
            reason=request.reason,
            logprobs=request.logprobs,
            stop=self.ctx.settings.sampling.stop if slot.role in WRITING else (),
        )
        splitter = Splitter() if request.splits and split else None
        progress.calls += 1
        progress.finish = None
        try:
            await self._receive(call, splitter)
        except ProviderError as failure:
            # Reasoning and nothing behind it is an error to a provider; here there is still something to do about it.
            if failure.error.kind != "empty" or failure.finish is None:
                raise
            progress.end_call(Finished(failure.finish, failure.usage, self._price(failure.usage)))
        if splitter:
            self._pieces(splitter.flush())

    async def _receive(self, call: Call, splitter: Splitter | None) -> None:
        progress = self.progress
        async with self.ctx.models.stream(call) as chunks:
            async for chunk in chunks:
                match chunk:
                    case TextChunk(text=text, logprobs=logprobs):
                        progress.pending += len(text)
                        progress.logprobs.extend(logprobs)
                        self._split(splitter, text) if splitter else self._text(text)
                    case ReasoningChunk(text=text):
                        progress.pending += len(text)
                        if splitter:
                            self._pieces(splitter.native())
                        self._reasoning(text)
                    case TextWasReasoning():
                        if splitter:
                            self._pieces(splitter.native())
                        self._recast()
                    case Finished():
                        progress.end_call(chunk)
                    case Waiting() | Retrying():
                        self._note(chunk)
                    case _:  # tool calls and opaque reasoning
                        pass

    def _split(self, splitter: Splitter, text: str) -> None:
        self._pieces(splitter.feed(text))

    def _pieces(self, pieces: list[Piece]) -> None:
        for kind, text in pieces:
            if kind == "answer":
                self._text(text)
            else:
                self._reasoning(text)

    def _text(self, text: str) -> None:
        ctx = self.ctx
        self.progress.add_text(text)
        if self.slot.role in ANSWERING:
            ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text=text))
        else:
            ctx.emit(ev.TextDelta(run=ctx.run, at=ctx.at, agent=self.slot.agent, text=text))

    def _reasoning(self, text: str) -> None:
        self.progress.add_reasoning(text)
        self.ctx.emit(ev.ReasoningDelta(run=self.ctx.run, at=self.ctx.at, agent=self.slot.agent, text=text))

    def _recast(self) -> None:
        """What came as text was reasoning: it no longer counts, and is told again as what it is."""
        ctx, progress = self.ctx, self.progress
        text = "".join(progress.text)
        progress.text.clear()
        reason = "The model's reasoning came without the mark that begins it."
        if self.slot.role in ANSWERING:
            ctx.emit(ev.AnswerRestarted(run=ctx.run, at=ctx.at, reason=reason))
        else:
            cause = ev.Error("bad_response", reason)
            agent, attempt = self.slot.agent, progress.calls
            ctx.emit(ev.AgentRetrying(run=ctx.run, at=ctx.at, agent=agent, attempt=attempt, wait=0.0, cause=cause))
        if text:
            self._reasoning(text)

    def _note(self, chunk: Waiting | Retrying) -> None:
        ctx, agent = self.ctx, self.slot.agent
        if isinstance(chunk, Waiting):
            ctx.emit(ev.AgentWaiting(run=ctx.run, at=ctx.at, agent=agent, cause=chunk.cause))
        else:
            ctx.emit(
                ev.AgentRetrying(
                    run=ctx.run, at=ctx.at, agent=agent, attempt=chunk.attempt, wait=chunk.wait, cause=chunk.cause
                )
            )

    def _draft(self) -> Draft:
        done = self.progress
        return Draft(
            self.slot,
            "".join(done.text),
            "".join(done.reasoning),
            done.finish or "unknown",
            seconds=done.seconds,
            logprob=sum(done.logprobs) / len(done.logprobs) if done.logprobs else None,
        )

    def _finished(self) -> Draft:
        ctx, draft, done = self.ctx, self._draft(), self.progress
        draft.usage, draft.cost = done.usage, done.cost
        if self.request.short and draft.complete:
            draft.answer = self.request.short(draft.text)
        ctx.spend(done.usage, done.cost)
        ctx.emit(
            ev.AgentFinished(
                run=ctx.run,
                at=ctx.at,
                agent=self.slot.agent,
                usage=done.usage,
                finish=draft.finish,
                ttft=done.first,
                seconds=draft.seconds,
                answer=draft.answer,
                cost=done.cost,
                reasoning_seconds=done.reasoning_seconds,
            )
        )
        return draft

    def _failed(self, error: ev.Error, usage: ev.Usage) -> Draft:
        ctx, draft = self.ctx, self._draft()
        draft.error, draft.usage = error, usage
        ctx.spend(usage, self._cost(usage))
        seconds = draft.seconds
        ctx.emit(
            ev.AgentFailed(run=ctx.run, at=ctx.at, agent=self.slot.agent, error=error, usage=usage, seconds=seconds)
        )
        return draft

    def _cancelled(self) -> None:
        ctx, usage = self.ctx, self._with_unfinished(None)
        ctx.spend(usage, self._cost(usage))
        seconds, reason = self.progress.seconds, ctx.ending
        ctx.emit(
            ev.AgentCancelled(
                run=ctx.run, at=ctx.at, agent=self.slot.agent, reason=reason, usage=usage, seconds=seconds
            )
        )

    def _with_unfinished(self, told: ev.Usage | None) -> ev.Usage:
        """The usage with that of the call that was cut off: what the server told, else what was seen of it.

        A call that ended before its first delta is counted as free: nothing was generated, and whether its prompt was
        billed is not known to anybody.
        """
        done = self.progress
        if told is not None and told.output_tokens is not None:
            return done.usage + told
        if done.finish is not None or not done.pending:
            return done.usage
        written = estimate_text("x" * done.pending)
        return done.usage + ev.Usage(estimate_messages(self.request.messages), written, None, None, True)

    def _cost(self, usage: ev.Usage) -> float | None:
        """What a call cost that no bill came for; None where its price is unknown."""
        done = self.progress
        if usage == done.usage:
            return done.cost
        if usage.input_tokens is None or usage.output_tokens is None or done.cost is None:
            return None
        if done.usage.input_tokens is None or done.usage.output_tokens is None:
            return None
        read, written = usage.input_tokens - done.usage.input_tokens, usage.output_tokens - done.usage.output_tokens
        more = self._price(ev.Usage(read, written))
        return None if more is None else done.cost + more

    def _price(self, usage: ev.Usage) -> float | None:
        try:
            info = self.ctx.models.describe(self.slot.model)
        except ProviderError:  # a key that was removed meanwhile, or no memory left for a model that has died
            return None
        if info.input_price is None or info.output_price is None:
            return None
        if usage.input_tokens is None or usage.output_tokens is None:
            return None
        return (usage.input_tokens * info.input_price + usage.output_tokens * info.output_price) / 1e6


async def run_agent(
    ctx: RunContext,
    slot: ev.Slot,
    messages: tuple[Message, ...],
    *,
    max_tokens: int | None = None,
    reason: bool | None = None,
) -> Draft:
    """Let `slot`'s agent answer `messages`.

    Text goes out as `answer_delta` for the roles that write the answer, as `text_delta` for the others. A failure is
    an `agent_failed` event and a `Draft` with its error, never an exception; a cancel is told and passed on.
    """
    return await Agent(ctx, slot, Request(messages, max_tokens, reason)).run()
