"""Settings, models and messages in, a run out: everything that answers starts here, and nothing is stored.

`Chat` is this with a store behind it. What needs an answer and no conversation (an evaluation, a grade, a name, a
summary, a program that calls) uses it as it is.

Runs belong to the task group of `open_running`, not to who reads them: a reader may go away, and leaving the context
cancels what is left and waits for its last events.
"""

import math
import secrets
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

import anyio
import msgspec
from anyio import to_thread
from anyio.abc import ObjectReceiveStream, TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.messages import Image, Message, user
from chatmodes.modes import base
from chatmodes.modes.asking import Allowed, Answer, Questions
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import NO_EXTRAS, Extras, Models
from chatmodes.settings import Instant, Sampling, Settings, Tools

if TYPE_CHECKING:
    from chatmodes.tools.base import Tool
    from chatmodes.tools.results import Library
    from chatmodes.tools.toolbox import Toolbox
    from chatmodes.tools.workshop import Workshop


class Events(ObjectReceiveStream[ev.AnyEvent]):
    """A run's events, for one reader. It may go away at any time: what it lets go of is closed, and the run goes on."""

    def __init__(self, stream: MemoryObjectReceiveStream[ev.AnyEvent]) -> None:
        self._stream = stream

    def receive_nowait(self) -> ev.AnyEvent:
        """The next event. Raises `WouldBlock` where none is there yet, and `EndOfStream` behind the last."""
        return self._stream.receive_nowait()

    async def receive(self) -> ev.AnyEvent:
        """The next event, waited for. Raises `EndOfStream` behind the last."""
        return await self._stream.receive()

    def close(self) -> None:
        """Read no more."""
        self._stream.close()

    async def aclose(self) -> None:
        """Read no more."""
        self._stream.close()

    def __del__(self) -> None:
        self._stream.close()


@dataclass
class Run:
    """One prompt on its way through one mode."""

    id: str
    mode: str
    model: str
    """What was chosen beforehand; with Auto, the mode it chooses may have a model of its own (`RunView.model`)."""
    events: Events = field(repr=False)
    """Ends after the run's one terminal event. A reader that stops early closes it, and the run goes on."""
    cancel: Callable[[str], None] = field(repr=False)
    """Stop everything under way, giving a reason; the events go on to `run_cancelled`, which has what came so far."""
    questions: Questions = field(default_factory=Questions, repr=False)
    """What the run wants to be allowed, for a face that said it can be asked."""
    ended: anyio.Event = field(default_factory=anyio.Event, repr=False)
    """Set behind the terminal event, once its keeper has it or could not take it."""
    view: RunView | None = field(default=None, repr=False)
    """All of its events so far in one, whoever reads them; None where nobody asked for that."""

    def allow(self, call: str, far: Allowed = "once") -> bool:
        """Let the call of a `ToolAsking` run, and with `far` what is like it. False where nobody waits for the word."""
        return self.questions.answer(call, Answer(far))

    def refuse(self, call: str, word: str = "") -> bool:
        """Refuse the call of a `ToolAsking`, with a word that the model reads. False as `allow`."""
        return self.questions.answer(call, Answer(None, word))


class Keeper(Protocol):
    """Keeps a run's events somewhere, while they come and to the last one."""

    def add(self, event: ev.AnyEvent) -> None:
        """Take an event. Returns at once and never raises."""
        ...

    async def keep(self) -> None:
        """Put away what was taken, again and again, until cancelled."""
        ...

    async def end(self) -> None:
        """Put away the rest. Called once, shielded, after the last event; what goes wrong it keeps to itself."""
        ...


