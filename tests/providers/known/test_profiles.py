"""The shipped profiles hold together, and say what the providers' own documentation says."""

import re
from typing import Any

import msgspec
import pytest

from chatmodes.providers.available.catalog import Catalog
from chatmodes.providers.calls import Call
from chatmodes.providers.complaints import from_body
from chatmodes.providers.dialects import dialect
from chatmodes.providers.dialects.base import Asked
from chatmodes.providers.dialects.refusals import DEVELOPER, named_fields
from chatmodes.providers.known.ids import LOCAL
from chatmodes.providers.known.profiles import Profile, load_profiles, split
from chatmodes.providers.known.traits import parameters
from chatmodes.providers.urls import check_url
from chatmodes.settings import Local

NAMED = {
    "openai", "anthropic", "gemini", "mistral", "meta", "xai", "deepseek", "groq", "together", "fireworks", "cerebras",
    "openrouter", "huggingface", "azure", "ollama", "lmstudio", "llamacpp", "vllm", "local", "endpoint",
    "bedrock", "vertex", "moonshot", "zai", "dashscope", "minimax", "nvidia", "vercel", "deepinfra", "novita",
    "nebius", "sambanova", "cohere", "perplexity", "inception", "ollama-cloud", "litellm",
}  # fmt: skip
CALL = Call(model="x/y", messages=())
ALWAYS = {
    "chat": {"messages", "stream_options"},
    "responses": {"input", "store", "include", "reasoning"},
    "messages": {"messages", "max_tokens"},
}


def body_for(call: Call, profile: Profile, model: str) -> dict[str, Any]:
    traits = profile.traits(model)
    return dialect(traits.dialect).body(Asked(call, profile, model, traits))


def test_every_provider_is_there() -> None:
    assert set(load_profiles()) == NAMED


@pytest.mark.parametrize("name", sorted(NAMED - {"local", "endpoint", "azure"}))
def test_a_profile_has_an_address_a_key_or_none_and_models(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "my-project")
    profile = load_profiles()[name]
    assert check_url(profile.address())[1] == []
    assert profile.local or profile.address().startswith("https://")
    assert bool(profile.key_variables) or not profile.key_needed
    if profile.key_needed:
        assert profile.fast
        assert profile.key_page.startswith("https://")
        assert profile.traits(profile.reasoning).reasons or name == "openrouter"
        assert profile.traits(profile.fast).context_window or name == "openrouter"


@pytest.mark.parametrize("name", sorted(NAMED))
def test_default_efforts_are_efforts(name: str) -> None:
    profile = load_profiles()[name]
    for model in (profile.fast, profile.reasoning, "unknown", *(p.replace("*", "x") for p in profile.models)):
        traits = profile.traits(model)
        assert not traits.effort or traits.effort in traits.efforts
        assert not traits.off_effort or traits.off_effort in traits.efforts
        assert traits.reasons or not traits.always_reasons
        assert not (traits.always_reasons and traits.off)


def test_every_row_says_where_it_was_read_and_when() -> None:
    read = re.compile(r"[^()]+( \([^()]+\)[^()]*)? \(20\d\d-(0[1-9]|1[0-2])\)")
    for name, profile in load_profiles().items():
        if name in (LOCAL, "endpoint"):
            continue
        rows = {"": profile.source, "defaults": profile.defaults.source or "a default of no weight (2026-01)"}
        rows |= {pattern: fields.get("source", "") for pattern, fields in profile.models.items()}
        bad = {row: source for row, source in rows.items() if not read.fullmatch(source)}
        assert not bad, f"{name}: {bad}"


PLAIN = ("low", "medium", "high")
FROM_NONE = ("none", *PLAIN)
CLAUDE = (*PLAIN, "xhigh", "max")
ALL = ("minimal", *CLAUDE)
FIREWORKS = "accounts/fireworks/models/"
DISABLED: dict[str, Any] = {"thinking": {"type": "disabled"}}
LOW: dict[str, Any] = {"output_config": {"effort": "low"}}
UNREASONED: dict[str, Any] = {"reasoning": {"enabled": False}}


def effort(level: str) -> dict[str, Any]:
    return {"reasoning_effort": level}


