"""The embedded model as an endpoint like any other: started at first use, one process for each model file.

Whoever makes a call asks for the endpoint first and need not know whether the model is loaded, loading or has crashed
since. Several programs at once do not meet: each has its own process, port and token.
"""

import os
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

import anyio
import msgspec
from anyio import to_thread

from chatmodes import settings
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local import abandon, gguf, memory, weights
from chatmodes.providers.local.process import ServerProcess, StartError
from chatmodes.providers.local.serve import Order
from chatmodes.providers.local.weights import Weights, problem

MOST_CONTEXT = 8192
"""Tokens for each slot unless the settings say otherwise. Five slots of it are 0.9 GB with the smallest model."""
LEAST_CONTEXT = 2048
"""Where memory is short a slot may shrink to this before the model is refused."""
_SHIPPED_SAMPLING = {"temp": 0.2, "penalty_repeat": 1.1}
"""What suits a model of 135M: of 44 easy questions 33 were right and 2 answers endless with these, 33 and 7 without the
penalty, 26 and 1 at a temperature of 0.7 without it (llama.cpp's own is 0.8)."""


class Endpoint(msgspec.Struct, frozen=True):
    """Where the embedded model answers, OpenAI-compatible."""

    base_url: str
    api_key: str
    model: str
    """The name to send."""
    context: int
    """Tokens that one call has, prompt and answer together."""


class LocalServer:
    """The embedded models of one program. End it with `aclose`; it also ends with the program, however that ends."""

    def __init__(self, local: settings.Local, *, port: int = 0) -> None:
        """`port` is tried first and by default left to the kernel, which knows a free one."""
        self._settings = local
        self._port = port
        self._running: dict[Path, _Running] = {}
        self._locks: dict[Path, anyio.Lock] = {}

    async def endpoint(self, on_waiting: Callable[[str], None] = lambda _cause: None, model: str = "") -> Endpoint:
        """The endpoint of `local/MODEL`, the default model where empty; starts its server where none runs.

        Callers who come while it starts wait for the same start, each told so by `on_waiting`, and one that is
        cancelled does not disturb the others. A server that has died is started anew. Raises `ProviderError`.
        """
        found = weights.find(model, self._settings)
        lock = self._locks.setdefault(found.path, anyio.Lock())
        cause = self._cause_to_wait(found)
        if cause:
            on_waiting(cause)
        async with lock:
            return await self._started(found)

    def cause_to_wait(self, model: str = "") -> str:
        """What `endpoint` would wait for; empty where it would answer at once. Raises `ProviderError`."""
        return self._cause_to_wait(weights.find(model, self._settings))

    def _cause_to_wait(self, found: Weights) -> str:
        running = self._running.get(found.path)
        ready = running is not None and running.endpoint is not None and running.process.alive
        return "" if ready else "starting the embedded model"

    def preflight(self, model: str = "") -> Order:
        """What would be asked of the server of `local/MODEL`, with nothing started; reads the file's header.

        Raises `ProviderError` for all that can be known beforehand: no library, no file, a damaged one, no memory.
        """
        found = weights.find(model, self._settings)
        running = self._running.get(found.path)
        # One that runs has its memory already and need not find it once more.
        return running.order if running and running.process.alive else self._order(found, 0)

    def died(self, model: str = "") -> ProviderError | None:
        """Why the server of a model is gone, where it died by itself: the cause behind a connection that broke."""
        try:
            running = self._running.get(weights.find(model, self._settings).path)
        except ProviderError as error:
            return error
        ending = running.process.ending() if running else ""
        if not running or not ending:
            return None
        return problem(f"The embedded model's server {ending}.", running.process.last_words() or "Send it again.")

    async def aclose(self) -> None:
        """End every server. Returns when they are gone; cannot be cancelled, and takes some 10 ms."""
        running, self._running = list(self._running.values()), {}
        with anyio.CancelScope(shield=True):
            for each in running:
                await to_thread.run_sync(each.process.end)

    async def _started(self, found: Weights) -> Endpoint:
        """The endpoint of a running server. One caller at a time is in here for one file."""
        ports = [self._port, 0, 0]
        while True:
            running = self._running.get(found.path)
            if running is None or not running.process.alive:
                order = await to_thread.run_sync(self._order, found, ports.pop(0))
                running = self._launch(found.path, order)
            if running.endpoint is None:
                try:
                    address = await running.process.address()
                except StartError as error:
                    running.process.end()
                    if error.port_taken and ports:
                        continue
                    raise _start_problem(found, error) from error
                order = running.order
                running.endpoint = Endpoint(f"{address}/v1", order["token"], found.name, order["context"])
            return running.endpoint

    def _launch(self, path: Path, order: Order) -> "_Running":
        before = self._running.pop(path, None)
        if before:
            before.process.end()
        running = self._running[path] = _Running(ServerProcess(order), order)
        return running

    def _order(self, found: Weights, port: int) -> Order:
        """What to ask of a new process, or `ProviderError` where it is plain that it cannot be done."""
        missing = weights.runtime_missing()
        if missing:
            raise missing
        header, size = _checked(found.path)
        return Order(
            parent=os.getpid(),
            path=str(found.path),
            name=found.name,
            token=secrets.token_urlsafe(32),
            port=port,
            slots=self._settings.slots,
            context=self._fitting_context(found, header, size),
            threads=self._settings.threads or _cores(),
            sampling=_SHIPPED_SAMPLING if found.origin == "shipped" else {},
        )

    def _fitting_context(self, found: Weights, header: gguf.Header, size: int) -> int:
        """Tokens for each slot: what the settings say, else the most that the model and the memory allow."""
        wanted = self._settings.context
        context = wanted or min(header.context or LEAST_CONTEXT, MOST_CONTEXT)
        free = memory.available()
        if free is None:
            return context
        least = context if wanted else min(LEAST_CONTEXT, context)
        while memory.needed(size, header, context * self._settings.slots) > free:
            if context // 2 < least:
                amount = memory.readable(memory.needed(size, header, context * self._settings.slots))
                raise problem(
                    f"local/{found.name} needs {amount} of memory and {memory.readable(free)} are free.",
                    "Close other programs, take a smaller model, or lower slots and context under [local].",
                )
            context //= 2
        return context


