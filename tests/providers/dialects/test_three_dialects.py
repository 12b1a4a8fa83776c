"""Every fault and every state in all three dialects, and the official SDKs at the same server as a control."""

import json
from typing import Any

import anthropic
import httpx2
import msgspec
import openai
import pytest

from chatmodes.messages import Image, Message, Part, Reasoning, Text, ToolCall, ToolResult, user
from chatmodes.providers.calls import Call, OpaqueChunk, TextChunk, ToolCallChunk, ToolSpec
from chatmodes.providers.gateway import Gateway
from chatmodes.providers.shapes import table
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk, usage
from tests.fake.dialects import THOUGHT
from tests.providers.calls import Told, ask, providers
from tests.providers.test_faults import ENDED, patience

pytestmark = pytest.mark.anyio
SPEAKS = {"responses": "openai", "messages": "anthropic"}
LOOK = ToolSpec("look", "Look somewhere.", {"type": "object", "properties": {"at": {"type": "string"}}})

ELSEWHERE: dict[str, tuple[str, str]] = {
    # how a fault that is written in bytes of chat completions, or names fields of theirs, ends in the other dialects
    "cut-mid-chunk": ("stream_cut", "Hello from the first half"),
    "no-last-blank-line": ("stream_cut", "Hello from the first half"),
    "bad-utf8": ("stop", "Hello from the first half"),
    "error-chunk-string": ("server", "Hello from the first half"),
    "filtered-empty": ("filtered", ""),
    "odd-choices": ("unknown", "Hello"),
}


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "MODEL_API_KEY", "XAI_API_KEY"):
        monkeypatch.setenv(name, "a-key")


@pytest.mark.parametrize("anyio_backend", ["asyncio"])  # test_faults.py has both; these differ in what is read
@pytest.mark.parametrize("spoken", SPEAKS)
@pytest.mark.parametrize("fault", ENDED)
async def test_a_fault_ends_alike_in_every_dialect(fake: Fake, spoken: str, fault: str) -> None:
    limits = patience(fault)
    async with providers(fake, timeouts=limits) as gateway:
        name = SPEAKS[spoken]
        gateway.profiles[name] = msgspec.structs.replace(gateway.profiles[name], **limits)
        told = await ask(gateway, f"{name}/fault:{fault}")
    outcome, text = ELSEWHERE.get(fault, ENDED[fault])
    if fault == "odd-choices" and spoken == "responses":
        outcome = "stop"  # which has a word for the end, and none for its reason
    assert (told.outcome, told.text) == (outcome, text)
    assert len(fake.chats) == 1
    assert fake.chats[0].path.endswith(f"/{spoken}")
    fake.wait_until(lambda: fake.open_connections == 0)


@pytest.mark.parametrize(
    ("provider", "path"), [("openai", "/responses"), ("meta", "/responses"), ("anthropic", "/messages")]
)
async def test_reasoning_is_shown_and_its_state_comes_back(fake: Fake, provider: str, path: str) -> None:
    async with providers(fake) as gateway:
        model = f"{provider}/{gateway.profiles[provider].reasoning}"
        told = await ask(gateway, model, reason=True, max_tokens=5000)
        assert (told.outcome, told.reasoning) == ("stop", THOUGHT)
        [state] = told.opaque
        assert (state.provider, state.model) == (provider, gateway.profiles[provider].reasoning)
        again = Message("assistant", (Text(told.text), state))
        told = await ask(gateway, model, (user("What is 2+2?"), again, user("And 3+3?")), reason=True, max_tokens=5000)
    assert told.outcome == "stop", "the server refuses what is not the final state, or not signed"
    assert all(request.path.endswith(path) for request in fake.chats)
    body = fake.chats[-1].body.decode()
    assert ("enc-final-" in body) == (path == "/responses")
    assert ("sig-" in body) == (path == "/messages")
    assert ('"phase":"final_answer"' in body) == (path == "/responses")


