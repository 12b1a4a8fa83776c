"""One agent: a call inside a run, told as events from its start to its one end.

Usually one request, and one more each time its calls of tools were answered. It is made again, once, where reasoning
used up the whole cap and no answer came, and the model is asked once more for the answer alone where it reasoned and
then stopped: an answer is never empty in silence.
"""

from typing import TYPE_CHECKING, Any

from anyio.lowlevel import checkpoint_if_cancelled

from chatmodes import events as ev
from chatmodes.messages import Message
from chatmodes.modes.accounting import Progress, price
from chatmodes.modes.agent_events import ANSWERING, AgentEvents
from chatmodes.modes.context import RunContext
from chatmodes.modes.draft import Draft, Request
from chatmodes.modes.splitting import Piece, Splitter
from chatmodes.modes.tooling import Tooling, Turn
from chatmodes.modes.unexpected import described
from chatmodes.providers.calls import (
    Call,
    Finished,
    ModelInfo,
    OpaqueChunk,
    ProviderError,
    ReasoningChunk,
    Retrying,
    Sent,
    TextChunk,
    TextWasReasoning,
    ToolCallChunk,
    Waiting,
)
from chatmodes.settings import ConfigError
from chatmodes.settings.schema import SEARCH

if TYPE_CHECKING:
    from chatmodes.tools.toolbox import Toolbox

WRITING: tuple[ev.AgentRole, ...] = (*ANSWERING, "draft")
"""The roles that write for a person; the others' replies are read by the mode, which a person's stops would cut."""
LARGER = 2
"""How much larger the cap of a call is that is made again because reasoning ate the first."""