def _cores() -> int:
    """Those this process may use. All of them: of two cores one alone gives 77 tokens a second instead of 140."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


class _Running:
    """A process and what it was asked for; the endpoint once it has answered."""

    def __init__(self, process: ServerProcess, order: Order) -> None:
        self.process = process
        self.order = order
        self.endpoint: Endpoint | None = None


def _checked(path: Path) -> tuple[gguf.Header, int]:
    """The header and the size of a model file. Raises `ProviderError` naming the file and the mend."""
    again = "Fetch it again, or name another file as gguf under [local] in settings.toml."
    try:
        return abandon.within(lambda: (gguf.read_header(path), path.stat().st_size))
    except TimeoutError:
        hint = "It may be on a network drive that is gone; name another file as gguf under [local] in settings.toml."
        raise problem(f"The model file {path} does not answer.", hint) from None
    except gguf.NotGGUFError as error:
        raise problem(f"{path} is no model file that can be used: {error}.", again) from error
    except FileNotFoundError as error:
        raise problem(f"The model file {path} does not exist.", again, kind="not_found") from error
    except abandon.NoFileError as error:
        raise problem(f"{path} is no model file that can be used: {error.strerror}.", again) from error
    except OSError as error:
        raise problem(f"The model file {path} cannot be read: {error.strerror}.", "Check its permissions.") from error


def _start_problem(found: Weights, error: StartError) -> ProviderError:
    """The typed error behind a start that failed."""
    if "load model" in error.words:
        why = error.words.partition("error loading model: ")[2].partition(" llama_")[0] or "llama.cpp cannot load it"
        return problem(
            f"{found.path} is no model file that can be used: {why}.",
            "Fetch it again, or name another file as gguf under [local] in settings.toml.",
        )
    if error.port_taken:
        return problem("The embedded model found no free port.", "Close programs that listen on this machine.")
    if error.killed:
        return problem(
            f"The embedded model's server {error.cause}.",
            "Close other programs, take a smaller model, or lower slots and context under [local].",
        )
    return problem(
        f"The embedded model's server {error.cause} while it started.",
        f"It said: {error.words}" if error.words else "`chatmodes doctor` says more.",
    )
