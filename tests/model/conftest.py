"""A server of the embedded model for a test."""

from collections.abc import AsyncIterator

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
