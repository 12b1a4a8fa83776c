"""What commands that talk to models share: the chat, the conversation a prompt joins, and signals."""

import argparse
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import NamedTuple

import anyio

from chatmodes import events as ev
from chatmodes.chat import Chat, Choice, in_thread
from chatmodes.cli import FAILED, code_of, complain
from chatmodes.cli.options import base_url_of
from chatmodes.folding import RunView
from chatmodes.modes import base
from chatmodes.opening import open_user_chat
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import ConfigError, Sampling, Settings
from chatmodes.store import StoreError
from chatmodes.store.records import Conversation


def run_async(call: Callable[..., Awaitable[int]], *args: object) -> int:
    """Run a command's coroutine and return its exit code.

    An error that ends a task group arrives wrapped in a group; the one sentence a user needs is the error inside.
    """
    try:
        return anyio.run(call, *args)
    except BaseExceptionGroup as group:
        return _told(_only(group))
    except (StoreError, ProviderError) as error:
        return _told(error)


def _only(error: BaseException) -> BaseException:
    """The error inside groups of one."""
    inside: tuple[BaseException, ...] = getattr(error, "exceptions", ())
    return _only(inside[0]) if len(inside) == 1 else error


def _told(error: BaseException) -> int:
    """Say what a store or a provider cannot do; anything else goes on its way up."""
    match error:
        case StoreError():
            complain(error.message, error.hint)
        case ProviderError():
            complain(error.error.message, error.error.hint)
            return code_of(error.error)
        case _:
            raise error
    return FAILED


@asynccontextmanager
async def user_chat(args: argparse.Namespace, settings: Settings) -> AsyncGenerator[Chat]:
    """The chat for a command, and a word about what is odd: a store that cannot be had, an address that was trimmed."""
    async with open_user_chat(settings, base_url=base_url_of(args), private=args.private) as opened:
        for note in opened.notes:
            complain(note)
        yield opened.chat


@dataclass(frozen=True)
class Place:
    """Where a prompt goes."""

    conversation: str | None = None
    """None begins a new one."""
    leaf: str | None = None
    choice: Choice = field(default_factory=Choice)
    """What the conversation was answered with, which goes on unless the line says otherwise."""


async def place_of(chat: Chat, args: argparse.Namespace) -> Place:
    """Where the prompt goes by --continue and --conversation. Raises `ConfigError` where there is no such place."""
    found: Conversation | None = None
    if args.resume:
        found = await in_thread(chat.store.latest)
        if found is None:
            raise ConfigError("There is no conversation to continue.", "Leave --continue out to begin one.")
    elif args.conversation:
        found = await in_thread(chat.store.conversation, args.conversation)
        if found is None:
            raise ConfigError(
                f"There is no conversation {args.conversation!r}.", "`chatmodes history` lists them with their ids."
            )
    if found is None:
        return Place()
    return Place(found.id, await chat.leaf(found.id), await chat.choice_of(found.id))


class Asked(NamedTuple):
    """How a prompt is answered; None leaves it to the settings."""

    mode: str | None
    model: str | None
    settings: Settings


def asked_for(args: argparse.Namespace, settings: Settings, choice: Choice) -> Asked:
    """How a prompt is answered in a conversation with this choice. Raises `ConfigError`.

    The line wins, and so does an endpoint given by hand: only a model of that endpoint's own goes on there.
    """
    mode = choice.mode if not args.mode and base.exists(choice.mode) else ""
    model = None if args.model else choice.model_at(by_hand=bool(base_url_of(args)))
    said = {name for name in ("system", *Sampling.__struct_fields__) if getattr(args, name) is not None}
    said |= {"tools"} if args.tool else set()
    asked = Asked(mode or None, model, choice.over(settings, said=said))
    base.check(asked.settings, asked.mode or settings.mode)
    return asked


def never_sent(view: RunView) -> bool:
    """Whether a run failed at what it was asked for, before any model was: an unknown provider, a missing key."""
    failed = view.end
    return isinstance(failed, ev.RunFailed) and not view.agents and failed.error.kind in _CONFIGURATION


async def set_aside(chat: Chat, *answers: str) -> None:
    """Set a conversation aside that begins with a prompt nobody answered: ten tries of one prompt are not ten
    conversations. The prompt stays, and can be gone on with. A store that fails has said so."""
    with suppress(StoreError):
        stored = [await in_thread(chat.store.message, answer) for answer in answers]
        here = [each for each in stored if each is not None]
        if here and not any(each.message.text.strip() for each in here):
            await in_thread(chat.store.set_aside, here[0].conversation)


_CONFIGURATION: tuple[ev.ErrorKind, ...] = ("auth", "not_found", "bad_request")


@asynccontextmanager
async def cancelled_by_signals(cancel: Callable[[str], None]) -> AsyncGenerator[None]:
    """Ctrl+C, a hang-up and a polite kill call `cancel` with the reason, instead of ending the process at once."""

    async def watch() -> None:
        with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM, signal.SIGHUP) as signals:
            async for _ in signals:
                cancel("cancelled by the user")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch)
        yield
        tasks.cancel_scope.cancel()
