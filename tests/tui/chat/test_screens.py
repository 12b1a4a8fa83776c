"""The screens over the chat: models, keys and commands, help, finding; and keys of one's own."""

from collections.abc import Iterable

import anyio
import pytest
from textual import events
from textual.widgets import Input

from chatmodes.events import Error
from chatmodes.providers.available.discover import Found
from chatmodes.providers.calls import ModelInfo, ProviderError
from chatmodes.tui.chat import palette
from chatmodes.tui.chat.commands import COMMANDS
from chatmodes.tui.chat.offering import Offering
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio


async def test_the_model_picker_lists_what_can_be_called_and_narrows_as_one_types(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    async with chatting() as chat:
        await chat.pilot.press("f2")
        await chat.sees("Choose a model", "Each mode's own", "openai/")
        assert "anthropic/" not in chat.text()
        await chat.pilot.press(*"my/own-model")
        await chat.sees("my/own-model", "as typed")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.session.model == "my/own-model")
        await chat.sees("instant · my/own-model")


def at_once(chat: Chatting, text: str) -> None:
    """Keys that are all there before the first is handled, as after a lag."""
    names = {"\r": "enter", " ": "space"}
    for char in text:
        chat.app.post_message(events.Key(names.get(char, char), char))


async def test_enter_picks_what_was_typed_before_it_and_what_is_typed_behind_it_is_a_prompt() -> None:
    models = Scripted({MODEL: [says("one"), says("two")]})
    async with chatting(models, flags={"store": {"titles": False}}) as chat:
        await chat.send("first")
        await chat.idle()
        await chat.send("second")
        await chat.idle()
        await chat.pilot.press("f5")
        await chat.sees("Branches of this conversation")
        at_once(chat, "first\rand more")
        await chat.until(lambda: chat.screen.composer.text == "and more")
        await chat.until(lambda: chat.screen.transcript.cursor == chat.screen.session.path[0].id)


async def test_enter_answers_with_what_was_typed_before_it() -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        await chat.send("/system")
        await chat.sees("Sent before this conversation.")
        at_once(chat, "Be brief.\rand now")
        await chat.until(lambda: chat.screen.composer.text == "and now")
        await chat.until(lambda: chat.screen.session.own == {"system": "Be brief."})


async def test_ctrl_t_goes_through_the_modes_and_the_composer_says_which() -> None:
    async with chatting() as chat:
        for mode in ("thinking", "contemplating", "auto", "instant"):
            await chat.pilot.press("ctrl+t")
            await chat.until(lambda mode=mode: chat.screen.session.mode == mode)
            await chat.sees(f"{mode} · ")


async def test_the_palette_runs_commands() -> None:
    async with chatting() as chat:
        await chat.pilot.press("ctrl+p")
        await chat.sees("Search for commands")
        await chat.pilot.press(*"Mode: Think")
        await chat.sees("Mode: Thinking")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.session.mode == "thinking")


async def test_the_palette_has_everything_and_names_its_key() -> None:
    async with chatting(flags={"keys": {"older": "f9"}}) as chat:
        entries = {one.title.lower(): one.keys for one in palette.entries(chat.app, chat.screen)}
        for words in (
            "sidebar",
            "branch",
            "older",
            "delete this conv",
            "agents",
            "details",
            "next mode",
            "to the end",
            "$editor",
        ):
            assert any(words in title for title in entries), words
        assert entries["branch: older version"] == "F9"
        assert entries["new conversation"] == "Ctrl+N · /new"
        assert entries["answer again"] == "Ctrl+R · /retry"
        assert all(title != about.lower() for title, about in entries.items())
        await chat.pilot.press("ctrl+p")
        await chat.sees("Search for commands")
        await chat.pilot.press(*"Sidebar")
        await chat.sees("Sidebar: conversations, shown or hidden", "Ctrl+B")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.screen.sidebar.has_focus_within)


