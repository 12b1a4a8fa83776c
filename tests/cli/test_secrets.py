"""No key is found in anything the program leaves or says: files, output, tracebacks, whatever went wrong on the way."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.available.list_server import ListServer

KEYS = {name: f"sk-secret-{number}-Wq5Lx" for number, name in enumerate(("ACME_API_KEY", "OPENAI_API_KEY", "HF_TOKEN"))}


@pytest.fixture
def server(home: Path) -> Iterator[ListServer]:
    with ListServer() as server:
        (home / "config").mkdir()
        (home / "config" / "providers.toml").write_text(
            f'[acme]\nname = "Acme"\nbase_url = "{server.origin}/v1"\nkey_variables = ["ACME_API_KEY"]\n'
            f'[openai]\nbase_url = "{server.origin}/openai/v1"\n'
            f'[huggingface]\nbase_url = "{server.origin}/hf/v1"\n'
        )
        server.answers["/v1/models"] = 200, [{"id": "m"}]
        server.answers["/openai/v1/models"] = 401, {"error": {"message": f"Wrong key {KEYS['OPENAI_API_KEY']}"}}
        yield server


@pytest.mark.parametrize(
    "args",
    [
        ("models",),
        ("models", "openai", "--refresh"),
        ("models", "--json"),
        ("keys", "list"),
        ("keys", "list", "--json"),
        ("keys", "remove", "acme"),
        ("keys", "set", "acme", KEYS["ACME_API_KEY"]),
        ("keys", "set", "acme"),
    ],
)
def test_no_command_prints_or_writes_a_key(server: ListServer, home: Path, args: tuple[str, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-m", "chatmodes", *args],
        env={**os.environ, **KEYS, "OPENAI_LOG": "debug"}, input="typed-secret-Zz9\x00", capture_output=True, text=True,
        timeout=60, check=False,
    )  # fmt: skip
    left = "".join(path.read_text() for path in home.rglob("*") if path.is_file())
    for secret in (*KEYS.values(), "typed-secret"):
        assert secret not in done.stdout + done.stderr + left
    assert "Traceback" not in done.stderr
