"""Pictures that servers of tools bring: made ready as attachments are, shown to the model, kept once by their hash."""

import hashlib
import io
import sys
from pathlib import Path

import anyio
import PIL.Image
import pytest

from chatmodes import events as ev
from chatmodes.chat import open_chat
from chatmodes.folding import RunView
from chatmodes.messages import Image, Text, ToolResult, user
from chatmodes.modes.tooling import PICTURES
from chatmodes.running import followed, open_running
from chatmodes.settings import Server, Settings, Tools
from chatmodes.store import open_store
from tests.modes.scripted import MODEL, Scripted, in_turn, say
from tests.tools.test_loop import calling, results, text

pytestmark = pytest.mark.anyio
SETTINGS = Settings(
    tools=Tools(use=("mcp:eyes",), allow=("eyes/*",)),
    mcp={"eyes": Server(command=sys.executable, args=(str(Path(__file__).with_name("picture_server.py")),))},
)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chatmodes.tools.servers.START", 60.0)


def pictures(result: ToolResult) -> list[Image]:
    return [part for part in result.content if isinstance(part, Image)]


async def looked(models: Scripted) -> RunView:
    async with open_running(SETTINGS, models, choose=lambda _: MODEL) as running:
        with anyio.fail_after(90):
            return await running.answer((user("Look."),), mode="instant", model=MODEL)


async def test_a_picture_is_made_ready_shown_and_kept_for_the_next_prompt(tmp_path: Path) -> None:
    database = tmp_path / "chatmodes.db"
    conversation = ""
    seen: list[Image] = []
    for said in (in_turn(calling(("eyes__look", {})), say("A flag.")), in_turn(say("Red above."))):
        with open_store(database) as store:
            async with open_chat(SETTINGS, said, store, choose=lambda _: MODEL) as chat:
                leaf = await chat.leaf(conversation) if conversation else None
                prompt = await chat.add_prompt("Look.", conversation=conversation or None, parent=leaf)
                with anyio.fail_after(90):
                    view = await followed(await chat.answer(prompt))
                stored = store.message(prompt)
                assert stored
                conversation = stored.conversation
                log = store.run_log(view.run)
        (result,) = results(said)
        seen += pictures(result)
        assert "What I saw:" in text(result)
        assert "[picture picture 1 of eyes: image/" in text(result)
        if tool := view.tools.get("answer-1"):
            assert "picture 1 of eyes" in tool.result
            named = [each for event in log.events if isinstance(event, ev.ToolFinished) for each in event.pictures]
            assert [(each.hash, each.content) for each in named] == [(seen[0].hash, b"")]
    first, second = seen
    assert first.content == second.content
    assert first.hash == hashlib.sha256(first.content).hexdigest()
    assert b"SECRETCAMERA" not in first.content
    with PIL.Image.open(io.BytesIO(first.content)) as picture:
        assert picture.height == 1568  # it lay on its side, and was larger
        assert picture.width < picture.height
        assert not picture.getexif()
        red, green, blue = picture.convert("RGB").getpixel((picture.width // 2, 100))  # pyright: ignore
        assert (red > 200, green < 60, blue < 60) == (True, True, True)


async def test_what_is_no_picture_is_a_line_of_text() -> None:
    kinds = ["cut", "wrong sum", "text", "nothing", "base64"]
    models = in_turn(*(calling(("eyes__look", {"kind": kind}), id=kind[0]) for kind in kinds), say("Nothing."))
    await looked(models)
    found = results(models)
    assert len(found) == len(kinds)
    for result in found:
        assert not pictures(result)
        assert "picture 1 of eyes" in text(result)
        assert "Ignore" not in text(result)
        assert "HEIF" not in text(result)  # which it was never said to be


async def test_pictures_are_bounded_for_a_result_and_for_an_answer() -> None:
    turns = [calling(("eyes__look", {"kind": "many"}), id=f"c{at}") for at in range(4)]
    turns[1:3] = [calling(("eyes__look", {"kind": "many", "again": at}), id=f"d{at}") for at in (1, 2)]
    models = in_turn(*turns, say("Many."))
    view = await looked(models)
    shown = [len(pictures(result)) for result in results(models)]
    assert shown == [4, 4, 4, 0]
    assert sum(shown) == PICTURES
    first, *_, last = results(models)
    assert "picture 5 of eyes is a picture that is not shown" in text(first)
    assert "too many were shown for this answer already" in text(last)
    assert [isinstance(part, Text) for part in last.content] == [True]
    assert [len(tool.pictures) for tool in view.tools.values()] == shown
