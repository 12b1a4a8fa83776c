"""Running with a store behind it: prompts, answers, comparisons, and where a conversation goes on.

Every face that keeps conversations asks here and reads the events of the `Run` it gets; none calls a provider, and
none writes a run to the store. What a face never has to think about is done here: the prompt is kept before it is
sent, what streams is on disk within 250 ms, and a run whose reader went away still ends properly.
"""

import re
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread
import msgspec

from chatmodes import events as ev
from chatmodes import running
from chatmodes.folding import RunView
from chatmodes.messages import File, Image, Message, Text, user
from chatmodes.modes import base
from chatmodes.modes.prompts import fill
from chatmodes.providers.available.choice import AT_ENDPOINT
from chatmodes.providers.calls import Models
from chatmodes.running import Running, open_running
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, Sampling, Settings
from chatmodes.store import RunWriter, Store, StoreError
from chatmodes.store.ledger import Purpose
from chatmodes.store.records import StoredMessage, StoredRun

if TYPE_CHECKING:
    from chatmodes.tools.base import Tool

FLUSH_EVERY = 0.1
"""Seconds between two writes of what streams: with the write itself well under the 250 ms that kill -9 may cost."""

_MARKS = re.compile(r"\*\*|`")
"""What Markdown puts into a name, where a list shows it as it is."""
NAMING_TOKENS = 256
"""Room for models that reason whatever they are asked; a name is some ten tokens."""

P = ParamSpec("P")
R = TypeVar("R")


