"""`chatmodes models` as a script and a person meet it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmodes.providers.local import hub
from chatmodes.providers.local.downloads import downloads
from tests.cli.program import Result, inside
from tests.providers.available.list_server import ListServer


@pytest.fixture
def server(home: Path) -> Iterator[ListServer]:
    """A provider named acme, and nobody where the local servers usually are."""
    with ListServer() as server:
        (home / "config").mkdir()
        local = "".join(
            f'[{name}]\nbase_url = "http://127.0.0.1:1/v1"\n' for name in ("ollama", "lmstudio", "llamacpp", "vllm")
        )
        (home / "config" / "providers.toml").write_text(
            f'{local}[acme]\nname = "Acme"\nbase_url = "{server.origin}/v1"\nkey_variables = ["ACME_API_KEY"]\n'
        )
        server.answers["/v1/models"] = (
            200,
            [{"id": "big", "context_length": 1_048_576, "pricing": {"prompt": "0.000002", "completion": "0.00001"}},
             {"id": "org/small", "context_length": 8192}],
        )  # fmt: skip
        yield server


def models(*args: str, **env: str) -> Result:
    return inside("models", *args, **env)


def test_a_table_of_what_can_be_called(server: ListServer) -> None:
    done = models(ACME_API_KEY="k")
    assert done.code == 0
    rows = [line.split() for line in done.out.splitlines()]
    assert rows[0][:2] == ["model", "context"]
    assert ["acme/big", "1.05M", "2.00", "10.00", "live"] in rows
    assert ["acme/org/small", "8k", "?", "?", "live"] in rows
    assert ["local/SmolLM2-135M-Instruct", "8k", "free", "free", "live"] in rows
    assert "Not running: Ollama, LM Studio, llama.cpp, vLLM, LiteLLM." in done.err
    assert "Not set up: Meta, OpenAI" in done.err
    assert "openai/" not in done.out


def test_json_for_scripts_and_a_list_that_is_kept(server: ListServer) -> None:
    first, second = (json.loads(models("acme", "--json", ACME_API_KEY="k").out) for _ in range(2))
    assert [each["provider"] for each in first] == ["acme"]
    assert first[0]["source"] == "live"
    assert second[0]["source"] == "cached"
    assert second[0]["age"] < 60
    assert second[0]["models"][0] == {
        "model": "acme/big", "context_window": 1048576, "max_output": None, "input_price": 2.0, "output_price": 10.0,
        "reasons": False, "always_reasons": False, "efforts": [], "images": None, "pdfs": None, "tools": None,
    }  # fmt: skip
    assert len(server.seen) == 1
    models("acme", "--refresh", ACME_API_KEY="k")
    assert len(server.seen) == 2


def test_searching_looks_everywhere_even_where_no_key_is(server: ListServer) -> None:
    done = models("luna", "--offline")
    assert "openai/gpt-6-luna" in done.out
    assert "not set up" in done.out
    done = models("no-such-model-anywhere", "--offline")
    assert done.code == 2
    assert "Providers: meta, openai," in done.err


def test_a_provider_that_fails_is_named_and_the_exit_code_says_so(server: ListServer) -> None:
    server.answers["/v1/models"] = 401, {}
    done = models("acme", ACME_API_KEY="wrong")
    assert done.code == 1
    assert "Acme does not accept the key (401). chatmodes keys set acme" in done.err
    done = models(ACME_API_KEY="wrong")
    assert done.code == 0, "one provider's failure hid the others"
    assert "local/SmolLM2" in done.out


@pytest.mark.parametrize("name", ["x", "x/y/z", "a/b/c\x1b[2J.gguf"])
def test_a_name_that_names_no_model_is_wrong_usage(name: str) -> None:
    done = models("pull", name)
    assert done.code == 2
    assert "owner/repo" in done.err
    assert "\x1b" not in done.err


def test_pull_takes_one_name_and_says_how_it_looks() -> None:
    done = models("pull", "a/b", "c/d")
    assert done.code == 2
    assert "owner/repo" in done.err


def test_pull_alone_lists_models_with_their_sizes_and_commands() -> None:
    """What the welcome promises of it. Every command must be one that `pull` understands, and small ones come first."""
    done = models("pull")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    commands, needs = lines[::2], lines[1::2]
    assert len(commands) == len(needs) >= 3
    for command in commands:
        wanted = hub.parse(command.removeprefix("chatmodes models pull "))
        assert wanted.repo.endswith("-GGUF")
        assert wanted.quant
    at = commands.index("chatmodes models pull Qwen/Qwen3-4B-GGUF:Q4_K_M")
    assert needs[at].startswith("    about 2.5 GB to download, 4.2–8.7 GB of memory: ")
    assert max(map(len, lines)) <= 80
    sizes = [download.size for download in downloads()]
    assert sizes == sorted(sizes)
