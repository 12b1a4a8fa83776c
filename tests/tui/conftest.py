"""Textual runs on asyncio only."""

import gc
from collections.abc import Iterator
from itertools import count

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


APPS = 16
"""Tests after which what they left is collected: a collection takes as long as a small test."""


@pytest.fixture(scope="session")
def ended() -> Iterator[int]:
    """Counts the tests that have ended."""
    return count(1)


@pytest.fixture(autouse=True)
def no_app_is_kept(ended: Iterator[int], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An app that starts puts all there is beyond the reach of collections: here, every app before it."""
    monkeypatch.setattr(gc, "freeze", lambda: None)
    yield
    if next(ended) % APPS == 0:
        gc.collect()
