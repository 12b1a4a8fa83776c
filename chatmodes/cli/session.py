"""What commands that talk to models share: the user's store, the conversation a prompt joins, and signals."""

import argparse
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio

from chatmodes.chat import Chat, in_thread
from chatmodes.cli import FAILED, complain
from chatmodes.providers.calls import ProviderError
from chatmodes.settings import ConfigError, home, private_folder
from chatmodes.store import Store, StoreError, open_store


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
        case _:
            raise error
    return FAILED


def user_store(*, private: bool) -> Store:
    """The user's database; one in memory, and a word about it, where that cannot be had: an answer matters more."""
    if private:
        return open_store(None)
    try:
        store = open_store(private_folder(home("data")) / "chatmodes.db")
    except StoreError as error:
        complain(f"This conversation is not saved: {error.message}", error.hint)
        return open_store(None)
    except OSError as error:
        complain(f"This conversation is not saved: {home('data')} cannot be made or entered ({error.strerror}).")
        return open_store(None)
    if store.read_only:
        complain(f"This conversation is not saved: {store.read_only}")
        store.close()
        return open_store(None)
    return store


def tell_notes(notes: list[str]) -> None:
    """Say what is odd about the address in use: a part that was trimmed, plain http to another machine."""
    for note in notes:
        complain(note)


async def stored_prompt(chat: Chat, args: argparse.Namespace, prompt: str) -> str:
    """Store the prompt in the conversation that --continue or --conversation names, or in a new one; its id."""
    conversation = None
    if args.resume:
        conversation = await in_thread(chat.store.latest)
        if conversation is None:
            raise ConfigError("There is no conversation to continue.", "Leave --continue out to begin one.")
    elif args.conversation:
        conversation = await in_thread(chat.store.conversation, args.conversation)
        if conversation is None:
            raise ConfigError(
                f"There is no conversation {args.conversation!r}.", "`chatmodes history` lists them with their ids."
            )
    if conversation is None:
        return await chat.add_prompt(prompt)
    return await chat.add_prompt(prompt, conversation=conversation.id, parent=conversation.leaf)


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
