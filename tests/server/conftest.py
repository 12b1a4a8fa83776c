"""The server on a port of its own, over the fake as its only endpoint."""

import queue
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import partial

import anyio
import pytest
import uvicorn
from openai import OpenAI

from chatmodes.server.app import Service
from chatmodes.server.guard import Rules, rules_for
from chatmodes.server.serving import listen, serve
from chatmodes.settings import Settings, load
from tests.fake import Fake


@contextmanager
def served(fake: Fake, *, settings: Settings | None = None, rules: Rules | None = None) -> Generator[str]:
    """The address of a server that answers with the fake's models (`MODE/endpoint/NAME`), until the block ends."""
    with running(fake, settings=settings, rules=rules) as (address, _):
        yield address


@contextmanager
def running(
    fake: Fake, *, settings: Settings | None = None, rules: Rules | None = None
) -> Generator[tuple[str, uvicorn.Server]]:
    """The same with the server itself."""
    service = Service(settings or load(), base_url=fake.url)
    listener = listen("127.0.0.1", 0)
    started: queue.Queue[uvicorn.Server] = queue.Queue()
    serving = partial(serve, service, rules or rules_for("127.0.0.1", "", []), listener, listening=started.put)
    thread = threading.Thread(target=anyio.run, args=(serving,), daemon=True)
    thread.start()
    server = started.get(timeout=60)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", server
    finally:
        server.should_exit = True
        thread.join(30)
        assert not thread.is_alive()


@pytest.fixture
def address(fake: Fake) -> Iterator[str]:
    with served(fake) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[OpenAI]:
    """The official SDK, as a stranger uses it: with its own retries."""
    with OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        yield client
