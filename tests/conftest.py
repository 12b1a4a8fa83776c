"""What every test stands on: an empty home of its own, and no key or proxy of the machine's."""

import os
from pathlib import Path

import pytest

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
