"""The program as a library: what `import chatmodes` offers, built on the same rooms as every face.

    import chatmodes
    print(chatmodes.ask("What is 12 * 12?", mode="thinking").text)

The user's settings, keys and environment hold here as on the command line; nothing is stored unless it is asked for.
`docs/library.md` has a script and a notebook's cell.
"""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial, wraps
from os import PathLike
from typing import ParamSpec, TypeVar

import anyio
import anyio.from_thread
import anyio.lowlevel

from chatmodes import events as ev
from chatmodes.chat import Chat, Run, in_thread
from chatmodes.folding import RunView, fold
from chatmodes.messages import File, Image, Text, user
from chatmodes.modes import base
from chatmodes.opening import open_runs, open_user_chat
from chatmodes.providers.available.choice import AT_ENDPOINT, named
from chatmodes.running import followed
from chatmodes.settings import ConfigError, Settings, load

Attached = str | PathLike[str] | Text | File | Image
"""A file or an address (text, picture, PDF), or a part of a message that is made already."""

P = ParamSpec("P")
T = TypeVar("T")


class AnswerError(Exception):
    """A run failed or was cancelled. The message is one sentence, `error` the typed cause, `answer` what had come."""

    def __init__(self, error: ev.Error, answer: "Answer") -> None:
        super().__init__(error, answer)  # as it was made, so that a pool of processes can hand it back
        self.error = error
        self.answer = answer

    def __str__(self) -> str:
        return f"{self.error.message} {self.error.hint}".strip()


@dataclass(frozen=True)
class Answer:
    """What a run brought."""

    run: RunView
    """The whole run: its plan, its agents with their drafts, how the answer came about."""

    @property
    def text(self) -> str:
        """The answer."""
        return self.run.answer_text

    @property
    def reasoning(self) -> str:
        """What the model that wrote the answer thought before; empty where it did not, or does not show it."""
        writers = [agent for agent in self.run.agents.values() if agent.role in ("answer", "reconcile")]
        return "".join(piece for agent in writers for piece in agent.reasoning)

    @property
    def usage(self) -> ev.Usage:
        """Tokens of the whole run; None in a count that is unknown."""
        return self.run.end.usage if self.run.end else ev.Usage()

    @property
    def cost(self) -> float | None:
        """US dollars for the whole run; None where that is unknown."""
        return self.run.end.cost if self.run.end else None

    def __str__(self) -> str:
        return self.text


async def ask_async(
    prompt: str,
    *,
    mode: str | None = None,
    model: str | None = None,
    attach: Iterable[Attached] = (),
    tools: Sequence[str] = (),
    allow: Sequence[str] = (),
    base_url: str | None = None,
    api_key: str | None = None,
    system: str | None = None,
) -> Answer:
    """Ask one prompt and wait for the answer, under asyncio or trio. Nothing is stored.

    What is left out is the settings' own; with `base_url` the model's name is sent as it is. `tools` are offered to the
    model and `allow` are rules of what may run, as on the command line; nobody is asked about the rest, which is
    refused. Cancelling the caller ends the run with every request under it. Raises `AnswerError` where there is no
    answer, and `ConfigError` for what cannot be asked: an unknown mode or tool, a file that cannot be attached, a bad
    settings file.
    """
    endpoint = base_url or os.environ.get("CHATMODES_BASE_URL") or None
    settings = _settings(mode, model, endpoint, system, tools, allow)
    base.check(settings, settings.mode)
    message = user(prompt, await _parts(attach))
    async with open_runs(settings, base_url=endpoint, api_key=api_key) as (running, _):
        view = await followed(running.start((message,)))
    return _whole(Answer(view))