async def test_help_shows_the_keys_as_they_are_bound() -> None:
    async with chatting(flags={"keys": {"mode": "f9"}}, size=(100, 60)) as chat:
        await chat.pilot.press("f9")
        await chat.until(lambda: chat.screen.session.mode == "thinking")
        await chat.pilot.press("f1")
        await chat.sees("Commands", "/contemplating")
        scroll = chat.app.screen.query_one("VerticalScroll")
        scroll.scroll_end(animate=False)
        await chat.until(lambda: "[mode]" in chat.text() or scroll.scroll_to(y=scroll.scroll_y - 5, animate=False))
        line = next(line for line in chat.lines() if "[mode]" in line)
        assert "f9" in line.lower()
        await chat.pilot.press("escape")
        await chat.gone("Commands")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"mdoe": "f9"}, "which is no action. Did you mean"),
        ({"mode": "f2"}, "gives f2 to both"),
        ({"mode": ""}, "an empty key"),
    ],
)
async def test_a_wrong_line_under_keys_is_one_clear_sentence(keys: dict[str, str], said: str) -> None:
    async with chatting(flags={"keys": keys}, size=(160, 30)) as chat:
        await chat.sees(said)


async def test_hints_name_the_keys_as_they_are_bound() -> None:
    keys = {"composer.send": "ctrl+s", "composer.newline": "enter", "stop": "f10", "regenerate": "f8", "help": "f9"}
    async with chatting(flags={"keys": keys}, size=(120, 30)) as chat:
        await chat.sees("Ctrl+S sends · Enter new line", "Ctrl+P commands · F9 help")
        assert "gives enter" not in chat.text()
        await chat.type("why?")
        await chat.pilot.press("ctrl+s")
        await chat.models.line()
        await chat.sees("F10 stops")
        await chat.pilot.press("f10")
        await chat.sees("Stopped by you. F8 asks again.")


async def test_a_key_copies_each_code_block_from_the_last_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    models = Scripted({MODEL: [says("```\none\n```\n\n```\ntwo\n```\n\n```\nthree\n```\n")]})
    async with chatting(models) as chat:
        copied: list[str] = []

        def keep(text: str, what: str = "") -> None:
            copied.append(f"{text}: {what.partition(';')[0]}")

        monkeypatch.setattr(chat.screen.actions.copying, "copy", keep)
        await chat.send("code?")
        await chat.sees("three")
        await chat.idle()
        for _ in range(4):
            await chat.pilot.press("alt+k")
            await chat.pilot.pause()
        await chat.pilot.press("alt+c", "alt+k")
        await chat.until(lambda: len(copied) == 6)
        assert [one.strip() for one in copied[:4]] == [
            "three: Code block 3 of 3",
            "two: Code block 2 of 3",
            "one: Code block 1 of 3.",
            "three: Code block 3 of 3",
        ]
        assert copied[5].startswith("three:")


async def test_a_theme_over_that_of_the_settings_holds_for_the_session_and_which_line_keeps_it_is_said() -> None:
    async with chatting(size=(120, 30), origins={"tui.theme": "user"}) as chat:
        await chat.send("/theme light")
        await chat.sees("For this session.", 'theme = "chatmodes-light"')
        await chat.send("/theme dark")
        await chat.until(lambda: chat.app.theme == "chatmodes")


async def test_the_help_keeps_its_columns() -> None:
    async with chatting(size=(120, 60)) as chat:
        assert max(len(f"/{one.name} {one.argument}".strip()) for one in COMMANDS.values()) == 30
        await chat.pilot.press("f1")
        await chat.sees("/model [PROVIDER/MODEL | auto]  ")
        starts = [
            line.index(about)
            for line in chat.lines()
            for about in ("choose the model", "start a new conv")
            if about in line
        ]
        assert len(set(starts)) == 1


async def test_finding_in_the_conversation_counts_and_goes_round() -> None:
    models = Scripted({MODEL: [says("wheat, more wheat, and oats")]})
    async with chatting(models) as chat:
        await chat.send("grains?")
        await chat.idle()
        await chat.pilot.press("ctrl+f")
        await chat.pilot.press(*"wheat")
        await chat.sees("1 of 2")
        await chat.pilot.press("enter")
        await chat.sees("2 of 2")
        await chat.pilot.press("escape")
        await chat.gone("2 of 2")
        assert chat.screen.composer.editor.has_focus


