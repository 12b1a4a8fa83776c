"""The one place where prompt, mode, models and store meet.

Every face asks here and reads the events of the `Run` it gets; none calls a provider, and none writes a run to the
store. What a face never has to think about is done here: the prompt is kept before it is sent, what streams is on disk
within 250 ms, and a run whose reader went away still ends properly.

Runs belong to the chat, not to who reads them: a screen can be closed and a comparison's column dropped without
disturbing the others, and closing the chat cancels what is left and waits until that is stored.
"""

import math
import re
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from chatmodes import events as ev
from chatmodes.messages import Message, Text, system, user
from chatmodes.modes import base
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import Call, Models, ProviderError, TextChunk
from chatmodes.sanitize import one_line
from chatmodes.settings import Settings
from chatmodes.store import RunWriter, Store, StoreError

FLUSH_EVERY = 0.1
"""Seconds between two writes of what streams: with the write itself well under the 250 ms that kill -9 may cost."""

NAMING = "Name the conversation below in two to six words, in its own language. Answer with the name alone."
_MARKS = re.compile(r"\*\*|`")
"""What Markdown puts into a name, where a list shows it as it is."""
NAMING_TOKENS = 256
"""Room for models that reason whatever they are asked; a name is some ten tokens."""

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A store call, away from the event loop."""
    return await anyio.to_thread.run_sync(partial(call, *args, **kwargs))


@dataclass
class Run:
    """One prompt on its way through one mode."""

    id: str
    message: str
    """The stored message that the answer is written to."""
    mode: str
    model: str
    """What was chosen beforehand; with Auto, the mode it chooses may have a model of its own (`RunView.model`)."""
    events: MemoryObjectReceiveStream[ev.AnyEvent]
    """Ends after the run's one terminal event. A reader that stops early closes it, and the run goes on."""
    cancel: Callable[[str], None]
    """Stop everything under way, giving a reason; the events go on to `run_cancelled`, which has what came so far."""
    ended: anyio.Event = field(default_factory=anyio.Event)
    """Set once the terminal event is stored, or could not be."""
    unsaved: StoreError | None = None
    """Why the latest write failed; the run goes on, and what was not written is written when that works again."""


@dataclass
class Comparison:
    """One prompt, several runs at once."""

    id: str
    prompt: str
    """The stored prompt, under which the runs' answers are siblings."""
    runs: list[Run]


