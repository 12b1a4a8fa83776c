"""Code of an answer taken along by key and command: copied, saved, read in a pager. In lists too."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio
FLAGS = {"store": {"titles": False}}
ANSWER = "1. Run\n\n   ```bash\n   echo 1\n   ```\n\n2. Then\n\n   ```python\n   print(2)\n   ```\n"


async def asked(chat: Chatting) -> None:
    await chat.send("How?")
    await chat.idle()


async def test_code_in_list_items_is_copied_the_last_first(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting(Scripted({MODEL: [says(ANSWER)]}), flags=FLAGS) as chat:
        copied: list[str] = []

        def copy(text: str, what: str = "") -> None:
            del what
            copied.append(text)

        monkeypatch.setattr(chat.screen.actions.copying, "copy", copy)
        await asked(chat)
        await chat.pilot.press("alt+k", "alt+k")
        await chat.send("/code ")
        await chat.until(lambda: copied == ["print(2)", "echo 1", "print(2)"])


async def test_a_block_is_saved_by_key_and_nothing_is_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with chatting(Scripted({MODEL: [says(ANSWER)]}), flags=FLAGS) as chat:
        await asked(chat)
        await chat.pilot.press("alt+w")
        await chat.sees("Save the code block as", "1 line of python", "code.py")
        await chat.pilot.press("enter")
        await chat.until((tmp_path / "code.py").exists)
        await chat.sees("Written to code.py")
        assert (tmp_path / "code.py").read_text() == "print(2)\n"
        (tmp_path / "mine.sh").write_text("kept")
        await chat.send("/code mine.sh")
        await chat.sees("mine.sh exists and stays as it is")
        assert (tmp_path / "mine.sh").read_text() == "kept"
        await chat.send("/code none/there.py")
        await chat.sees("cannot be written")


async def test_a_block_goes_through_the_pager_and_where_none_can_open_that_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(Scripted({MODEL: [says(ANSWER)]}), flags=FLAGS) as chat:
        await asked(chat)
        await chat.pilot.press("alt+l")
        await chat.sees("A pager cannot be opened here")
        monkeypatch.setenv("PAGER", "/nowhere/pager")

        async def lend(work: Callable[[], None]) -> None:
            work()

        monkeypatch.setattr(chat.app, "lend", lend)
        await chat.send("/pager ")
        await chat.sees("/nowhere/pager could not be started")


async def test_an_answer_without_code_says_so_for_every_way() -> None:
    async with chatting(Scripted({MODEL: [says("no code")]}), flags=FLAGS) as chat:
        await asked(chat)
        for key in ("alt+k", "alt+w", "alt+l"):
            await chat.pilot.press(key)
            await chat.sees("There is no code block in that answer")
