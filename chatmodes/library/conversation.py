"""A conversation that a program holds: one prompt after the other, each with its run's events."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from chatmodes.chat import Chat, Run, in_thread
from chatmodes.folding import RunView, fold
from chatmodes.library.answers import Answer, whole
from chatmodes.library.asked import Attached, Offered, asked_for, check_prompt, check_texts, parts_of
from chatmodes.library.fitting import check_fit, offers_tools
from chatmodes.modes import base
from chatmodes.opening import open_user_chat
from chatmodes.providers.available.choice import AT_ENDPOINT
from chatmodes.settings import ConfigError, Settings

if TYPE_CHECKING:
    from chatmodes.tools.base import Tool


@dataclass
class Conversation:
    """A conversation that a program holds. Made by `open`."""

    chat: Chat = field(repr=False)
    """Everything about it: the store, other conversations, comparisons."""
    id: str | None = None
    """The stored conversation; None until the first prompt."""
    mode: str | None = None
    """What answers where a prompt does not say; None takes the settings' own. So too `model` and `settings`."""
    model: str | None = None
    settings: Settings | None = field(default=None, repr=False)
    by_hand: bool = False
    """An endpoint was given by hand: a model's name is the one that it knows."""
    own: "tuple[Tool, ...]" = field(default=(), repr=False)
    """Tools of the program's own, which every prompt is offered."""
    _latest: Run | None = field(default=None, repr=False)
    _turn: anyio.Lock = field(default_factory=anyio.Lock, repr=False)

    async def ask(
        self,
        prompt: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        attach: Attached | Iterable[Attached] = (),
        asks: bool = False,
    ) -> Run:
        """Ask the next prompt and return its run, whose `events` come as they happen and end with the run.

        Waits for the answer before it. `asks` says that the caller answers what the run asks, by `Run.allow` and
        `Run.refuse`; where nobody does, whatever a run wants to be allowed is refused. Raises `ConfigError` as
        `chatmodes.ask`, `StoreError` where the conversation cannot be kept, and `RuntimeError` behind its block.
        """
        check_prompt(prompt)
        check_texts(mode=mode, model=model)
        async with self._turn:
            if self._latest is not None:
                await self._latest.ended.wait()
            if self.chat.running.closed:
                raise RuntimeError("The conversation is over: ask inside the `async with` block that holds it.")
            self._latest = await self._begin(prompt, mode or self.mode, model, attach, asks=asks)
        return self._latest

    async def _begin(
        self, prompt: str, mode: str | None, model: str | None, attach: Attached | Iterable[Attached], *, asks: bool
    ) -> Run:
        settings = self.settings or self.chat.settings
        mode = mode or settings.mode
        base.check(settings, mode)
        model = f"{AT_ENDPOINT}{model}" if model and self.by_hand else model or self.model
        files = await parts_of(attach)
        answering = model or self.chat.running.model_for(mode, settings)
        check_fit(self.chat.models, answering, files, offers_tools(settings, self.own))
        leaf = await self.chat.leaf(self.id) if self.id else None
        message = await self.chat.add_prompt(prompt, conversation=self.id, parent=leaf, files=files)
        if self.id is None:
            stored = await in_thread(self.chat.store.message, message)
            self.id = stored.conversation if stored else None
        return await self.chat.answer(
            message, mode=mode, model=model, settings=settings, asks=asks, own=self.own, viewed=True
        )


async def answer_of(run: Run) -> Answer:
    """Wait for a run's end and give its answer, whoever reads its events. Raises `AnswerError` where it brings none."""
    view = run.view
    if view is None:  # a run that `Conversation.ask` did not start
        view = RunView()
        async for event in run.events:
            fold(view, event)
    await run.ended.wait()
    return whole(view)


@asynccontextmanager
async def open(
    *,
    mode: str | None = None,
    model: str | None = None,
    tools: Offered | Iterable[Offered] = (),
    allow: str | Iterable[str] = (),
    base_url: str | None = None,
    api_key: str | None = None,
    system: str | None = None,
    settings: Mapping[str, object] | None = None,
    conversation: str | None = None,
    keep: bool = False,
) -> AsyncGenerator[Conversation]:
    """A conversation to ask in, one prompt after the other, under asyncio or trio.

    Takes what `ask` takes but the prompt and its attachments. With `keep` it is stored with the user's own
    conversations, and with `conversation` it goes on with one of them; in memory otherwise. A conversation goes on with
    its own mode, model and settings where nothing else is said. What is under way when the context is left is
    cancelled. Raises `ConfigError`.
    """
    check_texts(api_key=api_key, conversation=conversation)
    asked = asked_for(mode, model, system, base_url, tools, allow, settings)
    private = not (keep or conversation)
    if not private and asked.settings.store.private:
        raise ConfigError("The settings say that nothing is stored (store.private).", "Leave keep out, or change that.")
    async with open_user_chat(asked.settings, base_url=asked.base_url, api_key=api_key, private=private) as opened:
        if opened.unsaved:
            raise ConfigError(opened.unsaved)
        found = await in_thread(opened.chat.store.conversation, conversation) if conversation else None
        if conversation and found is None:
            raise ConfigError(f"There is no conversation {conversation!r}.", "`chatmodes history` lists them.")
        held = Conversation(opened.chat, by_hand=bool(asked.base_url), own=asked.own)
        if found is not None:
            choice = await opened.chat.choice_of(found.id)
            held.id, held.mode = found.id, mode or choice.mode or None
            held.model = None if model else choice.model_at(by_hand=held.by_hand)
            held.settings = choice.over(opened.chat.settings, said=asked.said)
        yield held