class Chat:
    """Prompts in, runs out, over one store and one set of models. Made by `open_chat`."""

    def __init__(
        self, settings: Settings, models: Models, store: Store, choose: Callable[[str], str], tasks: TaskGroup
    ) -> None:
        self.settings = settings
        """May be replaced at any time; runs under way keep what they started with."""
        self.models = models
        self.store = store
        self._choose = choose
        self._tasks = tasks
        self._closed = False

    def close(self) -> None:
        """Cancel what is under way; `open_chat` waits until that is stored."""
        self._closed = True
        self._tasks.cancel_scope.cancel()

    def model_for(self, mode: str) -> str:
        """The model that would answer in this mode."""
        return self._model_of(self.settings, mode)

    def _model_of(self, settings: Settings, mode: str) -> str:
        return settings.model_for(mode) or self._choose(mode)

    async def add_prompt(
        self, text: str, *, conversation: str | None = None, parent: str | None = None, files: Iterable[Text] = ()
    ) -> str:
        """Store a prompt with its files, in a new conversation where none is named, and return its message's id.

        `parent` is the message it follows; None makes it a first message. Two prompts under one parent are siblings:
        that is what editing makes.
        """
        if conversation is None:
            conversation = await in_thread(self.store.new_conversation)
        return await in_thread(self.store.add_message, conversation, parent, user(text, files))

    async def answer(
        self,
        prompt: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        comparison: str | None = None,
        settings: Settings | None = None,
    ) -> Run:
        """Start answering a stored prompt. Answers to one prompt are siblings, so asking again regenerates.

        Raises `ConfigError` for an unknown mode and `StoreError` when the store cannot keep the run; everything later
        is an event.
        """
        settings = settings or self.settings
        mode = mode or settings.mode
        strategy = base.check(settings, mode)
        model_of = None if model else partial(self._model_of, settings)
        model = model or self._model_of(settings, mode)
        run_id = secrets.token_hex(8)
        path, writer = await in_thread(self._begin, run_id, prompt, mode, model, comparison)
        send, receive = anyio.create_memory_object_stream[ev.AnyEvent](math.inf)
        ctx = RunContext(
            run=run_id,
            models=self.models,
            settings=settings,
            model=model,
            path=path,
            system=settings.system,
            sink=_tee(send, writer),
            seed=secrets.randbits(32),
            model_of=model_of,
        )
        run = Run(run_id, writer.message, mode, model, receive, ctx.cancel)
        if self._closed:  # the chat closed while the prompt was being read; a task could not be started any more
            with anyio.CancelScope(shield=True):
                await in_thread(writer.end, "cancelled")
            raise StoreError("The chat is closed.", "Open it again to answer this prompt; it is stored.")
        self._tasks.start_soon(_drive, strategy, ctx, send, writer, run)
        return run

    def _begin(
        self, run: str, prompt: str, mode: str, model: str, comparison: str | None
    ) -> tuple[tuple[Message, ...], RunWriter]:
        stored = self.store.message(prompt)
        if stored is None:
            raise StoreError("The prompt to answer is no longer stored.", "It was deleted; type it again.")
        path = tuple(self.store.context(prompt))
        writer = self.store.begin_run(
            run, stored.conversation, prompt, mode=mode, model=model, comparison=comparison, leaf=comparison is None
        )
        return path, writer

    async def compare(
        self, prompt: str, columns: Sequence[tuple[str, str | None]], *, blind: bool = False
    ) -> Comparison:
        """Answer one stored prompt through several (mode, model) at once; a model of None is the mode's own."""
        stored = await in_thread(self.store.message, prompt)
        if stored is None:
            raise StoreError("The prompt to compare is no longer stored.", "It was deleted; type it again.")
        made = await in_thread(self.store.begin_comparison, stored.conversation, prompt, blind=blind)
        comparison = Comparison(made, prompt, [])
        for mode, model in columns:
            await self.add_column(comparison, mode, model)
        return comparison

    async def name_conversation(self, conversation: str, model: str) -> bool:
        """Let a model name a conversation by its first exchange, in one short call, and say whether it did.

        One that has a name keeps it, and a call that fails leaves things as they are: the prompt's first words serve.
        """
        stored = await in_thread(self.store.conversation, conversation)
        if stored is None or stored.title or stored.leaf is None:
            return False
        first = (await in_thread(self.store.context, stored.leaf))[:2]
        excerpt = "\n\n".join(f"{message.role}: {message.text[:1500]}" for message in first)
        call = Call(
            model=model,
            messages=(system(NAMING), user(f"{excerpt}\n\nThe name:")),
            max_tokens=NAMING_TOKENS,
            reason=False,
        )
        try:
            async with self.models.stream(call) as chunks:
                pieces = [chunk.text async for chunk in chunks if isinstance(chunk, TextChunk)]
        except ProviderError:
            return False
        name = _MARKS.sub("", one_line("".join(pieces).strip().partition("\n")[0], 80)).strip("\"'“”*#. ")
        if name:
            await in_thread(self.store.rename, conversation, name)
        return bool(name)

    async def add_column(self, comparison: Comparison, mode: str, model: str | None = None) -> Run:
        """One more run of a comparison, while the others go on."""
        run = await self.answer(comparison.prompt, mode=mode, model=model, comparison=comparison.id)
        comparison.runs.append(run)
        return run


@asynccontextmanager
async def open_chat(
    settings: Settings, models: Models, store: Store, *, choose: Callable[[str], str]
) -> AsyncGenerator[Chat]:
    """A chat whose runs end with the context: what is under way then is cancelled, and stored as cancelled.

    `choose` names the model for a mode where the settings name none.
    """
    async with anyio.create_task_group() as tasks:
        chat = Chat(settings, models, store, choose, tasks)
        try:
            yield chat
        finally:
            chat.close()


def _tee(send: MemoryObjectSendStream[ev.AnyEvent], writer: RunWriter) -> Callable[[ev.AnyEvent], None]:
    def sink(event: ev.AnyEvent) -> None:
        writer.add(event)
        with suppress(anyio.BrokenResourceError):  # nobody reads; the store still gets the rest
            send.send_nowait(event)

    return sink


async def _drive(
    mode: base.Mode,
    ctx: RunContext,
    send: MemoryObjectSendStream[ev.AnyEvent],
    writer: RunWriter,
    run: Run,
) -> None:
    """Conduct a run while its events are written away, to the last one whatever happens."""
    try:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_flush_regularly, writer, run)
            await conduct(mode, ctx)
            tasks.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _write(writer.end, run)
        run.ended.set()
        send.close()


async def _flush_regularly(writer: RunWriter, run: Run) -> None:
    while True:
        await anyio.sleep(FLUSH_EVERY)
        with anyio.CancelScope(shield=True):  # a write is a few ms, and a thread cannot be stopped half-way
            await _write(writer.flush, run)


async def _write(write: Callable[[], None], run: Run) -> None:
    try:
        await in_thread(write)
    except StoreError as error:
        run.unsaved = error
    else:
        run.unsaved = None
