"""One prompt and its answer: awaited, waited for, or event by event."""

import atexit
import inspect
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import partial, wraps
from typing import ParamSpec, TypeVar
from weakref import WeakSet

import anyio
import anyio.from_thread
import anyio.lowlevel
from anyio.abc import TaskStatus

from chatmodes import events as ev
from chatmodes.library.answers import Answer, whole
from chatmodes.library.asked import Attached, Offered, asked_for, check_prompt, check_texts, parts_of
from chatmodes.library.fitting import check_fit, offers_tools
from chatmodes.messages import user
from chatmodes.opening import open_runs
from chatmodes.running import Events, Run, followed

P = ParamSpec("P")
T = TypeVar("T")


async def ask_async(
    prompt: str,
    *,
    mode: str | None = None,
    model: str | None = None,
    attach: Attached | Iterable[Attached] = (),
    tools: Offered | Iterable[Offered] = (),
    allow: str | Iterable[str] = (),
    base_url: str | None = None,
    api_key: str | None = None,
    system: str | None = None,
    settings: Mapping[str, object] | None = None,
) -> Answer:
    """Ask one prompt and wait for the answer, under asyncio or trio. Nothing is stored.

    What is left out is the settings' own; `settings` overrides others of them by their names, for this call. With
    `base_url` the model's name is sent as it is. `tools` are offered to the model: functions, and by name those of the
    command line; `allow` are rules of what may run. Nobody is asked about the rest, which is refused. Cancelling the
    caller ends the run with every request under it. Raises `AnswerError` where there is no answer, and `ConfigError`
    for what cannot be asked: an unknown mode or tool, a file that cannot be attached, a bad settings file.
    """
    asking = _asking(prompt, mode, model, attach, tools, allow, base_url, api_key, system, settings)
    async with asking as run:
        view = await followed(run)
    return whole(view)


@asynccontextmanager
async def _asking(
    prompt: str,
    mode: str | None,
    model: str | None,
    attach: Attached | Iterable[Attached],
    tools: Offered | Iterable[Offered],
    allow: str | Iterable[str],
    base_url: str | None,
    api_key: str | None,
    system: str | None,
    settings: Mapping[str, object] | None,
) -> AsyncGenerator[Run]:
    """A run that ends with the context."""
    check_prompt(prompt)
    check_texts(api_key=api_key)
    asked = asked_for(mode, model, system, base_url, tools, allow, settings)
    parts = await parts_of(attach)
    async with open_runs(asked.settings, base_url=asked.base_url, api_key=api_key) as (running, gateway):
        check_fit(gateway, running.model_for(running.settings.mode), parts, offers_tools(running.settings, asked.own))
        run = running.start((user(prompt, parts),), own=asked.own)
        try:
            yield run
        finally:
            run.events.close()


def stream(
    prompt: str,
    *,
    mode: str | None = None,
    model: str | None = None,
    attach: Attached | Iterable[Attached] = (),
    tools: Offered | Iterable[Offered] = (),
    allow: str | Iterable[str] = (),
    base_url: str | None = None,
    api_key: str | None = None,
    system: str | None = None,
    settings: Mapping[str, object] | None = None,
) -> Generator[ev.AnyEvent, None, None]:
    """Ask one prompt and give its run's events as they happen, to a plain `for`. Nothing is stored.

    Takes what `ask` takes, and may be called where an event loop runs. The last event is the run's only terminal one:
    `RunFinished`, `RunFailed` or `RunCancelled`. Leaving the loop early ends the run with every request under it.
    Raises `ConfigError` when the first event is asked for.
    """
    events = _streamed(_asking(prompt, mode, model, attach, tools, allow, base_url, api_key, system, settings))
    _streams.add(events)
    return events


_streams: WeakSet[Generator[ev.AnyEvent, None, None]] = WeakSet()
"""Those that somebody holds."""


@atexit.register
def _close_streams() -> None:
    """End what was left half read, while the threads of its runs still can: the program would never end otherwise."""
    for events in list(_streams):
        with suppress(ValueError):  # another thread is reading it, and ends with the program
            events.close()


def _streamed(asking: AbstractAsyncContextManager[Run]) -> Generator[ev.AnyEvent, None, None]:
    with anyio.from_thread.start_blocking_portal() as portal:
        holding, run = portal.start_task(_held, asking)
        try:
            while True:
                yield from portal.call(_there, run.events)
        except anyio.EndOfStream:
            pass
        finally:
            holding.cancel()


async def _there(events: Events) -> list[ev.AnyEvent]:
    """The next event, and those that are there already: a call from thread to thread takes longer than an event."""
    found = [await events.receive()]
    with suppress(anyio.WouldBlock, anyio.EndOfStream):
        while True:
            found.append(events.receive_nowait())
    return found


async def _held(asking: AbstractAsyncContextManager[Run], *, task_status: TaskStatus[Run]) -> None:
    """Keep a run's context open until cancelled: what becomes of the one who reads is none of its business."""
    async with asking as run:
        task_status.started(run)
        await anyio.sleep_forever()


def _waited(call: Callable[P, Awaitable[T]], name: str, doc: str) -> Callable[P, T]:
    """The same function for who cannot await it, under a name and with a docstring of its own."""
    signature = inspect.signature(call)

    @wraps(call)
    def waited(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            signature.bind(*args, **kwargs)
        except TypeError as error:  # said here, and not in the other's name inside of a loop
            raise TypeError(f"{name}() {error}") from None
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
