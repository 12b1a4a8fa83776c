"""What `chatmodes models` and the picker know: at once and offline, live where there is a key, each provider apart."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from chatmodes.providers.available.catalog import Catalog, Shelf
from chatmodes.providers.known import prices
from chatmodes.providers.known.profiles import Profile, load_profiles
from tests.providers.available.list_server import ListServer

SECRET = "sk-catalog-7Rf2"


@pytest.fixture
def server() -> Iterator[ListServer]:
    with ListServer() as server:
        yield server


def at(server: ListServer, *names: str) -> dict[str, Profile]:
    """The shipped profiles of these names, moved to the server under a path of their own."""
    profiles = load_profiles()
    return {
        name: msgspec.structs.replace(profiles[name], base_url=f"{server.origin}/{name}/v1", url_variable="")
        for name in names
    }


def by_name(shelves: list[Shelf]) -> dict[str, Shelf]:
    return {shelf.provider: shelf for shelf in shelves}


async def test_live_where_there_is_a_key_and_known_where_there_is_none(
    server: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answers["/openai/v1/models"] = 200, {"data": [{"id": "gpt-6.1-sol"}, {"id": "gpt-new"}]}
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    shelves = by_name(await Catalog(at(server, "openai", "mistral")).refresh())
    openai = shelves["openai"]
    assert (openai.source, openai.age, openai.problem) == ("live", 0.0, "")
    assert [model.model for model in openai.models] == ["openai/gpt-6.1-sol", "openai/gpt-new"]
    mistral = shelves["mistral"]
    assert (mistral.source, mistral.usable) == ("known", False)
    assert "MISTRAL_API_KEY" in mistral.hint
    assert "mistral/mistral-small-latest" in [model.model for model in mistral.models]
    assert [path for path, _ in server.seen] == ["/openai/v1/models"], "a provider without a key was asked"


async def test_each_key_goes_to_its_own_provider_only(server: ListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("openai", "anthropic", "mistral", "openrouter", "vllm")
    for name in names:
        server.answers[f"/{name}/v1/models"] = 200, {"data": [{"id": "m"}]}
    for variable, key in [
        ("OPENAI_API_KEY", "key-of-openai"), ("ANTHROPIC_API_KEY", "key-of-anthropic"),
        ("MISTRAL_API_KEY", "key-of-mistral"), ("VLLM_API_KEY", "key-of-vllm"),
        ("CHATMODES_API_KEY", "key-of-endpoint"),
        ("OPENAI_ORG_ID", "org-of-openai"), ("OPENAI_CUSTOM_HEADERS", "X-Secret: header-of-openai"),
    ]:  # fmt: skip
        monkeypatch.setenv(variable, key)
    await Catalog(at(server, *names)).refresh()
    assert len(server.seen) == len(names)
    for path, headers in server.seen:
        own = path.split("/")[1]
        sent = " ".join(headers.values())
        for other in (*names, "endpoint"):
            assert (f"key-of-{other}" in sent) == (other == own and own != "openrouter"), f"{other}'s key at {own}"
        assert "of-openai" not in sent.replace("key-of-openai", "")
    anthropic = next(headers for path, headers in server.seen if path.startswith("/anthropic"))
    assert anthropic["x-api-key"] == "key-of-anthropic", "Anthropic's list takes no bearer token"


async def test_a_list_is_kept_and_found_again_offline_with_its_age(
    server: ListServer, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setenv("GROQ_API_KEY", SECRET)
    server.answers["/groq/v1/models"] = 200, {"data": [{"id": "qwen/x", "context_window": 4242}]}
    profiles = at(server, "groq")
    await Catalog(profiles).refresh()
    again = Catalog(profiles)
    [shelf] = again.offline()
    assert shelf.source == "cached"
    assert shelf.age is not None
    assert 0 <= shelf.age < 60
    assert again.describe(profiles["groq"], "qwen/x").context_window == 4242, "the server's own word wins"
    asked = len(server.seen)
    await again.refresh(max_age=3600)
    assert len(server.seen) == asked, "a fresh list was asked for again"
    moved = {"groq": msgspec.structs.replace(profiles["groq"], base_url=f"{server.origin}/other/v1")}
    assert Catalog(moved).offline()[0].source == "known", "another address's list was believed"
    files = list((home / "cache").rglob("*"))
    assert all(SECRET not in path.read_text() for path in files if path.is_file())


async def test_a_failure_stays_on_its_own_shelf_and_the_old_list_with_it(
    server: ListServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("openai", "mistral", "groq", "deepseek", "xai", "together", "cerebras")
    for variable in ("OPENAI", "MISTRAL", "GROQ", "DEEPSEEK", "XAI", "TOGETHER", "CEREBRAS"):
        monkeypatch.setenv(f"{variable}_API_KEY", SECRET)
    profiles = at(server, *names)
    server.answers["/mistral/v1/models"] = 200, {"data": [{"id": "old"}]}
    await Catalog(profiles).refresh(["mistral"])
    server.answers |= {
        "/openai/v1/models": (200, {"data": [{"id": "fine"}]}),
        "/mistral/v1/models": (500, {"error": "down"}),
        "/groq/v1/models": (401, {"error": f"bad key {SECRET}"}),
        "/deepseek/v1/models": (200, b"[" * 9000),
        "/xai/v1/models": (302, f"{server.origin}/stolen".encode()),
        "/together/v1/models": (200, [{"id": "bare-array"}]),
    }
    profiles["cerebras"] = msgspec.structs.replace(profiles["cerebras"], base_url="http://127.0.0.1:1/v1")
    heard: list[Shelf] = []
    shelves = by_name(await Catalog(profiles).refresh(on_shelf=heard.append))
    assert {shelf.provider for shelf in heard} == set(names)
    assert [model.model for model in shelves["openai"].models] == ["openai/fine"]
    assert [model.model for model in shelves["together"].models] == ["together/bare-array"]
    assert [model.model for model in shelves["mistral"].models] == ["mistral/old"]
    problems = {name: shelf.problem for name, shelf in shelves.items() if shelf.problem}
    assert problems == {
        "mistral": "Mistral answered the question for its models with 500.",
        "groq": "Groq does not accept the key (401).",
        "deepseek": "DeepSeek sent something that is no list of models.",
        "xai": "xAI answered the question for its models with 302.",
        "cerebras": "Nothing answers at http://127.0.0.1:1.",
    }
    assert not any(path == "/stolen" for path, _ in server.seen), "a key followed a redirect"


async def test_a_server_that_never_answers_holds_up_nobody(server: ListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.providers.available.catalog.LOCAL_TIMEOUT", 0.3)
    server.answers |= {"/ollama/v1/models": (200, None), "/lmstudio/v1/models": (200, {"data": [{"id": "here"}]})}
    shelves = by_name(await Catalog(at(server, "ollama", "lmstudio")).refresh())
    assert "did not" in shelves["ollama"].problem
    assert [model.model for model in shelves["lmstudio"].models] == ["lmstudio/here"]
    assert shelves["lmstudio"].models[0].input_price == 0.0


async def test_pages_are_followed_and_come_to_an_end(server: ListServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", SECRET)
    server.answers |= {
        "/anthropic/v1/models": (200, {"data": [{"id": "a"}], "has_more": True, "last_id": "a"}),
        "/anthropic/v1/models?after_id=a": (200, {"data": [{"id": "b"}], "has_more": True, "last_id": "b"}),
        "/anthropic/v1/models?after_id=b": (200, {"data": [{"id": "b"}], "has_more": True, "last_id": "b"}),
    }
    [shelf] = await Catalog(at(server, "anthropic")).refresh()
    assert [model.model for model in shelf.models] == ["anthropic/a", "anthropic/b"]


@pytest.mark.parametrize("proxy", ["ftp://nowhere.invalid", "socks5://127.0.0.1:1"])
async def test_a_proxy_that_cannot_be_used_is_told_and_this_machine_needs_none(
    server: ListServer, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", proxy)
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    server.answers["/ollama/v1/models"] = 200, {"data": [{"id": "here"}]}
    profiles = at(server, "openai", "ollama")
    profiles["openai"] = msgspec.structs.replace(profiles["openai"], base_url="https://api.openai.invalid/v1")
    shelves = by_name(await Catalog(profiles).refresh())
    assert shelves["openai"].problem
    assert [model.model for model in shelves["ollama"].models] == ["ollama/here"]


@pytest.mark.parametrize("content", [b'{"at": "yesterday"', b'{"address": "\xff"}'])
def test_a_broken_cache_is_no_cache(content: bytes, server: ListServer, home: Path) -> None:
    folder = home / "cache" / "models"
    folder.mkdir(parents=True)
    (folder / "openai.json").write_bytes(content)
    [shelf] = Catalog(at(server, "openai")).offline()
    assert shelf.source == "known"


def test_describing_asks_the_price_list_once_it_is_there(server: ListServer) -> None:
    prices.warm()
    profiles = at(server, "openai", "azure", "ollama")
    info = Catalog(profiles).describe(profiles["openai"], "gpt-6.1-sol")
    assert (info.model, info.input_price, info.output_price) == ("openai/gpt-6.1-sol", 2.0, 10.0)
    assert info.context_window == 1050000
    assert info.reasons
    assert Catalog(profiles).describe(profiles["openai"], "gpt-none").input_price is None
    assert Catalog(profiles).describe(profiles["ollama"], "qwen3:8b").input_price == 0.0


def test_every_shipped_profile_has_a_shelf() -> None:
    profiles = load_profiles()
    shelves = by_name(Catalog(profiles).offline())
    assert set(shelves) == set(profiles) - {"endpoint"}
    assert "AZURE_OPENAI_ENDPOINT" in shelves["azure"].hint
    assert shelves["local"].usable