async def in_thread(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """A store call, away from the event loop."""
    return await anyio.to_thread.run_sync(partial(call, *args, **kwargs))


class _Writing:
    """Puts a run's events into the store while they come."""

    def __init__(self, writer: RunWriter) -> None:
        self.writer = writer
        self.unsaved: StoreError | None = None

    def add(self, event: ev.AnyEvent) -> None:
        self.writer.add(event)

    async def keep(self) -> None:
        while True:
            await anyio.sleep(FLUSH_EVERY)
            with anyio.CancelScope(shield=True):  # a write is a few ms, and a thread cannot be stopped half-way
                await self._write(self.writer.flush)

    async def end(self) -> None:
        await self._write(self.writer.end)

    async def _write(self, write: Callable[[], None]) -> None:
        try:
            await in_thread(write)
        except StoreError as error:
            self.unsaved = error
        else:
            self.unsaved = None


class _Results:
    """Whole results of tools, hung on the answer that they are for: kept and deleted with its conversation."""

    def __init__(self, store: Store, conversation: str, message: str) -> None:
        self._store, self._conversation, self._message = store, conversation, message

    async def keep(self, name: str, text: str) -> None:
        with suppress(StoreError):  # the run goes on, and has the text in memory
            await in_thread(self._store.keep_result, self._message, name, text)

    async def find(self, key: str) -> str | None:
        try:
            return await in_thread(self._store.result, self._conversation, key)
        except StoreError:
            return None


@dataclass(kw_only=True)
class Run(running.Run):
    """A run that the store keeps."""

    message: str
    """The stored message that the answer is written to."""
    writing: _Writing = field(repr=False)

    @property
    def unsaved(self) -> StoreError | None:
        """Why the latest write failed; the run goes on, and what was not written is written when that works again."""
        return self.writing.unsaved


@dataclass
class Comparison:
    """One prompt, several runs at once."""

    id: str
    prompt: str
    """The stored prompt, under which the runs' answers are siblings."""
    runs: list[Run]


@dataclass(frozen=True)
class Choice:
    """What a conversation goes on with where nothing else is said; empty where it has no choice of its own."""

    mode: str = ""
    model: str = ""
    settings: dict[str, Any] = field(default_factory=dict[str, Any])
    """What it overrides of the settings, as the store keeps it: `system`, `tools`, and what `Sampling` has."""

    def model_at(self, *, by_hand: bool) -> str | None:
        """The model that it goes on with; None leaves it to the settings. Where an endpoint was given by hand, only one
        of that endpoint's own."""
        return (self.model if not by_hand or self.model.startswith(AT_ENDPOINT) else "") or None

    def over(self, settings: Settings, *, said: Collection[str] = ()) -> Settings:
        """The settings with what the conversation overrides; what is named in `said` was said just now, and stays.

        Raises `ConfigError` for a stored value that cannot be.
        """
        chosen = {name: value for name, value in self.settings.items() if name not in said}
        fields = {name: chosen[name] for name in Sampling.__struct_fields__ if name in chosen}
        try:
            tools = msgspec.convert(chosen.get("tools", settings.tools.use), tuple[str, ...])
            asked = msgspec.convert({**msgspec.to_builtins(settings.sampling), **fields}, Sampling)
            system = msgspec.convert(chosen.get("system", settings.system), str)
        except msgspec.ValidationError as error:
            raise ConfigError(
                f"The conversation's own settings cannot be used: {error}.", "Choose them again in the chat."
            ) from error
        used = msgspec.structs.replace(settings.tools, use=_there(tools, settings) if "tools" in chosen else tools)
        return msgspec.structs.replace(settings, sampling=asked, system=system, tools=used)


def _there(names: tuple[str, ...], settings: Settings) -> tuple[str, ...]:
    """Those of a conversation's tools that there still are: it may go on in another folder, or after a year."""
    from chatmodes.tools.registry import exists

    return tuple(name for name in names if exists(name, settings))


class Chat:
    """Prompts in, runs out, over one store and one set of models. Made by `open_chat`."""

    def __init__(self, runs: Running, store: Store) -> None:
        self.running = runs
        """The same without the store, for what is asked beside the conversations."""
        self.store = store

    @property
    def models(self) -> Models:
        """Every model there is."""
        return self.running.models

    @property
    def settings(self) -> Settings:
        """May be replaced at any time; runs under way keep what they started with."""
        return self.running.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        self.running.settings = settings

    def close(self) -> None:
        """Cancel what is under way; `open_chat` waits until that is stored."""
        self.running.close()

    def model_for(self, mode: str) -> str:
        """The model that would answer in this mode."""
        return self.running.model_for(mode)

    async def add_prompt(
        self,
        text: str,
        *,
        conversation: str | None = None,
        parent: str | None = None,
        files: Iterable[Text | File | Image] = (),
    ) -> str:
        """Store a prompt with its files, in a new conversation where none is named, and return its message's id.

        `parent` is the message it follows; None makes it a first message. Two prompts under one parent are siblings:
        that is what editing makes.
        """
        if conversation is None:
            conversation = await in_thread(self.store.new_conversation)
        return await in_thread(self.store.add_message, conversation, parent, user(text, files))

    async def leaf(self, conversation: str) -> str | None:
        """The message that the conversation's next prompt follows; None in an empty one.

        The current leaf, and behind the prompt of a comparison an answer to it, so that no model sees two prompts in a
        row: a picked answer (it is the leaf already), else the one that finished first, else one that has text.
        """
        return await in_thread(self._leaf, conversation)

    def _leaf(self, conversation: str) -> str | None:
        found = self.store.conversation(conversation)
        leaf = self.store.message(found.leaf) if found and found.leaf else None
        if leaf is None:
            return None
        if leaf.message.role != "user":
            return leaf.id
        compared = [each for each in self.store.comparisons(leaf.conversation) if each.prompt == leaf.id]
        finished = [run for each in compared for run in each.runs if run.status == "finished"]
        if finished:
            return min(finished, key=_ended_at).message
        answers = [self.store.message(run.message) for each in compared for run in each.runs]
        return next((each.id for each in answers if each and each.message.text.strip()), leaf.id)

    async def choice_of(self, conversation: str) -> Choice:
        """What a conversation goes on with: what was chosen for it, else what it was answered with last."""
        return await in_thread(self._choice, conversation)

    def _choice(self, conversation: str) -> Choice:
        found = self.store.conversation(conversation)
        if found is None:
            return Choice()
        run = None if found.mode and found.model else self._last_run(conversation)
        mode = found.mode or (run.mode if run else "")
        return Choice(mode, found.model or (run.model if run else ""), found.settings)

    def _last_run(self, conversation: str) -> StoredRun | None:
        """The run behind the last answer; it has the mode that was asked for, where the answer has Auto's choice."""
        leaf = self._leaf(conversation)
        for message in reversed(self.store.path(leaf) if leaf else []):
            if message.run and (run := self.store.run(message.run)) is not None:
                return run
        return None

    async def answer(
        self,
        prompt: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        comparison: str | None = None,
        settings: Settings | None = None,
        asks: bool = False,
        own: Sequence["Tool"] = (),
        viewed: bool = False,
    ) -> Run:
        """Start answering a stored prompt. Answers to one prompt are siblings, so asking again regenerates.

        `asks`, `own` and `viewed` as in `Running.start`. Raises `ConfigError` for an unknown mode and `StoreError` when
        the store cannot keep the run; everything later is an event.
        """
        settings = settings or self.settings
        mode = mode or settings.mode
        base.check(settings, mode)
        run_id, told = running.new_id(), model or self.running.model_for(mode, settings)
        path, conversation, writer = await in_thread(self._begin, run_id, prompt, mode, told, comparison)
        if self.running.closed:  # it closed while the prompt was being read; a task could not be started any more
            with anyio.CancelScope(shield=True):
                await in_thread(writer.end, "cancelled")
            raise StoreError("The chat is closed.", "Open it again to answer this prompt; it is stored.")
        writing = _Writing(writer)
        started = self.running.start(
            path,
            mode=mode,
            model=model,
            settings=settings,
            run_id=run_id,
            keeper=writing,
            asks=asks,
            conversation=conversation,
            library=_Results(self.store, conversation, writer.message),
            own=own,
            viewed=viewed,
        )
        return Run(**vars(started), message=writer.message, writing=writing)

    def _begin(
        self, run: str, prompt: str, mode: str, model: str, comparison: str | None
    ) -> tuple[tuple[Message, ...], str, RunWriter]:
        stored = self._prompt(prompt, "answer")
        path = tuple(self.store.context(prompt))
        writer = self.store.begin_run(
            run, stored.conversation, prompt, mode=mode, model=model, comparison=comparison, leaf=comparison is None
        )
        return path, stored.conversation, writer

    def _prompt(self, prompt: str, purpose: str) -> StoredMessage:
        stored = self.store.message(prompt)
        if stored is None:
            raise StoreError(f"The prompt to {purpose} is no longer stored.", "It was deleted; type it again.")
        return stored

    async def compare(
        self, prompt: str, columns: Sequence[tuple[str, str | None]], *, blind: bool = False
    ) -> Comparison:
        """Answer one stored prompt through several (mode, model) at once; a model of None is the mode's own.

        Where the conversation goes on afterwards is said by `leaf`.
        """
        stored = await in_thread(self._prompt, prompt, "compare")
        made = await in_thread(self.store.begin_comparison, stored.conversation, prompt, blind=blind)
        comparison = Comparison(made, prompt, [])
        for mode, model in columns:
            await self.add_column(comparison, mode, model)
        return comparison

    async def add_column(
        self, comparison: Comparison, mode: str, model: str | None = None, *, asks: bool = False
    ) -> Run:
        """One more run of a comparison, while the others go on. `asks` as in `Running.start`."""
        run = await self.answer(comparison.prompt, mode=mode, model=model, comparison=comparison.id, asks=asks)
        comparison.runs.append(run)
        return run

    async def aside(
        self,
        prompt: str,
        purpose: Purpose,
        conversation: str | None,
        *,
        model: str,
        system: str,
        max_tokens: int,
        on_text: Callable[[str], None] | None = None,
    ) -> RunView:
        """A call for a purpose of the program's own, as `Running.aside`; its cost is stored with those of the runs.

        Of one that is cancelled nobody knows the cost, and that is stored.
        """
        end: ev.Terminal | None = None
        try:
            view = await self.running.aside(prompt, model=model, system=system, max_tokens=max_tokens, on_text=on_text)
            end = view.end
        finally:
            usage, cost = (end.usage, end.cost) if end else (ev.Usage(), None)
            # Whatever becomes of the bill, the text has come: the conversation may be gone by now.
            with anyio.CancelScope(shield=True), suppress(StoreError):
                await in_thread(self.store.record_aside, conversation, purpose, model=model, usage=usage, cost=cost)
        return view

    async def name_conversation(self, conversation: str, model: str) -> RunView | None:
        """Let a model name a conversation by its first exchange, in one short call.

        Returns that call, whose end says what it cost and whether it failed; a failure leaves things as they are, since
        the prompt's first words serve. None where nothing was asked: the conversation has a name, or is empty. Raises
        `ConfigError` for a prompt file that cannot serve.
        """
        stored = await in_thread(self.store.conversation, conversation)
        if stored is None or stored.title or stored.leaf is None:
            return None
        first = (await in_thread(self.store.context, stored.leaf))[:2]
        excerpt = "\n\n".join(f"{message.role}: {message.text[:1500]}" for message in first)
        prompt = f"{excerpt}\n\nThe name:"
        view = await self.aside(
            prompt, "name", conversation, model=model, system=fill("name"), max_tokens=NAMING_TOKENS
        )
        if isinstance(view.end, ev.RunFinished):
            name = _MARKS.sub("", one_line(view.end.answer.strip().partition("\n")[0], 80)).strip("\"'“”*#. ")
            if name:
                await in_thread(self.store.rename, conversation, name)
        return view


def _ended_at(run: StoredRun) -> float:
    return run.created + (run.seconds or 0.0)


@asynccontextmanager
async def open_chat(
    settings: Settings, models: Models, store: Store, *, choose: Callable[[str], str]
) -> AsyncGenerator[Chat]:
    """A chat whose runs end with the context: what is under way then is cancelled, and stored as cancelled.

    `choose` names the model for a mode where the settings name none.
    """
    async with open_running(settings, models, choose=choose) as runs:
        yield Chat(runs, store)
