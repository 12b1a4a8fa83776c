"""What every test stands on: an empty home of its own, and no key or proxy of the machine's."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fake import Fake, simulated

_PRIVATE = ("_API_KEY", "_TOKEN", "_PROXY", "_proxy")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty CHATMODES_HOME for this test alone; the keys in the machine's environment are out of sight."""
    for name in list(os.environ):
        if name.endswith(_PRIVATE) or name.startswith(("CHATMODES_", "OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("CHATMODES_HOME", str(folder))
    # A desktop's keyring must not answer in a test, nor a test write to it.
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return folder


@pytest.fixture(scope="session")
def fake_server() -> Iterator[Fake]:
    with Fake() as fake:
        yield fake


@pytest.fixture
def fake(fake_server: Fake) -> Fake:
    """The loopback server (`tests.fake`), with nothing recorded and no script of another test's."""
    fake_server.forget()
    simulated.reset()
    return fake_server


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    """Every engine test runs on both."""
    return str(request.param)