# Each row of the reference that our data had wrong: what the model is asked with, and what it is asked with when it is
# to answer at once. `None` for the second: nothing can or need be sent.
ASKED: list[tuple[str, str, tuple[str, ...], bool, dict[str, Any] | None]] = [
    ("anthropic", "claude-haiku-5-5", CLAUDE, False, DISABLED),
    ("anthropic", "claude-opus-5", CLAUDE, False, DISABLED),
    ("anthropic", "claude-sonnet-5", CLAUDE, False, DISABLED),
    ("anthropic", "claude-sonnet-5-5", CLAUDE, False, {"thinking": {"type": "between_tools"}}),
    ("anthropic", "claude-opus-5-5", CLAUDE, True, LOW),
    ("anthropic", "claude-fable-5-1", CLAUDE, True, LOW),
    ("anthropic", "claude-sonnet-4-5-20250929", (), False, None),
    ("anthropic", "claude-opus-4-8", CLAUDE, False, None),
    ("anthropic", "claude-3-5-haiku-latest", (), False, None),
    ("gemini", "gemini-3.8-flash", PLAIN, True, effort("low")),
    ("gemini", "gemini-3.7-flash", PLAIN, True, effort("low")),
    ("gemini", "gemini-pro-latest", PLAIN, True, effort("low")),
    ("gemini", "gemini-2.5-flash", FROM_NONE, False, effort("none")),
    ("xai", "grok-4.7", (*PLAIN, "xhigh"), True, effort("low")),
    ("xai", "grok-4.3", FROM_NONE, False, effort("none")),
    ("xai", "grok-4-1-fast-non-reasoning", (), False, None),
    ("xai", "grok-4-0709", (), True, None),
    ("xai", "grok-code-fast-1", (), True, None),
    ("deepseek", "deepseek-flash", ("low", "high", "max"), False, DISABLED),
    ("deepseek", "deepseek-v4-flash", ("low", "high", "max"), False, DISABLED),
    ("deepseek", "deepseek-v4-pro", ("high", "max"), False, DISABLED),
    ("cerebras", "qwen-3.8-27b", FROM_NONE, False, effort("none")),
    ("fireworks", FIREWORKS + "glm-5p3", ("low", "high", "max"), True, effort("low")),
    ("fireworks", FIREWORKS + "deepseek-v4-pro-0813", ("low", "high", "max"), False, DISABLED),
    ("fireworks", FIREWORKS + "qwen3p6-plus", FROM_NONE, False, effort("none")),
    ("together", "zai-org/GLM-5.3", (*PLAIN, "max"), True, effort("low")),
    ("mistral", "mistral-large-4-0", ("none", "high"), False, effort("none")),
    ("mistral", "codestral-latest", (), False, None),
    ("mistral", "mistral-large-2512", (), False, None),
    ("mistral", "ministral-14b-2512", (), False, None),
    ("mistral", "magistral-medium-latest", (), True, None),
    ("openai", "gpt-5.2-chat-latest", (), False, None),
    ("openai", "gpt-5-chat-latest", (), False, None),
    ("openai", "gpt-5.1", FROM_NONE, False, effort("none")),
    ("openai", "gpt-6.1-sol", ("none", *CLAUDE), False, effort("none")),
    ("openai", "gpt-5-mini", ("minimal", *PLAIN), True, effort("minimal")),
    ("meta", "muse-wonder-1.0", ALL, True, effort("minimal")),
    ("meta", "muse-spark-1.3", ("minimal", *PLAIN, "xhigh"), True, effort("minimal")),
    ("openrouter", "anthropic/claude-opus-5.5", ALL, False, UNREASONED),
    ("moonshot", "kimi-k2.6", (), False, DISABLED),
    ("inception", "mercury-2", ("instant", *PLAIN), False, effort("instant")),
]  # fmt: skip


@pytest.mark.parametrize(("provider", "model", "efforts", "always", "at_once"), ASKED)
def test_reasoning_is_asked_for_as_each_model_takes_it(
    provider: str, model: str, efforts: tuple[str, ...], always: bool, at_once: dict[str, Any] | None
) -> None:
    profile = load_profiles()[provider]
    traits = profile.traits(model)
    assert (traits.efforts, traits.always_reasons) == (efforts, always)
    plain = body_for(CALL, profile, model)
    asked = body_for(msgspec.structs.replace(CALL, reason=False), profile, model)
    if traits.dialect == "responses":  # where the level stands in a table
        level = asked.get("reasoning", {}).get("effort")
        plain, asked = {}, effort(level) if level else {}
    assert {field: value for field, value in asked.items() if field not in plain} == (at_once or {})


@pytest.mark.parametrize("model", ["claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-6"])
def test_claude_gets_no_temperature_while_it_thinks(model: str) -> None:
    profiles = load_profiles()
    profile = profiles["anthropic"]
    call = Call(model="x/y", messages=(), temperature=0.7, reason=True)
    assert "temperature" not in body_for(call, profile, model)
    assert "thinking" in body_for(call, profile, model)
    assert body_for(msgspec.structs.replace(call, reason=False), profile, model)["temperature"] == 0.7
    assert not Catalog(profiles, Local()).describe(profiles["anthropic"], model).sampling, "drafts differ by hints"


def test_windows_that_were_wrong() -> None:
    profiles = load_profiles()
    assert profiles["together"].traits("deepseek-ai/DeepSeek-V4-Pro").context_window == 512_000
    assert profiles["mistral"].traits("open-mistral-nemo").context_window == 131_072
    assert profiles["fireworks"].traits("accounts/fireworks/models/glm-5p3").context_window == 1_048_573


