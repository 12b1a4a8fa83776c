"""A server of the embedded model for a test, and the modes over it as `chatmodes serve` has them."""

import re
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from chatmodes.providers.local.server import LocalServer
from tests.model.talking import SMALL


@pytest.fixture
async def server() -> AsyncIterator[LocalServer]:
    """A server that is ended however the test ends."""
    local = LocalServer(SMALL)
    try:
        yield local
    finally:
        await local.aclose()


@pytest.fixture
def address(home: Path) -> Iterator[str]:
    """Where `chatmodes serve` answers, once it does."""
    command = [sys.executable, "-m", "chatmodes", "serve", "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stderr
        try:
            told = re.search(r"http://\S+", process.stderr.readline())
            assert told, "the server says where it is"
            yield told[0]
        finally:
            process.terminate()
            process.wait(60)