class Running:
    """Prompts in, runs out, over one set of models. Made by `open_running`."""

    def __init__(self, settings: Settings, models: Models, choose: Callable[[str], str], tasks: TaskGroup) -> None:
        self.settings = settings
        """May be replaced at any time; runs under way keep what they started with."""
        self.models = models
        self.aside_cost: float | None = 0.0
        """US dollars of all calls made by `aside` so far; None where what one cost is unknown."""
        self.closed = False
        self._choose = choose
        self._tasks = tasks
        self._workshop: Workshop | None = None

    def close(self) -> None:
        """Cancel what is under way; `open_running` waits for its end."""
        self.closed = True
        self._tasks.cancel_scope.cancel()

    def model_for(self, mode: str, settings: Settings | None = None) -> str:
        """The model that would answer in this mode, by these settings or the running's own."""
        return (settings or self.settings).model_for(mode) or self._choose(mode)

    def start(
        self,
        path: Sequence[Message],
        *,
        mode: str | None = None,
        model: str | None = None,
        settings: Settings | None = None,
        run_id: str = "",
        keeper: Keeper | None = None,
        asks: bool = False,
        extras: Extras = NO_EXTRAS,
        conversation: str = "",
        unread: int | None = None,
        library: "Library | None" = None,
        own: Sequence["Tool"] = (),
        viewed: bool = False,
    ) -> Run:
        """Start answering the last message of `path`; what is left out is the settings' own.

        `asks` says that the reader answers `Run.questions`; where nobody does, whatever a run asks is refused.
        A word given for a whole conversation holds for the runs of the same `conversation`; `library` keeps whole
        results of tools. `own` are tools that the run is offered besides those of the settings, and `viewed` keeps its
        `view`. A run is cancelled once more than `unread` of its events wait for a reader; None holds them all. Raises
        `ConfigError` for an unknown mode and for its settings; everything later is an event.
        """
        settings = settings or self.settings
        mode = mode or settings.mode
        strategy = base.check(settings, mode)
        model_of = None if model else partial(self.model_for, settings=settings)
        view = RunView() if viewed else None
        send, receive = anyio.create_memory_object_stream[ev.AnyEvent](math.inf)
        ctx = RunContext(
            run=run_id or new_id(),
            models=self.models,
            settings=settings,
            model=model or self.model_for(mode, settings),
            path=tuple(path),
            system=settings.system,
            sink=_sink(send, keeper, view),
            seed=secrets.randbits(32),
            model_of=model_of,
            questions=Questions(anybody=asks),
            extras=extras,
            open_tools=partial(self._open_tools, settings, conversation, library, own)
            if settings.tools.use or own
            else None,
        )
        if unread is not None:
            ctx.sink = _bounded(ctx.sink, receive, unread, ctx.cancel)
        run = Run(ctx.run, mode, ctx.model, Events(receive), ctx.cancel, ctx.questions, view=view)
        self._tasks.start_soon(_drive, strategy, ctx, send, keeper, run)
        return run

    async def workshop(self) -> "Workshop":
        """What the runs share of tools, with the servers that were started. Imported when it is first wanted, in a
        thread: what is offered no tools has no use for it."""
        if self._workshop is None:
            await to_thread.run_sync(import_module, "chatmodes.tools.workshop")
            from chatmodes.tools.workshop import Workshop

            self._workshop = self._workshop or Workshop(self._tasks, picture=_picture)
        return self._workshop

    async def _open_tools(
        self, settings: Settings, conversation: str, library: "Library | None", own: Sequence["Tool"]
    ) -> "Toolbox":
        return await (await self.workshop()).toolbox(settings, conversation, library, own)

    async def answer(
        self, path: Sequence[Message], *, mode: str, model: str, settings: Settings | None = None
    ) -> RunView:
        """A whole run, awaited. Nobody is asked anything; cancelling the caller cancels the run."""
        return await followed(self.start(path, mode=mode, model=model, settings=settings))

    async def aside(
        self,
        prompt: str,
        *,
        model: str,
        system: str = "",
        max_tokens: int,
        on_text: Callable[[str], None] | None = None,
    ) -> RunView:
        """One plain call for a purpose of the program's own, a name, a summary or a grade: neither the user's system
        prompt nor what they set for answers. Its end says what it cost and why it failed; `on_text` gets the text as it
        comes."""
        settings = msgspec.structs.replace(
            self.settings, system=system, sampling=Sampling(), tools=Tools(), instant=Instant(max_tokens=max_tokens)
        )
        view = await followed(self.start((user(prompt),), mode="instant", model=model, settings=settings), on_text)
        cost = view.end.cost if view.end else None
        self.aside_cost = None if self.aside_cost is None or cost is None else self.aside_cost + cost
        return view


def new_id() -> str:
    """An id for a run."""
    return secrets.token_hex(8)


async def followed(run: Run, on_text: Callable[[str], None] | None = None) -> RunView:
    """Read a run to its end. A reader that is cancelled takes the run with it."""
    view = RunView()
    try:
        async for event in run.events:
            fold(view, event)
            if on_text and isinstance(event, ev.AnswerDelta):
                on_text(event.text)
        await run.ended.wait()
    finally:
        run.events.close()
        if view.end is None:
            run.cancel("nobody waits for it any more")
    return view


@asynccontextmanager
async def open_running(settings: Settings, models: Models, *, choose: Callable[[str], str]) -> AsyncGenerator[Running]:
    """Runs that end with the context: what is under way then is cancelled, and its end waited for.

    `choose` names the model for a mode where the settings name none. An error inside leaves as it is, in no group.
    """
    failed: BaseException | None = None
    async with anyio.create_task_group() as tasks:
        running = Running(settings, models, choose, tasks)
        try:
            yield running
        except BaseException as error:  # raised below, where the task group cannot wrap it: `sys.exit` is no failure
            if isinstance(error, anyio.get_cancelled_exc_class()):
                raise
            failed = error
        finally:
            running.close()
    if failed is not None:
        raise failed


def _sink(
    send: MemoryObjectSendStream[ev.AnyEvent], keeper: Keeper | None, view: RunView | None
) -> Callable[[ev.AnyEvent], None]:
    def sink(event: ev.AnyEvent) -> None:
        if view is not None:
            fold(view, event)
        if keeper is not None:
            keeper.add(event)
        with suppress(anyio.BrokenResourceError):  # nobody reads; the keeper still gets the rest
            send.send_nowait(event)

    return sink


def _bounded(
    sink: Callable[[ev.AnyEvent], None],
    receive: MemoryObjectReceiveStream[ev.AnyEvent],
    most: int,
    cancel: Callable[[str], None],
) -> Callable[[ev.AnyEvent], None]:
    def bounded(event: ev.AnyEvent) -> None:
        sink(event)
        if receive.statistics().current_buffer_used > most:
            cancel("its reader was too slow")

    return bounded


async def _drive(
    mode: base.Mode, ctx: RunContext, send: MemoryObjectSendStream[ev.AnyEvent], keeper: Keeper | None, run: Run
) -> None:
    """Conduct a run while its events are put away, to the last one whatever happens."""
    try:
        async with anyio.create_task_group() as tasks:
            if keeper is not None:
                tasks.start_soon(keeper.keep)
            await conduct(mode, ctx)
            tasks.cancel_scope.cancel()
    finally:
        if keeper is not None:
            with anyio.CancelScope(shield=True):
                await keeper.end()
        run.ended.set()
        send.close()


async def _picture(brought: Image) -> Image | str:
    """A picture that a tool brought, made ready as what the user attaches is; a sentence where it is none."""
    from chatmodes.attaching import AttachError, picture

    try:
        return await picture(brought.content, brought.name)
    except AttachError as error:
        return str(error)