def test_addresses_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    profiles = load_profiles()
    assert profiles["azure"].address() == ""
    monkeypatch.setenv("AZURE_OPENAI_ENDPOINT", "https://mine.openai.azure.com/")
    assert profiles["azure"].address() == "https://mine.openai.azure.com/openai/v1/"
    monkeypatch.setenv("OLLAMA_HOST", "box:11434")
    assert profiles["ollama"].address() == "http://box:11434/v1"
    assert profiles["bedrock"].address() == "https://bedrock-runtime.us-east-1.amazonaws.com/openai/v1"
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    assert "runtime.eu-central-1.amazonaws" in profiles["bedrock"].address()
    monkeypatch.setenv("AWS_REGION", "evil.example/x")
    assert profiles["bedrock"].address() == "", "what is no region must not become a host"
    assert profiles["bedrock"].missing_variables() == ["AWS_REGION|AWS_DEFAULT_REGION"]
    assert profiles["vertex"].address() == ""
    assert "GOOGLE_CLOUD_PROJECT" in profiles["vertex"].address_hint()
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "mine")
    assert "/projects/mine/locations/global/" in profiles["vertex"].address()


def test_a_models_name_may_have_slashes() -> None:
    assert split("openrouter/openai/gpt-6") == ("openrouter", "openai/gpt-6")
    assert split("gpt-6") == ("gpt-6", "")


def test_nothing_is_sent_that_was_not_asked_for() -> None:
    for profile in load_profiles().values():
        body = body_for(CALL, profile, "some-model")
        spoken = profile.traits("some-model").dialect
        assert set(body) <= {"model", "stream", *ALWAYS[spoken]}


def test_temperature_is_sent_only_where_it_is_taken() -> None:
    profiles = load_profiles()
    call = Call(model="x/y", messages=(), temperature=0.5)
    assert "temperature" not in body_for(call, profiles["anthropic"], "claude-opus-5-5")
    assert body_for(call, profiles["anthropic"], "claude-3-haiku")["temperature"] == 0.5
    assert body_for(call, profiles[LOCAL], "m")["temperature"] == 0.5


@pytest.mark.parametrize(
    ("complaint", "left_out"),
    [
        ('{"error": {"message": "Unsupported parameter: \'max_tokens\'", "param": "max_tokens"}}', {"max_tokens"}),
        ('{"detail": [{"loc": ["body", "stream_options"], "msg": "Extra inputs"}]}', {"stream_options"}),
        ('{"object": "error", "message": "Unrecognized field: include_usage"}', {"stream_options"}),
        ('{"error": "temperature is deprecated for this model"}', {"temperature"}),
        ('[{"error": {"message": "Unknown name \\"reasoning_effort\\""}}]', {"reasoning_effort"}),
        ('{"error": {"message": "\'max_tokens\' is too large: 9000"}}', {"max_tokens", "max_completion_tokens"}),
        ('{"error": {"message": "unknown variant `developer`, expected `system`"}}', {DEVELOPER}),
        ('{"error": {"message": "the model is not in a good mood"}}', set[str]()),
        ('{"error": {"message": "messages must not be empty", "param": "messages"}}', set[str]()),
    ],
)
def test_a_complaint_names_fields(complaint: str, left_out: set[str]) -> None:
    body = {
        "model": "m", "messages": [{"role": "developer", "content": "x"}], "stream": True, "max_tokens": 9000,
        "stream_options": {"include_usage": True}, "temperature": 1.0, "reasoning_effort": "high",
    }  # fmt: skip
    assert named_fields(body, from_body(complaint)) == left_out


@pytest.mark.parametrize(
    ("model", "size"),
    [
        ("qwen2.5-coder-0.5b-instruct-q4_k_m", 0.5),
        ("SmolLM2-135M-Instruct", 0.135),
        ("qwen3:4b", 4),
        ("Qwen3-30B-A3B-Instruct", 30),
        ("meta-llama/llama-3.3-70b-instruct", 70),
        ("gpt-5", None),
        ("mixtral-8x7b", None),
        ("gemma-3n-e4b", None),
        ("minimax-text-01-1m", None),
    ],
)
def test_a_name_may_say_how_large_its_model_is(model: str, size: float | None) -> None:
    assert parameters(model) == size


@pytest.mark.parametrize(
    ("provider", "model", "small", "temperature"),
    [
        ("local", "some-file", True, 0.3),
        ("local", "Qwen3-8B-Q4_K_M", False, None),
        ("local", "SmolLM2-135M-Instruct", True, 0.2),
        ("ollama", "llama3.2:1b", True, 0.3),
        ("ollama", "qwen3", False, None),
        ("groq", "llama-3.3-70b-versatile", False, None),
    ],
)
def test_a_small_model_is_sampled_cool_and_does_not_judge(
    provider: str, model: str, small: bool, temperature: float | None
) -> None:
    profiles = load_profiles()
    info = Catalog(profiles, Local()).describe(profiles[provider], model)
    assert (info.small, info.temperature) == (small, temperature)
