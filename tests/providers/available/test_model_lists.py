"""A list of models is read whatever its shape, and nothing in it can break the program or the terminal."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.providers.available.lists import ListProblem, Served, first_to_chat, read_list

OPENROUTER = {
    "id": "anthropic/claude-opus-5.5",
    "context_length": 1_000_000,
    "architecture": {"input_modalities": ["text", "image"], "output_modalities": ["text"]},
    "pricing": {"prompt": "0.000004", "completion": "0.00002", "request": "0"},
    "top_provider": {"context_length": 1_000_000, "max_completion_tokens": 128_000},
    "supported_parameters": ["max_tokens", "reasoning", "temperature"],
}


@pytest.mark.parametrize(
    ("item", "served"),
    [
        ({"id": "gpt-6-luna", "object": "model", "owned_by": "system"}, Served("gpt-6-luna")),
        (OPENROUTER, Served("anthropic/claude-opus-5.5", 1_000_000, 128_000, 4.0, 20.0, True, False, True, False)),
        ({"id": "openrouter/auto", "pricing": {"prompt": "-1", "completion": "-1"}}, Served("openrouter/auto")),
        ({"id": "zai-org/GLM-5.3", "type": "chat", "context_length": 1048575, "pricing": {"input": 1.4, "output": 4.4}},
         Served("zai-org/GLM-5.3", 1048575, None, 1.4, 4.4)),
        ({"id": "free/unknown", "pricing": {"input": 0, "output": 0}}, Served("free/unknown")),
        ({"id": "openai/gpt-oss-120b", "context_window": 131072, "max_completion_tokens": 65536},
         Served("openai/gpt-oss-120b", 131072, 65536)),
        ({"id": "mistral-large", "max_context_length": 1048576,
          "capabilities": {"completion_chat": True, "reasoning": False}},
         Served("mistral-large", 1048576, reasons=False)),
        ({"id": "claude-opus-5-5", "type": "model", "max_input_tokens": 1_000_000, "max_tokens": 128_000,
          "capabilities": {"thinking": {"supported": True}}},
         Served("claude-opus-5-5", 1_000_000, 128_000, reasons=True)),
        ({"id": "models/gemini-3.8-flash"}, Served("gemini-3.8-flash")),
        ({"id": "served-by-vllm", "max_model_len": 32768}, Served("served-by-vllm", 32768)),
        ({"id": "llama.gguf", "meta": {"n_ctx_train": 131072, "n_ctx": 4096}}, Served("llama.gguf", 4096)),
        ({"id": "org/model", "providers": [{"context_length": 8192, "pricing": {"input": 1, "output": 2}},
                                           {"context_length": 4096, "pricing": {"input": 1, "output": 3}}]},
         Served("org/model", 4096)),
        ({"id": "anthropic/claude", "pricing": {"input": "0.000004", "output": "0.00002"},
          "tags": ["vision", "tool-use"]},
         Served("anthropic/claude", None, None, 4.0, 20.0, None, True, True)),
        ({"name": "llava:7b", "model": "llava:7b", "capabilities": ["completion", "vision"]},
         Served("llava:7b", images=True)),
        ({"id": "mistral-small", "capabilities": {"completion_chat": True, "function_calling": True, "vision": False}},
         Served("mistral-small", tools=True, images=False)),
        ("just-a-name", Served("just-a-name")),
    ],
)  # fmt: skip
def test_every_providers_way_of_saying_it_is_understood(item: object, served: Served) -> None:
    for body in ({"object": "list", "data": [item]}, [item], {"models": [item]}):
        assert read_list(body) == [served]


@pytest.mark.parametrize(
    "item",
    [
        {"id": "text-embedding-3-large"},
        {"id": "whisper-1"},
        {"id": "gpt-image-2-image"},
        {"id": "flux", "type": "image"},
        {"id": "mistral-embed-2", "capabilities": {"completion_chat": False}},
        {"id": "painter", "architecture": {"output_modalities": ["image"]}},
        {"id": "mine", "capabilities": ["embedding"]},
        {"id": "mine", "task": "text-embedding"},
        {"id": "BAAI/bge-m3"},
        {"id": "all-minilm:latest"},
        {"id": "jina-reranker-v3"},
        {"id": "intfloat/multilingual-e5-large"},
    ],
)
def test_what_cannot_chat_is_left_out(item: dict[str, Any]) -> None:
    assert read_list([item]) == []


@pytest.mark.parametrize(
    "name", ["my-embedded-model", "flexible-7b", "eclipse-8b", "gpt-6-luna", "reflection-70b", "qwen3-vl:8b", "gemma3"]
)
def test_a_name_that_only_sounds_like_another_trade_may_chat(name: str) -> None:
    assert first_to_chat(["nomic-embed-text", "whisper-large-v3", name]) == name


def test_where_all_do_something_else_none_is_picked() -> None:
    assert first_to_chat(["bge-m3", "tts-1"]) == ""


def test_the_list_that_has_models_counts() -> None:
    assert read_list({"data": [], "models": [{"name": "a"}]}) == [Served("a")]


def test_on_ones_own_machine_no_model_is_left_out_for_its_name() -> None:
    assert read_list([{"id": "my-embedded-model"}], local=True) == [Served("my-embedded-model")]


@pytest.mark.parametrize(
    "item", [{}, {"id": 3}, {"id": ""}, {"id": "a\x1b[2Jb"}, {"id": "a\nb"}, {"id": "x" * 999}, None, 7]
)
def test_an_item_without_a_name_that_can_be_shown_is_left_out(item: object) -> None:
    assert read_list([item, {"id": "good"}]) == [Served("good")]


@pytest.mark.parametrize("body", [None, 3, "html", {"error": "no"}, {"data": "no"}, {"data": {"id": "no"}}])
def test_what_is_no_list_says_so(body: object) -> None:
    with pytest.raises(ListProblem, match="no list of models"):
        read_list(body)


def test_ollama_without_a_model_is_an_empty_list() -> None:
    assert read_list({"object": "list", "data": None}) == []


_json: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(
            ["id", "type", "context_length", "max_model_len", "pricing", "prompt", "input", "architecture", "providers",
             "output_modalities", "capabilities", "thinking", "supported", "meta", "n_ctx", "supported_parameters"]
        ),
        inner,
        max_size=6,
    ),
    max_leaves=30,
)  # fmt: skip


@given(st.lists(_json, max_size=5))
def test_no_list_however_odd_breaks_the_reader(items: list[Any]) -> None:
    for served in read_list({"data": items}):
        assert served.id.isprintable()
        assert served.context_window is None or served.context_window > 0
        assert served.input_price is None or served.input_price >= 0