@pytest.mark.parametrize(
    ("provider", "entry"),
    [
        ("openai", {"type": "web_search"}),
        ("meta", {"type": "web_search"}),
        ("anthropic", {"type": "web_search_20250305", "name": "web_search"}),
    ],
)
@pytest.mark.parametrize("tools", [(), (LOOK,)], ids=["alone", "beside a tool"])
async def test_the_providers_own_search_is_offered_as_its_profile_has_it(
    fake: Fake, provider: str, entry: dict[str, str], tools: tuple[ToolSpec, ...]
) -> None:
    async with providers(fake) as gateway:
        model = f"{provider}/say:Found."
        assert gateway.describe(model).search
        assert (await ask(gateway, model, search=True, tools=tools, max_tokens=5000)).text == "Found."
        assert fake.chats[-1].fields["tools"][-1] == entry
        assert len(fake.chats[-1].fields["tools"]) == 1 + len(tools)
        await ask(gateway, model, tools=tools, max_tokens=5000)
        assert entry not in fake.chats[-1].fields.get("tools", [])


def _begun(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def _grown(index: int, delta: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": delta}


async def test_what_a_server_looks_up_itself_is_no_call_of_ours(fake: Fake) -> None:
    said: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"usage": {"input_tokens": 3}}},
        _begun(0, {"type": "server_tool_use", "id": "srv1", "name": "web_search", "input": {}}),
        _grown(0, {"type": "input_json_delta", "partial_json": '{"query": "leaves"}'}),
        _begun(1, {"type": "web_search_tool_result", "tool_use_id": "srv1", "content": []}),
        _begun(2, {"type": "text", "text": ""}),
        _grown(2, {"type": "text_delta", "text": "They fall."}),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 3}},
        {"type": "message_stop"},
    ]

    async def searching(wire: Wire) -> None:
        for event in said:
            await wire.raw(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())

    fake.scripts["claude-sonnet-5-5"] = searching
    async with providers(fake) as gateway:
        told = await ask(gateway, "anthropic/claude-sonnet-5-5", search=True, max_tokens=5000)
    assert (told.outcome, told.text) == ("stop", "They fall.")


async def conversation(gateway: Gateway, model: str) -> tuple[list[Part], Told]:
    """A question whose answer needs a tool: the parts of the first turn with the tool's result, and the second turn."""
    parts: list[Part] = []
    call = Call(model=model, messages=(user("Where is it?"),), reason=True, tools=(LOOK,), max_tokens=5000)
    async with gateway.stream(call) as chunks:
        async for piece in chunks:
            match piece:
                case TextChunk():
                    parts.append(Text(piece.text))
                case OpaqueChunk():
                    parts.append(piece.reasoning)
                case ToolCallChunk():
                    parts.append(piece.call)
                case _:
                    pass
    calls = [part for part in parts if isinstance(part, ToolCall)]
    parts += [ToolResult(part.id, part.name, (Text("on the shelf"),)) for part in calls]
    history = (user("Where is it?"), Message("assistant", tuple(parts)))
    return parts, await ask(gateway, model, history, reason=True, tools=(LOOK,), max_tokens=5000)


