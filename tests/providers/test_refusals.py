"""What a server turns down is said otherwise, once, and from then on: the answer comes with the second request."""

import json
import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from chatmodes.messages import Message, Reasoning, Text, ToolCall, ToolResult, system, user
from chatmodes.providers.calls import ToolSpec
from tests.fake import Fake, Wire
from tests.fake.scenarios import Name, stream
from tests.providers.calls import ask, providers

pytestmark = pytest.mark.anyio
LOOK = ToolSpec("look", "Look somewhere.", {"type": "object", "properties": {}})
CALLED = Message("assistant", (ToolCall("call_abc", "look", "{}"), ToolResult("call_abc", "look", (Text("here"),))))
TOOLS = (user("Where?"), CALLED, user("Why?"))
Table = dict[str, Any]
Obeys = Callable[[Table], bool]


def roles(body: Table) -> list[str]:
    return [message["role"] for message in body["messages"]]


CASES: dict[str, tuple[str, int, str, Obeys, tuple[Message, ...]]] = {
    # what is refused: provider, status, the words, whether a body obeys them, the conversation
    "streams": (
        "openai", 400, "Your organization must be verified to stream this model.",
        lambda body: body["stream"] is False, (user("Hi."),),
    ),
    "streams in chat": (
        "mistral", 400, "Streaming is not supported for this model", lambda body: body["stream"] is False,
        (user("Hi."),),
    ),
    "summaries": (
        "openai", 400, "Your organization must be verified to generate reasoning summaries.",
        lambda body: "summary" not in body.get("reasoning", {}), (user("Hi."),),
    ),
    "system messages": (
        "ollama", 400, "System role not supported", lambda body: "system" not in roles(body),
        (system("Be kind."), user("Hi.")),
    ),
    "system messages of a template": (
        "llamacpp", 500, "Jinja Exception: System role not supported", lambda body: "system" not in roles(body),
        (system("Be kind."), user("Hi.")),
    ),
    "a system message of Gemma": (
        "gemini", 400, "Developer instruction is not enabled for models/gemma-3-27b-it",
        lambda body: "system" not in roles(body), (system("Be kind."), user("Hi.")),
    ),
    "a user behind results": (
        "vllm", 400, "Unexpected role 'user' after role 'tool'",
        lambda body: "tool,user" not in ",".join(roles(body)), TOOLS,
    ),
    "long ids": (
        "vllm", 400, "Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9.",
        lambda body: bool(re.fullmatch("[A-Za-z0-9]{9}", body["messages"][1]["tool_calls"][0]["id"])), TOOLS,
    ),
    "a call without content": (
        "vllm", 422, "missing field `content` at line 1",
        lambda body: all("content" in m for m in body["messages"]), TOOLS,
    ),
    "a history of tools without tools": (
        "litellm", 400, "Anthropic expects the `tools=` param to be set when history holds tool calls",
        lambda body: "tools" in body, TOOLS,
    ),
    "a signature of another key": (
        "gemini", 400, "Thought signature is not valid.", lambda body: "secret" not in json.dumps(body),
        (
            user("Where?"),
            Message("assistant", (
                ToolCall("call_abc", "look", "{}", json.dumps(
                    {"provider": "gemini", "model": "m", "fields": {"extra_content": {"thought_signature": "secret"}}}
                )),
                ToolResult("call_abc", "look", (Text("here"),)),
            )),
            user("Why?"),
        ),
    ),
    "thinking of another key": (
        "anthropic", 400, "messages.1.content.0: Invalid `signature` in `thinking` block",
        lambda body: "secret" not in json.dumps(body),
        (
            user("Hi."),
            Message("assistant", (Text("Hello."), Reasoning("", json.dumps({"messages": [
                {"keep": {"type": "thinking", "thinking": "Hm.", "signature": "secret"}}, {"text": 6},
            ]}), "anthropic", "m"))),
            user("Why?"),
        ),
    ),
    "a cap beyond the model's": (
        "anthropic", 400, "max_tokens: 128000 > 8192, which is the maximum allowed number of output tokens",
        lambda body: body["max_tokens"] <= 8192, (user("Hi."),),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
async def test_what_is_turned_down_is_said_otherwise(fake: Fake, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    provider, status, words, obeys, conversation = CASES[kind]
    for name in ("OPENAI", "ANTHROPIC", "MISTRAL", "GEMINI", "LITELLM"):
        monkeypatch.setenv(f"{name}_API_KEY", "a-key")

    async def script(wire: Wire) -> None:
        if not obeys(wire.request.fields):
            await wire.reply(status, {"error": {"message": words}})
            return
        await stream(wire, Name("m"), "Hello.")

    model = "gpt-6-luna" if provider == "openai" else "m"
    fake.scripts[model] = script
    async with providers(fake) as gateway:
        profile = gateway.profiles[provider]
        gateway.profiles[provider] = msgspec.structs.replace(profile, key_needed=False)
        fields: dict[str, Any] = {"max_tokens": 128_000} if "max_tokens" in words else {}
        first = await ask(gateway, f"{provider}/{model}", conversation, **fields)
        second = await ask(gateway, f"{provider}/{model}", conversation, **fields)
    assert (first.outcome, first.text) == ("stop", "Hello.")
    assert (second.outcome, second.text) == ("stop", "Hello.")
    assert len(fake.chats) == 3, "what was turned down is remembered"


@pytest.mark.parametrize(
    ("words", "wish"),
    [
        ("Unsupported parameter: 'stop' is not supported with this model.", {"stop": ("x",)}),
        ("seed is not supported", {"seed": 1}),
        ("top_p is not supported", {"top_p": 0.5}),
        ("response_format is not supported", {"response_format": {"type": "json_object"}}),
        ("m does not support tools", {"tools": (LOOK,)}),
        ("tool_choice is not supported", {"tools": (LOOK,), "tool_choice": "required"}),
    ],
)
async def test_what_was_asked_for_in_so_many_words_is_never_left_out(fake: Fake, words: str, wish: Table) -> None:
    async def script(wire: Wire) -> None:
        await wire.reply(400, {"error": {"message": words}})

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        told = await ask(gateway, "vllm/m", **wish)
    assert told.error
    assert words.rstrip(".") in told.error.message
    assert len(fake.chats) == 1


async def test_reasoning_without_its_first_mark_is_known_from_the_second_call_on(fake: Fake) -> None:
    async def script(wire: Wire) -> None:
        await stream(wire, Name("m"), "Let me see.\n</think>\n\nIt is 4.")

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        first = await ask(gateway, "vllm/m")
        second = await ask(gateway, "vllm/m")
    assert (first.text, first.reasoning) == (second.text, second.reasoning) == ("It is 4.", "Let me see.\n")