async def test_the_welcome_says_what_was_found_and_what_to_do_next() -> None:
    small = Found(
        kind="embedded", provider="local", title="SmolLM2-135M", detail="x", fast="local/smol", reasoning="local/smol"
    )
    async with chatting(found=[small], flags={"model": ""}) as chat:
        await chat.sees("SmolLM2-135M", "often wrong", "store a provider's API key", "instant · local/smol")


async def test_with_nothing_to_talk_to_the_welcome_and_a_prompt_say_so() -> None:
    async with chatting(found=[], flags={"model": ""}) as chat:
        await chat.sees("Nothing here can answer yet.", "no model chosen")
        await chat.send("hello?")
        await chat.sees("No model was found that could answer.")
        await chat.sees("hello?")


class Keyless(Scripted):
    """No key for OpenAI here."""

    def describe(self, model: str) -> ModelInfo:
        if model.startswith("openai/"):
            raise ProviderError(Error("auth", "There is no key for OpenAI.", "Set OPENAI_API_KEY."))
        return super().describe(model)


async def test_a_model_without_a_key_is_said_before_the_first_prompt_until_another_is_chosen() -> None:
    async with chatting(Keyless()) as chat:
        await chat.sees(f"{MODEL} cannot answer yet. There is no key for OpenAI.", "/key openai", "F2")
        await chat.send("/model groq/small")
        await chat.gone("cannot answer yet")


class Locked(Scripted):
    """The keyring waits for somebody to unlock it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.unlocked = anyio.Event(), anyio.Event()

    async def prepare(self, models: Iterable[str]) -> None:
        self.asked.set()
        await self.unlocked.wait()


async def test_nothing_at_the_start_waits_for_a_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = anyio.Event()

    async def begin(_: Offering) -> None:
        begun.set()

    monkeypatch.setattr(Offering, "begin", begin)
    models = Locked()
    async with chatting(models):
        await models.asked.wait()
        await begun.wait()
        assert not models.unlocked.is_set()
        models.unlocked.set()


async def test_a_key_is_asked_for_hidden_and_stored_for_its_provider() -> None:
    async with chatting() as chat:
        await chat.send("/key ")
        await chat.sees("Store a key for which provider?")
        await chat.pilot.press(*"groq", "enter")
        await chat.sees("API key for groq")
        assert chat.app.screen.query_one(Input).password
        await chat.pilot.press(*"gsk-secret", "enter")
        await chat.sees("is stored in")
        assert "gsk-secret" not in chat.text()


async def test_a_provider_that_there_is_not_is_refused_before_the_key_is_asked_for() -> None:
    async with chatting() as chat:
        await chat.send("/key nope")
        await chat.sees("There is no provider nope.")
        assert chat.app.screen is chat.screen


async def test_the_number_of_agents_and_the_system_prompt_hold_for_what_follows() -> None:
    models = Scripted({MODEL: [says("arr")]})
    async with chatting(models) as chat:
        await chat.send("/agents ²")
        await chat.sees("agents contemplate.")
        await chat.send("/agents 3")
        await chat.send("/contemplating ")
        await chat.sees("3 agents")
        await chat.send("/instant ")
        await chat.send("/system Talk like a pirate.")
        await chat.send("hello")
        await chat.idle()
        assert [message.text for message in models.calls[0].messages] == ["Talk like a pirate.", "hello"]


async def test_a_mode_is_chosen_by_its_name_or_the_beginning_of_it() -> None:
    async with chatting(size=(100, 30)) as chat:
        await chat.send("/mode contemplating")
        await chat.until(lambda: chat.app.chat.composer.mode == "contemplating")
        await chat.send("/mode inst")
        await chat.until(lambda: chat.app.chat.composer.mode == "instant")
        await chat.send("/mode loud")
        await chat.sees("There is no mode 'loud'. There are")
        assert chat.app.chat.composer.mode == "instant"
