"""The embedded model behind the seam that modes know: started by the first call, explained when it dies."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import anyio
import msgspec
import pytest

from chatmodes.messages import user
from chatmodes.providers.calls import Call, Chunk, Finished, ProviderError, TextChunk, Waiting
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import Settings
from tests.model.talking import SMALL, gone, process_file, until

pytestmark = [pytest.mark.model, pytest.mark.anyio]
HELLO = Call(model="local/SmolLM2-135M-Instruct", messages=(user("Say hello."),), max_tokens=20)


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    async with open_gateway(Settings(local=SMALL)) as opened:
        yield opened


def servers(parent: int | None = None) -> set[int]:
    """The server processes among this process's children, or another's."""
    found = set[int]()
    for task in Path(f"/proc/{parent or os.getpid()}/task").iterdir():
        with suppress(OSError):  # a thread or a child that ends while one looks
            children = map(int, (task / "children").read_text().split())
            found |= {pid for pid in children if not gone(pid) and b"serve.py" in process_file(pid, "cmdline")}
    return found


async def chunks(gateway: Gateway, call: Call) -> list[Chunk]:
    async with gateway.stream(call) as stream:
        return [chunk async for chunk in stream]


async def test_a_call_starts_the_model_and_says_so(gateway: Gateway) -> None:
    got = await chunks(gateway, HELLO)
    assert got[0] == Waiting("starting the embedded model")
    assert "".join(chunk.text for chunk in got if isinstance(chunk, TextChunk))
    assert isinstance(got[-1], Finished)
    assert got[-1].usage.output_tokens
    assert got[-1].cost == 0
    assert not any(isinstance(chunk, Waiting) for chunk in await chunks(gateway, HELLO))


async def test_closing_the_gateway_ends_the_server() -> None:
    async with open_gateway(Settings(local=SMALL)) as gateway:
        await chunks(gateway, HELLO)
        (pid,) = servers()
    assert gone(pid)


async def stream_and_kill(gateway: Gateway, text: list[str]) -> None:
    """Collect an answer's text and kill the server after five pieces."""
    story = msgspec.structs.replace(HELLO, messages=(user("Tell me a long story."),), max_tokens=1500)
    async with gateway.stream(story) as stream:
        async for chunk in stream:
            if isinstance(chunk, TextChunk):
                text.append(chunk.text)
            if len(text) == 5 and (running := servers()):
                (pid,) = running
                os.kill(pid, signal.SIGKILL)
                await until(partial(gone, pid))


async def test_a_server_killed_in_mid_stream_is_named_as_the_cause_and_the_text_is_kept(gateway: Gateway) -> None:
    text: list[str] = []
    with pytest.raises(ProviderError) as caught:
        await stream_and_kill(gateway, text)
    assert len(text) >= 5
    assert "killed by the system" in caught.value.error.message
    assert await chunks(gateway, HELLO), "the next call finds a new server"


async def test_the_model_says_how_much_it_can_see(gateway: Gateway) -> None:
    assert gateway.describe(HELLO.model).context_window == SMALL.context
    assert gateway.describe(HELLO.model).small


async def test_a_model_that_is_not_here_is_told_before_the_call(gateway: Gateway) -> None:
    with pytest.raises(ProviderError) as caught:
        gateway.describe("local/nothing")
    assert caught.value.error.kind == "not_found"


async def test_a_prompt_too_long_for_it_is_a_context_error(gateway: Gateway) -> None:
    with pytest.raises(ProviderError) as caught:
        await chunks(gateway, msgspec.structs.replace(HELLO, messages=(user("word " * 5000),)))
    assert caught.value.error.kind == "context_length"


async def test_a_file_in_the_settings_is_the_default_model(tmp_path: Path) -> None:
    local = msgspec.structs.replace(SMALL, gguf=str(tmp_path / "Mine.Q4_0.gguf"))
    async with open_gateway(Settings(local=local)) as gateway:
        assert gateway.default_model("instant") == "local/Mine.Q4_0"


def test_ctrl_c_while_it_loads_ends_the_program_at_once() -> None:
    ask = [sys.executable, "-m", "chatmodes", "ask", "--model", HELLO.model, "Hello"]
    with subprocess.Popen(ask, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            anyio.run(until, lambda: bool(servers(process.pid)))
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert "Traceback" not in said
