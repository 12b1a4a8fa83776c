"""A chat server from the package index that is none of ours: LM-Proxy (FastAPI), in front of the embedded model.

Another program's idea of the API, with its own framing of events, its own errors and its own key check. It runs from
an environment of its own, since it needs another openai than this program; `uv` makes that in some seconds.
"""

import os
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import anyio.abc
import httpx2
import pytest

from chatmodes.messages import system, user
from chatmodes.providers.gateway import open_gateway
from chatmodes.providers.local.server import LocalServer
from chatmodes.settings import load
from tests.providers.calls import ask

pytestmark = [pytest.mark.slow, pytest.mark.model, pytest.mark.anyio, pytest.mark.timeout(400)]

PACKAGE = "lm-proxy==3.3.2"
CONFIG = """\
host = "127.0.0.1"
port = {port}
[connections.embedded]
api_type = "openai"
api_base = "{base_url}"
api_key = "{api_key}"
[routing]
"gone" = "nowhere.*"
"*" = "embedded.*"
[groups.default]
api_keys = ["the-key"]
"""


@asynccontextmanager
async def proxy(server: LocalServer, folder: Path) -> AsyncGenerator[str]:
    """The proxy's base URL, once it answers."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv makes this test's environment: run it as `uv run pytest -m slow`"
    endpoint = await server.endpoint()
    async with await anyio.create_tcp_listener(local_host="127.0.0.1") as listener:
        port = listener.extra(anyio.abc.SocketAttribute.local_port)
    (folder / "config.toml").write_text(
        CONFIG.format(port=port, base_url=endpoint.base_url, api_key=endpoint.api_key), encoding="utf-8"
    )
    command = [uv, "run", "--no-project", "--isolated", "--with", PACKAGE, "lm-proxy", "--config", "config.toml"]
    async with await anyio.open_process(command, cwd=folder, stdout=None, stderr=None) as process:
        try:
            with anyio.fail_after(300):
                await until_it_answers(f"http://127.0.0.1:{port}/v1/models", process)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            process.terminate()


async def until_it_answers(url: str, process: anyio.abc.Process) -> None:
    async with httpx2.AsyncClient(trust_env=False) as client:
        while True:
            assert process.returncode is None, "it ended; its words are above"
            try:
                await client.get(url, headers={"authorization": "Bearer the-key"})
            except httpx2.TransportError:
                await anyio.sleep(0.1)
            else:
                return


async def test_it_streams_counts_and_refuses(server: LocalServer, tmp_path: Path) -> None:
    async with proxy(server, tmp_path) as url:
        async with open_gateway(load(), url, "the-key") as gateway:
            told = await ask(gateway, "endpoint/SmolLM2", (system("Be brief."), user("Say hello.")), max_tokens=12)
            assert told.outcome in ("stop", "length")
            assert told.text.strip()
            together: list[str] = []

            async def one(number: int) -> None:
                together.append((await ask(gateway, "endpoint/m", f"Say the number {number}.", max_tokens=8)).text)

            async with anyio.create_task_group() as tasks:
                for number in range(3):
                    tasks.start_soon(one, number)
            assert all(together)
            assert (await ask(gateway, "endpoint/gone", retry=False)).error
        async with open_gateway(load(), url, "another-key") as gateway:
            refused = await ask(gateway, "endpoint/SmolLM2")
            assert refused.outcome == "auth"