@pytest.mark.parametrize("provider", ["openai", "anthropic", "mistral"])
async def test_a_tool_is_called_answered_and_spoken_of(
    fake: Fake, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MISTRAL_API_KEY", "a-key")

    async def script(wire: Wire) -> None:
        from tests.fake import strict

        if said := strict.complaint(wire.request.path, wire.request.fields):
            await wire.reply(400, {"error": {"message": said}})
            return
        if wire.number > 1:
            await wire.event(chunk({"content": "It is on the shelf."}))
            await wire.event(chunk({}, finish="stop"))
        else:
            await wire.event(chunk({"reasoning_content": "I should look."}))
            await wire.event(chunk({"content": "I look."}))
            for index in range(2):
                entry = {"index": index, "id": f"call-{index}-x", "function": {"name": "look", "arguments": ""}}
                await wire.event(chunk({"tool_calls": [entry]}))
                piece = {"index": index, "function": {"arguments": '{"at": "home"}'}}
                await wire.event(chunk({"tool_calls": [piece]}))
            await wire.event(chunk({}, finish="tool_calls"))
        await wire.event("[DONE]")

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        parts, told = await conversation(gateway, f"{provider}/m")
    assert [part.arguments for part in parts if isinstance(part, ToolCall)] == ['{"at": "home"}'] * 2
    assert (told.outcome, told.text) == ("stop", "It is on the shelf.")
    assert any(isinstance(part, Reasoning) for part in parts) == (provider != "mistral")
    assert "I should look." not in told.text


async def test_cached_and_written_tokens_are_told_and_billed(fake: Fake) -> None:
    """Anthropic counts what was read and written apart from the input; here all of it is input."""
    counted = {"input_tokens": 100, "cache_read_input_tokens": 1000, "cache_creation_input_tokens": 2000}

    async def script(wire: Wire) -> None:
        message: dict[str, Any] = {"role": "assistant", "content": [], "usage": {**counted, "output_tokens": 1}}
        block = {"type": "text", "text": ""}
        delta = {"type": "text_delta", "text": "Hi"}
        events: tuple[dict[str, Any], ...] = (
            {"type": "message_start", "message": message},
            {"type": "content_block_start", "index": 0, "content_block": block},
            {"type": "ping"},
            {"type": "content_block_delta", "index": 0, "delta": delta},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 50}},
            {"type": "message_stop"},
        )
        for event in events:
            await wire.raw(f"event: {event['type']}\ndata: {httpx2.Response(200, json=event).text}\n\n".encode())

    fake.scripts["claude-sonnet-4-5"] = script
    async with providers(fake) as gateway:
        told = await ask(gateway, "anthropic/claude-sonnet-4-5")
    assert told.finished
    counts = told.finished.usage
    assert (counts.input_tokens, counts.output_tokens) == (3100, 50)
    assert (counts.cached_tokens, counts.cache_write_tokens) == (1000, 2000)
    assert told.finished.cost == pytest.approx((100 * 3 + 1000 * 0.3 + 2000 * 3.75 + 50 * 15) / 1e6)


async def test_what_is_sent_to_messages_goes_under_its_own_key_and_version(fake: Fake) -> None:
    async with providers(fake) as gateway:
        await ask(gateway, "anthropic/echo")
    headers = fake.chats[0].headers
    assert headers["x-api-key"] == "a-key"
    assert headers["anthropic-version"] == "2023-06-01"
    assert "authorization" not in headers


async def test_a_server_without_the_better_dialect_is_asked_in_the_common_one(fake: Fake) -> None:
    """An address of the user's own behind a provider's name: a proxy that knows chat completions alone."""

    async def script(wire: Wire) -> None:
        if wire.request.path.endswith("/responses"):
            await wire.reply(404, {"detail": "Not Found"})
            return
        await wire.event(chunk({"content": "Hi"}))
        await wire.event(chunk({}, finish="stop", usage=usage()))
        await wire.event("[DONE]")

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        first = await ask(gateway, "openai/m")
        second = await ask(gateway, "openai/m")
    assert (first.text, second.text) == ("Hi", "Hi")
    assert [request.path.rpartition("/")[2] for request in fake.chats] == ["responses", "completions", "completions"]


async def test_a_dialect_can_be_chosen_by_the_user(fake: Fake, home: Any) -> None:
    folder = home / "config"
    folder.mkdir(exist_ok=True)
    (folder / "providers.toml").write_text(
        '[openai.defaults]\ndialect = "chat"\n[mistral.defaults]\ndialect = "messages"\n'
    )
    async with providers(fake) as gateway:
        await ask(gateway, "openai/echo")
    assert fake.chats[0].path.endswith("/chat/completions")


async def test_a_wish_that_responses_cannot_say_is_said_in_chat_completions(fake: Fake) -> None:
    async with providers(fake) as gateway:
        told = await ask(gateway, "openai/echo", stop=("x",), seed=7)
    assert told.outcome == "stop"
    assert fake.chats[0].path.endswith("/chat/completions")
    assert (fake.chats[0].fields["stop"], fake.chats[0].fields["seed"]) == (["x"], 7)