def _waited(call: Callable[P, Awaitable[T]], name: str, doc: str) -> Callable[P, T]:
    """The same function for who cannot await it, under a name and with a docstring of its own."""

    @wraps(call)
    def waited(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = partial(call, *args, **kwargs)
        if not _looping():
            return anyio.run(bound)
        with anyio.from_thread.start_blocking_portal() as portal:
            return portal.call(bound)

    waited.__name__ = waited.__qualname__ = name
    waited.__doc__ = doc
    return waited


def _looping() -> bool:
    try:
        anyio.lowlevel.current_token()
    except RuntimeError:
        return False
    return True


ask = _waited(
    ask_async,
    "ask",
    """Ask one prompt and wait for the answer. Nothing is stored.

    Takes, gives and raises what `ask_async` does. May be called where an event loop runs, as in a notebook: the run
    then has a thread of its own, for which this one waits.
    """,
)


@dataclass
class Conversation:
    """A conversation that a program holds. Made by `open`."""

    chat: Chat
    """Everything about it: the store, other conversations, comparisons."""
    id: str | None = None
    """The stored conversation; None until the first prompt."""
    mode: str | None = None
    """What answers where a prompt does not say; None takes the settings' own. So too `model` and `settings`."""
    model: str | None = None
    settings: Settings | None = None
    by_hand: bool = False
    """An endpoint was given by hand: a model's name is the one that it knows."""
    _latest: Run | None = None

    async def ask(
        self,
        prompt: str,
        *,
        mode: str | None = None,
        model: str | None = None,
        attach: Iterable[Attached] = (),
        asks: bool = False,
    ) -> Run:
        """Ask the next prompt and return its run, whose `events` come as they happen and end with the run.

        Waits for the answer before it. `asks` says that the caller answers `Run.questions`; where nobody does, whatever
        a run wants to be allowed is refused. Raises `ConfigError` as `chatmodes.ask`, and `StoreError` where the
        conversation cannot be kept.
        """
        if self._latest is not None:
            await self._latest.ended.wait()
        settings = self.settings or self.chat.settings
        base.check(settings, mode or self.mode or settings.mode)
        name = f"{AT_ENDPOINT}{model}" if model and self.by_hand else model
        files = await _parts(attach)
        leaf = await self.chat.leaf(self.id) if self.id else None
        message = await self.chat.add_prompt(prompt, conversation=self.id, parent=leaf, files=files)
        if self.id is None:
            stored = await in_thread(self.chat.store.message, message)
            self.id = stored.conversation if stored else None
        self._latest = await self.chat.answer(
            message, mode=mode or self.mode, model=name or self.model, settings=settings, asks=asks
        )
        return self._latest


async def answer_of(run: Run) -> Answer:
    """Read a run to its end. Raises `AnswerError` where it brings no answer."""
    view = RunView()
    async for event in run.events:
        fold(view, event)
    await run.ended.wait()
    return _whole(Answer(view))


@asynccontextmanager
async def open(
    *,
    mode: str | None = None,
    model: str | None = None,
    tools: Sequence[str] = (),
    allow: Sequence[str] = (),
    base_url: str | None = None,
    api_key: str | None = None,
    system: str | None = None,
    conversation: str | None = None,
    keep: bool = False,
) -> AsyncGenerator[Conversation]:
    """A conversation to ask in, one prompt after the other, under asyncio or trio.

    With `keep` it is stored with the user's own conversations, and with `conversation` it goes on with one of them; in
    memory otherwise. A conversation goes on with its own mode, model and settings where nothing else is said. What is
    under way when the context is left is cancelled. Raises `ConfigError`.
    """
    endpoint = base_url or os.environ.get("CHATMODES_BASE_URL") or None
    settings = _settings(mode, model, endpoint, system, tools, allow)
    private = not (keep or conversation)
    async with open_user_chat(settings, base_url=endpoint, api_key=api_key, private=private) as opened:
        found = await in_thread(opened.chat.store.conversation, conversation) if conversation else None
        if conversation and found is None:
            raise ConfigError(f"There is no conversation {conversation!r}.", "`chatmodes history` lists them.")
        held = Conversation(opened.chat, by_hand=bool(endpoint))
        if found is not None:
            choice = await opened.chat.choice_of(found.id)
            held.id, held.mode = found.id, mode or choice.mode or None
            held.model = None if model else choice.model_at(by_hand=held.by_hand)
            said = {name for name, value in (("system", system is not None), ("tools", bool(tools))) if value}
            held.settings = choice.over(opened.chat.settings, said=said)
        yield held


def _settings(
    mode: str | None,
    model: str | None,
    base_url: str | None,
    system: str | None,
    tools: Sequence[str],
    allow: Sequence[str],
) -> Settings:
    flags = named(model or (os.environ.get("CHATMODES_MODEL") if base_url else None), by_hand=bool(base_url))
    flags |= {name: value for name, value in (("mode", mode), ("system", system)) if value is not None}
    settings = load(flags)
    if not tools and not allow:
        return settings
    from chatmodes.tools.granting import granted

    return granted(settings, tools, allow)


async def _parts(attached: Iterable[Attached]) -> list[Text | File | Image]:
    parts: list[Text | File | Image] = []
    for each in attached:
        if isinstance(each, Text | File | Image):
            parts.append(each)
            continue
        from chatmodes.attaching import AttachError, attach

        try:
            parts += await attach([each])
        except AttachError as error:
            raise ConfigError(str(error), "Nothing was sent.") from error
    return parts


def _whole(answer: Answer) -> Answer:
    match answer.run.end:
        case ev.RunFinished():
            return answer
        case ev.RunFailed(error=error):
            raise AnswerError(error, answer)
        case ev.RunCancelled(reason=reason):
            raise AnswerError(ev.Error("stream_cut", f"The run was cancelled: {reason}."), answer)
        case None:
            raise AssertionError("a run that was read to its end has one")
