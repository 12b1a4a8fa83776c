"""The first screen and `doctor` know what can answer here: quickly, without a network, and without being fooled."""

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import anyio
import anyio.to_thread
import msgspec
import pytest

from chatmodes.providers.available import discover as discover_module
from chatmodes.providers.available.choice import first
from chatmodes.providers.available.discover import Found, discover, find_server, is_probed
from chatmodes.providers.gateway import open_gateway
from chatmodes.providers.known.profiles import Profile, load_profiles
from chatmodes.settings import Local, Settings, load
from tests.conftest import PATIENCE
from tests.fake import Fake
from tests.providers.available.list_server import ListServer
from tests.providers.calls import ask

SECRET = "sk-discover-9Kd1"


@pytest.fixture
def server() -> Iterator[ListServer]:
    with ListServer() as server:
        yield server


@pytest.fixture
def profiles() -> dict[str, Profile]:
    """The shipped profiles, with nothing listening where the local servers usually are."""
    nobody = "http://127.0.0.1:1/v1"
    return {
        name: msgspec.structs.replace(profile, base_url=nobody, url_variable="") if profile.local else profile
        for name, profile in load_profiles().items()
    }


def serving(profiles: dict[str, Profile], name: str, server: ListServer) -> dict[str, Profile]:
    return {**profiles, name: msgspec.structs.replace(profiles[name], base_url=f"{server.origin}/v1")}


def named(found: list[Found]) -> dict[str, Found]:
    return {each.provider: each for each in found}


async def test_out_of_the_box_the_embedded_model_answers(profiles: dict[str, Profile]) -> None:
    found = await discover(profiles, Settings())
    assert [each.kind for each in found] == ["embedded"]
    assert found[0].problem == ""
    assert first(found, "contemplating") == "local/SmolLM2-135M-Instruct"


