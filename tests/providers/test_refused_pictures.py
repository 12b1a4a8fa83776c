"""A picture that a provider refuses is left out, named, and never sent there again; the conversation lives on."""

import json
from typing import Any

import msgspec
import pytest

from chatmodes.messages import Image, Message, Text, ToolCall, ToolResult, assistant, user
from chatmodes.providers.calls import ImageLimits, ModelInfo
from chatmodes.providers.dialects.media import base64_of
from chatmodes.providers.known.windows import Gauge, estimate_messages, picture_rule
from tests.fake import Fake, Wire
from tests.fake.scenarios import Name, stream
from tests.providers.calls import ask, providers

pytestmark = pytest.mark.anyio


def image(name: str, size: int = 40) -> Image:
    content = name.encode() * size
    return Image(name, "image/png", f"hash of {name}", 300, 200, len(content), content)


FIRST, LARGE, LAST = image("first.png"), image("large.png", 400), image("last.png")
HISTORY = (user("One", [FIRST, LARGE]), assistant("Yes."), user("And this?", [LAST]))

CASES = {
    "its place in Messages": (
        "anthropic", 400, "messages.2.content.0.image.source.base64.data: Could not process image", [LAST],
    ),
    "its place in Messages, a size": (
        "anthropic", 400, "messages.0.content.0.image.source.base64: image exceeds 5 MB maximum: 5432 bytes", [FIRST],
    ),
    "its place in chat completions": (
        "vllm", 400, "Invalid 'messages[0].content[1].image_url': unsupported image", [FIRST],
    ),
    "a size": ("vllm", 400, "Image dimensions exceed the maximum allowed size", [LARGE]),
    "a request too large": ("groq", 413, "Request Entity Too Large", [LARGE]),
    "a type": ("vllm", 422, "unsupported image media type image/png", [LAST]),
    "no eyes, a server of one's own": (
        "llamacpp", 500, "image input is not supported - hint: you may need the mmproj", [FIRST, LARGE, LAST],
    ),
    "no eyes behind a gateway": (
        "openrouter", 404, "No endpoints found that support image input", [FIRST, LARGE, LAST],
    ),
    "no eyes, by its parser": (
        "vllm", 400, "unknown variant `image_url`, expected `text`", [FIRST, LARGE, LAST],
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
async def test_the_one_that_is_refused_is_left_out_and_named(
    fake: Fake, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider, status, words, refused = CASES[kind]
    for name in ("ANTHROPIC", "GROQ", "OPENROUTER"):
        monkeypatch.setenv(f"{name}_API_KEY", "a-key")

    async def script(wire: Wire) -> None:
        sent = json.dumps(wire.request.fields)
        if any(base64_of(each.content) in sent for each in refused):
            await wire.reply(status, {"error": {"message": words}})
        else:
            await stream(wire, Name("m"), "Hello.")

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        profile = gateway.profiles[provider]
        traits = msgspec.structs.replace(profile.traits("m"), images=True)
        gateway.profiles[provider] = msgspec.structs.replace(profile, key_needed=False, defaults=traits, models={})
        first = await ask(gateway, f"{provider}/m", HISTORY)
        second = await ask(gateway, f"{provider}/m", (*HISTORY, assistant("Hello."), user("Go on.")))
    assert (first.outcome, first.text) == ("stop", "Hello.")
    assert (second.outcome, second.text) == ("stop", "Hello.")
    assert first.finished
    assert second.finished
    (note,) = first.finished.notes
    assert note.startswith(", ".join(each.name for each in refused))
    assert second.finished.notes == (), "it is named once"
    assert len(fake.chats) == 3, "what was refused is remembered"
    said = json.dumps(fake.chats[-1].fields)
    assert all((base64_of(each.content) in said) == (each not in refused) for each in (FIRST, LARGE, LAST))
    assert all(each.name in said for each in refused), "a line of text says that it was there"


async def test_a_server_that_refuses_each_is_asked_four_times_at_most(fake: Fake) -> None:
    many = [image(f"{number}.png") for number in range(12)]

    async def script(wire: Wire) -> None:
        if "data:image" in json.dumps(wire.request.fields):
            await wire.reply(400, {"error": {"message": "Invalid image."}})
        else:
            await stream(wire, Name("m"), "Hello.")

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        told = await ask(gateway, "vllm/m", (user("See?", many),))
    assert told.text == "Hello."
    assert len(fake.chats) == 4


async def test_a_complaint_about_something_else_costs_no_picture(fake: Fake) -> None:
    async def script(wire: Wire) -> None:
        await wire.reply(400, {"error": {"message": "The prompt was flagged."}})

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        told = await ask(gateway, "vllm/m", (user("See?", [FIRST]),))
    assert told.error
    assert len(fake.chats) == 1


async def test_a_picture_that_a_tool_brought_is_left_out_too(fake: Fake) -> None:
    def brought(fields: dict[str, Any]) -> bool:
        return base64_of(FIRST.content) in json.dumps(fields)

    async def script(wire: Wire) -> None:
        if brought(wire.request.fields):
            await wire.reply(400, {"error": {"message": "Invalid image."}})
        else:
            await stream(wire, Name("m"), "Hello.")

    fake.scripts["m"] = script
    called = Message("assistant", (ToolCall("call_1", "look", "{}"), ToolResult("call_1", "look", (Text("x"), FIRST))))
    async with providers(fake) as gateway:
        told = await ask(gateway, "vllm/m", (user("Look."), called, user("And?")))
    assert told.text == "Hello."


@pytest.mark.parametrize(
    ("limits", "shown", "words"),
    [
        ({"image_count": 2}, [LARGE, LAST], "first.png was left out: one request to vLLM holds 2 pictures at most"),
        ({"image_count": 0}, [], "first.png, large.png, last.png were left out"),
        ({"request_bytes": 3_000}, [FIRST, LAST], "large.png was left out: one request to vLLM holds 0.003 MB at most"),
        ({"request_bytes": 900}, [LAST], "first.png, large.png were left out"),
        ({"request_bytes": 1_000_000, "image_count": 3}, [FIRST, LARGE, LAST], ""),
        ({}, [FIRST, LARGE, LAST], ""),
    ],
)
async def test_no_more_is_sent_than_one_request_holds_and_the_latest_first(
    fake: Fake, limits: dict[str, int], shown: list[Image], words: str
) -> None:
    async def script(wire: Wire) -> None:
        await stream(wire, Name("m"), "Hello.")

    fake.scripts["m"] = script
    async with providers(fake) as gateway:
        profile = gateway.profiles["vllm"]
        traits = msgspec.structs.replace(profile.traits("m"), images=True, **limits)
        gateway.profiles["vllm"] = msgspec.structs.replace(profile, defaults=traits, models={})
        told = await ask(gateway, "vllm/m", HISTORY)
        again = await ask(gateway, "vllm/m", HISTORY)
    sent = json.dumps(fake.chats[0].fields)
    assert [each for each in (FIRST, LARGE, LAST) if base64_of(each.content) in sent] == shown
    assert told.finished
    assert again.finished
    assert [words in note for note in told.finished.notes] == ([True] if words else [])
    assert again.finished.notes == (), "it is told once"


def test_each_model_counts_pictures_by_its_own_rule() -> None:
    message = [user("See?", [LAST])]
    text = estimate_messages([user("See?")])
    coarse = ModelInfo(model="a/coarse", images=True, image_limits=ImageLimits(patch=100), context_window=1000)
    blind = ModelInfo(model="a/blind", images=False, context_window=1000)
    assert estimate_messages(message, picture_rule(coarse)) - text == 6
    assert estimate_messages(message) - text == 11 * 8
    assert estimate_messages(message, picture_rule(blind)) - text <= 24
    gauge = Gauge()
    gauge.fits(message, coarse)
    assert gauge.estimate("a/coarse", message) - text == 6
