"""Textual runs on asyncio only."""

from collections.abc import Iterator

import pytest

from chatmodes.tui.host import keymap


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def shipped_keys() -> Iterator[None]:
    """Keys that one test rebinds are none of the next one's."""
    yield
    keymap.use({})