async def test_a_key_is_found_by_its_place_and_its_provider_comes_first(
    profiles: dict[str, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", SECRET)
    found = await discover(profiles, Settings())
    mistral = named(found)["mistral"]
    assert mistral.detail == "key from MISTRAL_API_KEY"
    assert mistral.hint == "chatmodes ask --model mistral/mistral-small-latest"
    assert first(found, "instant") == "mistral/mistral-small-latest"
    assert first(found, "thinking") == "mistral/mistral-medium-3-5"
    assert SECRET not in repr(found)


async def test_a_key_that_cannot_be_used_is_shown_and_not_chosen(
    profiles: dict[str, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", f"{SECRET}\n")
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", SECRET)
    found = await discover(profiles, Settings())
    assert "line break" in named(found)["openai"].problem
    assert "AZURE_OPENAI_ENDPOINT" in named(found)["azure"].hint
    assert first(found, "instant") == "local/SmolLM2-135M-Instruct"


async def test_a_running_server_is_found_with_its_models(profiles: dict[str, Profile], server: ListServer) -> None:
    server.answers["/v1/models"] = 200, {"data": [{"id": "nomic-embed-text"}, {"id": "qwen3:8b"}]}
    there = serving(profiles, "ollama", server)
    found = await discover(there, Settings())
    ollama = named(found)["ollama"]
    assert ollama.models == ("ollama/nomic-embed-text", "ollama/qwen3:8b")
    assert first(found, "instant") == "ollama/qwen3:8b", "a model that cannot chat was chosen"


async def test_an_endpoint_given_by_hand_comes_before_keys_and_servers(
    profiles: dict[str, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    mine = msgspec.structs.replace(profiles["endpoint"], base_url="https://mine.example/v1")
    found = await discover({**profiles, "endpoint": mine}, Settings())
    assert [each.kind for each in found] == ["endpoint", "key", "embedded"]
    assert first(found, "instant") == first(found, "contemplating") == "endpoint/"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>somebody's web app</html>"),
        (200, {"hello": "world"}),
        (404, b"no"),
        (500, b""),
        (200, b"[1, 2"),
        (200, b"[" * 9000),
    ],
)
async def test_another_program_on_the_port_is_no_finding(
    profiles: dict[str, Profile], server: ListServer, status: int, body: object
) -> None:
    server.answers["/v1/models"] = status, body
    assert "vllm" not in named(await discover(serving(profiles, "vllm", server), Settings()))


async def test_a_server_without_models_and_one_that_wants_a_key_say_what_to_do(
    profiles: dict[str, Profile], server: ListServer
) -> None:
    server.answers["/v1/models"] = 200, {"object": "list", "data": None}
    empty = await find_server(serving(profiles, "ollama", server)["ollama"])
    assert empty is not None
    assert empty.problem == "Ollama is running and has no model."
    server.answers["/v1/models"] = 401, {"error": "no"}
    locked = await find_server(serving(profiles, "vllm", server)["vllm"])
    assert locked is not None
    assert locked.hint == "chatmodes keys set vllm"


async def test_only_the_servers_own_key_is_sent(
    profiles: dict[str, Profile], server: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("OPENAI_API_KEY", "CHATMODES_API_KEY", "ANTHROPIC_API_KEY"):
        monkeypatch.setenv(name, SECRET)
    monkeypatch.setenv("VLLM_API_KEY", "key-of-vllm")
    server.answers["/v1/models"] = 200, {"data": [{"id": "m"}]}
    both = serving(serving(profiles, "ollama", server), "vllm", server)
    await discover(both, Settings())
    sent = sorted(headers.get("authorization", "") for _, headers in server.seen)
    assert sent == ["", "Bearer key-of-vllm"]


async def test_ports_that_accept_and_never_answer_are_waited_for_once(profiles: dict[str, Profile]) -> None:
    """None is let go before all were asked: one after the other, they would wait for ever."""
    probed = [profile for profile in profiles.values() if is_probed(profile)]
    held: list[socket.socket] = []

    def hold() -> None:
        held.extend(silent.accept()[0] for _ in probed)
        for connection in held:
            connection.close()

    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        silent.settimeout(PATIENCE)
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        hung = {
            name: msgspec.structs.replace(profile, base_url=address) if profile.local else profile
            for name, profile in profiles.items()
        }
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(anyio.to_thread.run_sync, hold)
            assert [each.kind for each in await discover(hung, Settings())] == ["embedded"]
    assert len(held) == len(probed) > 1


async def test_a_port_that_accepts_and_never_answers_is_given_up(
    profiles: dict[str, Profile], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discover_module, "PROBE_TIMEOUT", 0.1)
    with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        hung = {**profiles, "ollama": msgspec.structs.replace(profiles["ollama"], base_url=address)}
        assert [each.kind for each in await discover(hung, Settings())] == ["embedded"]


@pytest.mark.parametrize(
    "address", ["", "localhost:11434/v1", "ftp://127.0.0.1/v1", "http://[::1", "https://127.0.0.1:1"]
)
async def test_an_address_that_cannot_be_asked_is_no_finding(profiles: dict[str, Profile], address: str) -> None:
    assert await find_server(msgspec.structs.replace(profiles["ollama"], base_url=address)) is None


async def test_a_model_file_that_is_gone_is_shown_and_not_chosen(profiles: dict[str, Profile]) -> None:
    found = await discover(profiles, Settings(local=Local(gguf="/nowhere/mine.gguf")))
    assert found[0].problem == "There is no model file /nowhere/mine.gguf."
    assert first(found, "instant") == "local/SmolLM2-135M-Instruct"


def test_discovering_imports_no_client_library() -> None:
    """It runs before the first prompt: httpx2 alone is 170 ms, the SDK 500."""
    code = (
        "import sys, anyio\n"
        "from chatmodes.providers.available.discover import discover\n"
        "from chatmodes.providers.known.profiles import load_profiles\n"
        "from chatmodes.settings import Settings\n"
        "anyio.run(discover, load_profiles(), Settings())\n"
        "print(*{name.split('.')[0] for name in sys.modules} & {'openai', 'httpx2', 'http', 'keyring', 'pydantic'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == []


def write_own(home: Path, text: str) -> None:
    (home / "config").mkdir(exist_ok=True)
    (home / "config" / "providers.toml").write_text(text)


def nobody_local(profiles: dict[str, Profile]) -> dict[str, Profile]:
    nobody = {"base_url": "http://127.0.0.1:1/v1", "url_variable": ""}
    return {
        name: msgspec.structs.replace(profile, **nobody) if profile.local and not profile.own else profile
        for name, profile in profiles.items()
    }


@pytest.mark.parametrize("more", ["", "key_needed = false\n", "key_needed = false\nlocal = true\n"])
async def test_a_server_of_ones_own_that_needs_no_key_is_found_and_chosen(
    server: ListServer, home: Path, more: str
) -> None:
    server.answers["/v1/models"] = 200, ["bge-m3", *(f"model-{number}" for number in range(8))]
    write_own(home, f'[mine]\nbase_url = "{server.origin}/v1"\n{more}')
    profiles = nobody_local(load_profiles())
    found = await discover(profiles, Settings())
    mine = named(found)["mine"]
    assert (mine.kind, mine.problem, len(mine.models)) == ("server", "", 9)
    assert first(found, "instant") == first(found, "contemplating") == "mine/model-0"
    async with open_gateway(load()) as gateway:
        gateway.profiles.update(profiles)
        await gateway.look_around()
        assert gateway.default_model("instant") == "mine/model-0"
        assert gateway.describe("mine/model-0").input_price == (0.0 if "local" in more else None)


async def test_a_server_of_ones_own_that_has_nothing_to_chat_with_says_so(server: ListServer, home: Path) -> None:
    server.answers["/v1/models"] = 200, {"data": [{"id": "nomic-embed-text"}]}
    write_own(home, f'[mine]\nbase_url = "{server.origin}/v1"\n')
    mine = named(await discover(nobody_local(load_profiles()), Settings()))["mine"]
    assert "no model to chat with" in mine.problem
    assert mine.hint


async def test_a_server_of_ones_own_elsewhere_is_chosen_without_being_asked(home: Path) -> None:
    write_own(home, '[mine]\nbase_url = "https://llm.example.org/v1"\n')
    found = await discover(nobody_local(load_profiles()), Settings())
    assert named(found)["mine"].detail == "https://llm.example.org/v1, needs no key"
    assert first(found, "instant") == "mine/", "the first that it lists"


async def test_a_variable_or_a_command_for_the_key_means_that_one_is_needed(home: Path) -> None:
    write_own(
        home,
        '[a]\nbase_url = "http://127.0.0.1:1/v1"\nkey_variables = ["A_KEY"]\n'
        '[b]\nbase_url = "http://127.0.0.1:1/v1"\nkey_command = ["no-such-program"]\n',
    )
    profiles = load_profiles()
    assert (profiles["a"].key_needed, profiles["b"].key_needed) == (True, True)
    assert not {"a", "b"} & named(await discover(nobody_local(profiles), Settings())).keys()


async def test_a_token_that_expired_is_printed_anew(server: ListServer, home: Path) -> None:
    """Through the gateway: the first is refused, the second answers, and the command runs twice."""
    script = home / "token.py"
    script.write_text(
        "import pathlib; count = pathlib.Path(__file__).with_name('count')\n"
        "n = len(count.read_text()) if count.exists() else 0\n"
        "count.write_text('x' * (n + 1)); print('fresh' if n else 'expired')\n"
    )
    with Fake() as fake:
        command = json.dumps([sys.executable, str(script)])
        write_own(home, f'[mine]\nbase_url = "{fake.url}"\nkey_command = {command}\n')
        async with open_gateway(load()) as gateway:
            told = await ask(gateway, "mine/fault:401,times=1")
            again = await ask(gateway, "mine/say:ok")
    assert (told.outcome, again.outcome) == ("stop", "stop")
    assert [chat.headers["authorization"] for chat in fake.chats] == [
        "Bearer expired", "Bearer fresh", "Bearer fresh"
    ]  # fmt: skip
    assert (home / "count").read_text() == "xx"