async def test_a_wish_that_cannot_be_said_is_refused_before_anything_is_sent(fake: Fake) -> None:
    async with providers(fake) as gateway:
        told = await ask(gateway, "anthropic/echo", seed=7)
    assert told.outcome == "bad_request"
    assert told.error
    assert "cannot be given a seed" in told.error.message
    assert fake.chats == []


# The official SDKs at the same fakes: what they read the gateway reads.


async def by_openai(url: str, model: str) -> tuple[str, str]:
    text = reasoning = ""
    async with openai.AsyncOpenAI(base_url=url, api_key="a-key", max_retries=0) as client:
        stream = await client.responses.create(model=model, input="What is 2+2?", stream=True, store=False)
        async with stream:
            async for event in stream:
                if event.type == "response.output_text.delta":
                    text += event.delta
                elif event.type == "response.reasoning_summary_text.delta":
                    reasoning += event.delta
    return text, reasoning


async def by_anthropic(url: str, model: str) -> tuple[str, str]:
    text = reasoning = ""
    async with anthropic.AsyncAnthropic(base_url=url.removesuffix("/v1"), api_key="a-key", max_retries=0) as client:
        messages: Any = [{"role": "user", "content": [{"type": "text", "text": "What is 2+2?"}]}]
        async with client.messages.stream(model=model, max_tokens=100, messages=messages) as stream:
            async for event in stream:
                if event.type == "text":
                    text += event.text
                elif event.type == "thinking":
                    reasoning += event.thinking
    return text, reasoning


CONTROLS = [("openai", by_openai), ("meta", by_openai), ("anthropic", by_anthropic)]


@pytest.mark.parametrize("model", ["echo", "lorem:tokens=50", "say:Hello there", "think:The answer is 4."])
@pytest.mark.parametrize(("provider", "control"), CONTROLS)
async def test_the_official_sdk_reads_the_same(fake: Fake, provider: str, control: Any, model: str) -> None:
    text, reasoning = await control(fake.like(provider), model)
    async with providers(fake) as gateway:
        told = await ask(gateway, f"{provider}/{model}")
    assert text
    assert told.text == text
    assert told.reasoning == reasoning or not reasoning


@pytest.mark.parametrize("control", [by_openai, by_anthropic])
async def test_the_official_sdk_knows_a_wrong_model_as_well(fake: Fake, control: Any) -> None:
    with pytest.raises((openai.NotFoundError, anthropic.NotFoundError)):
        await control(fake.url, "fault:404")


@pytest.mark.parametrize(
    ("provider", "detail"), [("openai", "high"), ("openai", ""), ("xai", "low"), ("anthropic", "high")]
)
async def test_strictness_and_detail_are_said_as_each_dialect_has_them(fake: Fake, provider: str, detail: str) -> None:
    strict = msgspec.structs.replace(LOOK, strict=True)
    picture = Image("chart", "image/png", "hash", 1, 1, 4, b"\x89PNG", detail=detail)
    async with providers(fake) as gateway:
        profile = gateway.profiles[provider]
        model = f"{provider}/{profile.reasoning or profile.fast}"
        prompt = Message("user", (picture, Text("What is it?")))
        await ask(gateway, model, (prompt,), tools=(strict, LOOK), max_tokens=500)
    body = fake.chats[0].fields
    tools = [table(tool.get("function")) or tool for tool in body["tools"]]
    assert [tool.get("strict", False) for tool in tools] == [True, False]
    shown = json.dumps(body.get("input") or body["messages"])
    assert f'"detail": "{detail}"' in shown or provider == "anthropic" or not detail


async def test_a_picture_that_is_to_be_seen_in_low_detail_is_refused_where_there_is_no_word_for_it(fake: Fake) -> None:
    picture = Image("chart", "image/png", "hash", 1, 1, 4, b"\x89PNG", detail="low")
    async with providers(fake) as gateway:
        model = f"anthropic/{gateway.profiles['anthropic'].reasoning}"
        told = await ask(gateway, model, (Message("user", (picture, Text("What is it?"))),))
    assert told.outcome == "bad_request"
    assert fake.chats == []
