"""The server on a port of its own, over the fake as its only endpoint."""

import socket
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from openai import OpenAI

from chatmodes.server.app import application
from chatmodes.server.guard import Rules, rules_for
from chatmodes.settings import Settings, load
from tests.fake import Fake


@contextmanager
def served(fake: Fake, *, settings: Settings | None = None, rules: Rules | None = None) -> Generator[str]:
    """The address of a server that answers with the fake's models (`MODE/endpoint/NAME`), until the block ends."""
    app = application(settings or load(), rules or rules_for("127.0.0.1", "", []), base_url=fake.url)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=2, lifespan="on"))
    ready = threading.Event()

    class Announcing(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready.set()

    server.__class__ = Announcing
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    assert ready.wait(30)
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def address(fake: Fake) -> Iterator[str]:
    with served(fake) as address:
        yield address


@pytest.fixture
def client(address: str) -> Iterator[OpenAI]:
    """The official SDK, as a stranger uses it: with its own retries."""
    with OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        yield client