class Agent:
    """The work of one slot, made for one `run`."""

    def __init__(self, ctx: RunContext, slot: ev.Slot, request: Request) -> None:
        self.ctx, self.slot, self.request = ctx, slot, request
        self.progress = Progress()
        self.events = AgentEvents(ctx, slot)
        self.tools: Tooling | None = None

    async def run(self) -> Draft:
        """Make the calls. A failure is an event and a `Draft` with its error; a cancel is told and passed on."""
        self.events.started()
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
            return self._failed(failure.error, failure.usage)
        except ConfigError as failure:  # a prompt file of the user's own that cannot serve
            return self._failed(ev.Error("bad_request", str(failure), failure.hint))
        except Exception as mistake:  # noqa: BLE001 - one agent's failure, which must not cost the others their drafts
            # A cancellation is no Exception, and neither is a group that holds one; what breaks on the way out of one
            # still ends as cancelled.
            await checkpoint_if_cancelled()
            return self._failed(described(mistake))
        return self._failed(error) if error else self._finished()

    async def _attempts(self) -> ev.Error | None:
        """Call until there is a text, twice at most. Returns what is wrong when there is none then."""
        request, progress = self.request, self.progress
        messages = await self._converse()
        if progress.handed:
            return None
        if not progress.blank or progress.finish == "filtered":
            return self._missing()
        reasoning = "".join(progress.reasoning)
        if reasoning and request.follow_up and (request.splits or progress.finish != "length"):
            return await self._ask_for_answer(request.follow_up(reasoning), reasoning)
        if progress.finish == "length" and request.max_tokens and not self.ctx.extras.capped:
            self._tell_retry()
            await self._call(messages, request.max_tokens * LARGER)
        return self._missing()

    async def _converse(self) -> tuple[Message, ...]:
        """Call, and answer what is asked of tools, until the model has answered or must not ask any more.

        Returns what the last request sent.
        """
        ctx, slot, request, progress = self.ctx, self.slot, self.request, self.progress
        messages = request.messages
        info = self._info()
        if slot.role in WRITING:
            toolbox = await self._toolbox(info)
            self.tools = Tooling(ctx, slot, toolbox) if toolbox else None
            for note in toolbox.notes if toolbox else ():
                self.events.waits(note)
        await self._call(messages, request.max_tokens)
        while progress.called and self.tools is not None and not self._hand_over(self.tools):
            last = self.tools.over
            await self.tools.answer(Turn(progress.turn(slot.model, native=not request.splits), tuple(progress.called)))
            if last:  # it called once more where it was to answer
                progress.finish = "stop"
                break
            messages = (*request.messages, Message("assistant", tuple(self.tools.parts)))
            await self._call(messages, request.max_tokens)
        if self.tools is None and progress.called:
            if ctx.extras.tools and ctx.extras.tool_choice != "none":
                progress.handed += progress.called
            elif progress.finish == "tool_calls":  # of what nobody offered, or nobody wants called: the text stands
                progress.finish = "stop"
        return messages

    async def _toolbox(self, info: ModelInfo | None) -> "Toolbox | None":
        """The run's tools; none for a model that takes none, which is said."""
        ctx, model = self.ctx, self.slot.model
        if ctx.open_tools is None or info is None:
            return await ctx.toolbox()
        if SEARCH in ctx.settings.tools.use and not info.search:
            self.events.waits(f"The provider of {model} has no search of its own; it answers without.")
        if info.tools is False and ctx.settings.tools.use != (SEARCH,):
            self.events.waits(f"{model} takes no tools and answers without them.")
        return await ctx.toolbox() if info.tools is not False else None

    def _hand_over(self, tools: Tooling) -> bool:
        """Whether a turn's calls are for the caller to run, which ends the answer."""
        self.progress.handed += [call for call in self.progress.called if not tools.ours(call)]
        return bool(self.progress.handed)

    async def _ask_for_answer(self, messages: tuple[Message, ...], reasoning: str) -> ev.Error | None:
        """Ask for the answer alone; where that brings nothing, the reasoning's last paragraph must do."""
        try:
            await self._call(messages, self.request.max_tokens, split=False)
        except ProviderError as failure:
            self.progress.cut_call(failure.usage, failure.error, self._info())
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
        if self.tools is not None and self.tools.over:
            return ev.Error(
                "empty", f"{model} went on calling tools and wrote no answer.", "Raise tools.rounds, or ask again."
            )
        return ev.Error("empty", f"{model} sent an empty answer.", "Ask again, or try another model.")

    def _tell_retry(self) -> None:
        progress, cause = self.progress, self._missing()
        assert cause is not None
        progress.text.clear()
        progress.reasoning.clear()
        progress.logprobs.clear()
        progress.reasoned_from = progress.reasoned_to = None
        self.events.retries(progress.calls + 1, cause)

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
            cache_key=self.ctx.cache_key if self._shares else "",
            **self._extras(),
        )
        splitter = Splitter() if request.splits and split else None
        progress.begin_call(messages)
        try:
            await self._receive(call, splitter)
        except ProviderError as failure:
            # Reasoning and nothing behind it is an error to a provider; here there is still something to do about it.
            if failure.error.kind != "empty" or failure.finish is None:
                raise
            progress.end_call(Finished(failure.finish, failure.usage, price(self._info(), failure.usage)))
        if splitter:
            self._pieces(splitter.flush())

    def _extras(self) -> dict[str, Any]:
        """What a person or a program asks of everything that is written for them."""
        extras, own = self.ctx.extras, self.tools
        if self.slot.role not in WRITING:
            return {}
        choice = "none" if own is not None and own.over else extras.tool_choice if extras.tools else ""
        info = self._info()
        return {
            "search": SEARCH in self.ctx.settings.tools.use and info is not None and info.search,
            "stop": self.ctx.settings.sampling.stop,
            "tools": (*(own.specs if own is not None else ()), *extras.tools),
            "tool_choice": choice,
            "top_p": extras.top_p,
            "seed": None if extras.seed is None else extras.varied(self._place).seed,
            "response_format": extras.response_format,
            "presence_penalty": extras.presence_penalty,
            "frequency_penalty": extras.frequency_penalty,
        }

    @property
    def _place(self) -> int:
        """Which of its kind this agent is, from 0 on: `a3` is 2."""
        digits = self.slot.agent.lstrip("abcdefghijklmnopqrstuvwxyz")
        return int(digits) - 1 if digits.isdecimal() else 0

    @property
    def _shares(self) -> bool:
        """Whether others send the same beginning: the other agents, or the conversation's next prompt."""
        return self.slot.role == "draft" or len(self.ctx.path) > 1

    async def _receive(self, call: Call, splitter: Splitter | None) -> None:
        progress = self.progress
        async with self.ctx.models.stream(call) as chunks:
            async for chunk in chunks:
                match chunk:
                    case TextChunk(text=text, logprobs=logprobs):
                        progress.pending += len(text)
                        progress.logprobs.extend(logprobs)
                        self._pieces(splitter.feed(text)) if splitter else self._text(text)
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
                        self.ctx.remark(chunk.notes)
                    case Waiting() | Retrying():
                        progress.sent = False
                        self._note(chunk)
                    case Sent():
                        progress.sent = True
                    case ToolCallChunk(call=called):
                        progress.pending += len(called.arguments)
                        progress.called.append(called)
                    case OpaqueChunk(reasoning=reasoning):
                        progress.opaque.append(reasoning)

    def _pieces(self, pieces: list[Piece]) -> None:
        for kind, text in pieces:
            if kind == "answer":
                self._text(text)
            else:
                self._reasoning(text)

    def _text(self, text: str) -> None:
        progress = self.progress
        if len(progress.text) == progress.said_before and not progress.blank and not progress.text[-1].endswith("\n"):
            self._tell_text("\n\n")  # what was said before tools were called is a paragraph of its own
            progress.said_before = len(progress.text)
        self._tell_text(text)

    def _tell_text(self, text: str) -> None:
        self.progress.add_text(text)
        self.events.text(text)

    def _reasoning(self, text: str) -> None:
        self.progress.add_reasoning(text)
        self.events.reasoning(text)

    def _recast(self) -> None:
        """What came as text was reasoning: it no longer counts, and is told again as what it is."""
        progress = self.progress
        text, before = "".join(progress.text[progress.said_before :]), "".join(progress.text[: progress.said_before])
        progress.text.clear()
        self.events.text_is_void("The model's reasoning came without the mark that begins it.", progress.calls)
        if before:  # of earlier turns, and as true as it was
            self._tell_text(before)
        progress.said_before = len(progress.text)
        if text:
            self._reasoning(text)

    def _note(self, chunk: Waiting | Retrying) -> None:
        if isinstance(chunk, Waiting):
            self.events.waits(chunk.cause)
        else:
            self.events.retries(chunk.attempt, chunk.cause, chunk.wait)

    def so_far(self) -> Draft:
        """What has come up to this moment, be it of an agent that was ended in the middle."""
        done = self.progress
        return Draft(
            self.slot,
            "".join(done.text),
            "".join(done.reasoning),
            done.finish or "unknown",
            seconds=done.seconds,
            looked_up=tuple(self.tools.looked_up) if self.tools is not None else (),
            calls=tuple(done.handed),
            logprob=sum(done.logprobs) / len(done.logprobs) if done.logprobs else None,
        )

    def _finished(self) -> Draft:
        ctx, draft, done = self.ctx, self.so_far(), self.progress
        draft.usage, draft.cost = done.usage, done.cost
        if self.request.short and draft.complete:
            draft.answer = self.request.short(draft.text)
        if draft.calls and self.slot.role in ANSWERING:
            ctx.hand_over(self.slot.agent, draft.calls)
        ctx.spend(done.usage, done.cost)
        self.events.finished(draft, done)
        return draft

    def _failed(self, error: ev.Error, told: ev.Usage | None = None) -> Draft:
        ctx, done = self.ctx, self.progress
        done.cut_call(told, error, self._info())
        draft = self.so_far()
        draft.error, draft.usage, draft.cost = error, done.usage, done.cost
        ctx.spend(done.usage, done.cost)
        self.events.failed(error, done.usage, draft.seconds, done.finish if error.kind == "empty" else None)
        return draft

    def _cancelled(self) -> None:
        ctx, done = self.ctx, self.progress
        done.cut_call(None, None, self._info())
        ctx.spend(done.usage, done.cost)
        self.events.cancelled(done.usage, done.seconds)

    def _info(self) -> ModelInfo | None:
        try:
            return self.ctx.models.describe(self.slot.model)
        except ProviderError:  # a key that was removed meanwhile, or no memory left for a model that has died
            return None
