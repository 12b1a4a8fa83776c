"""Prompts typed, answers streamed, runs stopped: what one does all day."""

from functools import partial
from pathlib import Path

import anyio
import pytest

from chatmodes.events import Error, ErrorKind
from chatmodes.providers.calls import ProviderError
from chatmodes.store import Store, StoreError
from chatmodes.tui.composer.composer import Composer
from tests.tui.chatting import MODEL, chatting
from tests.tui.scripted import Scripted, says

pytestmark = pytest.mark.anyio


def full(*_: object, **__: object) -> str:
    raise StoreError("The disk is full.", "Free some space.")


async def test_a_typed_prompt_streams_its_answer_into_the_transcript() -> None:
    async with chatting() as chat:
        await chat.send("hello")
        line = await chat.models.line()
        await line.say("Good ")
        await chat.sees("hello", "Good")
        await line.say("morning")
        await chat.sees("Good morning", "Esc stops")
        await line.end()
        await chat.idle()
        await chat.sees("first token", "46 tokens")


async def test_typing_works_before_anything_is_open_and_the_prompt_waits_in_sight() -> None:
    gate = anyio.Event()
    models = Scripted({MODEL: [says("here")]})
    async with chatting(models, gate=gate) as chat:
        await chat.send("early bird")
        await chat.sees("You · waiting", "early bird", "Starting; your prompt is sent in a moment")
        await chat.type("more text")
        gate.set()
        await chat.sees("here")
        await chat.gone("waiting")
        assert chat.screen.composer.text == "more text"


async def test_reasoning_shows_while_it_streams_and_folds_to_one_line_with_time_and_length() -> None:
    async with chatting(flags={"mode": "thinking"}) as chat:
        await chat.send("why?")
        line = await chat.models.line()
        await line.reason("first this, then that")
        await chat.sees("first this, then that", "Thinking…")
        await line.say("Because.")
        await chat.sees("Because.", "21 characters")
        await chat.gone("first this")
        await line.end()
        await chat.idle()
        await chat.pilot.press("alt+o")
        await chat.sees("first this, then that")


@pytest.mark.parametrize(("keys", "key", "shown"), [({}, "ctrl+end", "Ctrl+End"), ({"end": "f9"}, "f9", "F9")])
async def test_one_who_scrolled_up_is_told_that_there_is_more_below_and_the_key(
    keys: dict[str, str], key: str, shown: str
) -> None:
    async with chatting(size=(80, 24), flags={"keys": keys}) as chat:
        await chat.send("count")
        line = await chat.models.line()
        await line.say("\n\n".join(f"number {n}" for n in range(60)))
        await chat.sees("number 59")
        assert "↓ more" not in chat.text()
        chat.screen.transcript.focus()
        await chat.pilot.press("pageup")
        await chat.sees(f"↓ more · {shown}", "Esc stops")
        await line.say("\n\nand the last")
        await chat.pilot.press(key)
        await chat.gone("↓ more")
        await chat.sees("and the last")
        await line.end()


async def test_escape_stops_at_once_and_keeps_what_came() -> None:
    async with chatting() as chat:
        await chat.send("count")
        line = await chat.models.line()
        await line.say("one two three")
        await chat.sees("one two three")
        await chat.pilot.press("escape")
        await chat.idle()
        await chat.sees("one two three", "Stopped by you; what had come is kept.")
        last = chat.screen.session.last("assistant")
        assert last is not None
        assert last.state == "cancelled"


async def test_escape_ends_a_wait_before_a_retry_too() -> None:
    async with chatting() as chat:
        await chat.send("again")
        line = await chat.models.line()
        await line.retry(40.0, "The server is busy.")
        await chat.sees("again in", "The server is busy.")
        await chat.pilot.press("escape")
        await chat.idle()
        await chat.sees("Stopped by you.")


async def test_prompts_queue_while_a_run_is_under_way_and_go_out_in_order() -> None:
    async with chatting() as chat:
        await chat.send("first")
        line = await chat.models.line()
        await line.say("answer to the first")
        await chat.send("second")
        await chat.sees("You · waiting", "1 queued")
        await line.end()
        second = await chat.models.line()
        assert [message.text for message in second.call.messages] == ["first", "answer to the first", "second"]
        await second.say("and to the second")
        await second.end()
        await chat.idle()
        await chat.gone("waiting")


@pytest.mark.parametrize("before", [[], ["earlier"]], ids=["in a new conversation", "in an open one"])
async def test_two_prompts_sent_at_once_follow_each_other(before: list[str]) -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        for text in before:
            await chat.send(text)
            line = await chat.models.line()
            await line.say("answered")
            await line.end()
            await chat.idle()
        for text in ("first", "second"):
            chat.screen.on_composer_submitted(Composer.Submitted(text))
        line = await chat.models.line()
        await chat.sees("You · waiting", "1 queued")
        await line.say("answer to the first")
        await line.end()
        second = await chat.models.line()
        assert [message.text for message in second.call.messages][-3:] == ["first", "answer to the first", "second"]
        await second.end()
        await chat.idle()
        assert len(chat.screen.engine.store.conversations()) == 1


async def test_a_second_key_press_asks_for_no_second_answer_at_once() -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        await chat.send("why?")
        await (await chat.models.line()).end()
        await chat.idle()
        for _ in range(2):
            chat.screen.action_message("regenerate")
        await chat.sees("An answer is under way. Esc stops it.")
        await (await chat.models.line()).end()
        await chat.idle()
        assert len(chat.models.calls) == 2


async def test_escape_gives_waiting_prompts_back_to_the_composer() -> None:
    async with chatting() as chat:
        await chat.send("first")
        await chat.models.line()
        await chat.send("second")
        await chat.send("third")
        await chat.pilot.press("escape")
        await chat.idle()
        assert chat.screen.composer.text == "second\n\nthird"


async def test_a_long_prompt_is_folded_on_screen_and_whole_in_the_request_and_in_a_copy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log = "\n".join(f"entry {number}" for number in range(300)) + "\n"
    async with chatting(Scripted({MODEL: [says("A log.")]}), size=(100, 40)) as chat:
        await chat.send(log)
        await chat.sees("entry 19", "… 280 more lines", "A log.")
        await chat.idle()
        assert "entry 20" not in chat.text()
        assert chat.models.calls[0].messages[-1].text == log
        prompt = next(one.id for one in chat.screen.session.path)
        chat.screen.transcript.move_cursor(prompt)
        copied: list[str] = []

        def copy(text: str, what: str = "") -> None:
            copied.append(text)

        monkeypatch.setattr(chat.screen.actions.copying, "copy", copy)
        await chat.pilot.press("alt+c")
        await chat.until(lambda: copied == [log], "the copy")
        await chat.pilot.press("alt+o")
        await chat.sees("▾ … 280 more lines", "entry 20")
        await chat.pilot.press("alt+o")
        await chat.gone("entry 20")


async def test_a_waiting_prompt_comes_back_with_the_command_for_its_mode() -> None:
    async with chatting() as chat:
        await chat.send("first")
        await chat.models.line()
        await chat.send("/thinking two")
        await chat.sees("1 queued")
        await chat.pilot.press("escape")
        await chat.idle()
        assert chat.screen.composer.text == "/thinking two"
        await chat.pilot.press("enter")
        await chat.models.line()
        assert [live.run.mode for live in chat.screen.session.running] == ["thinking"]


async def test_a_waiting_prompt_comes_back_without_its_files_and_takes_them_along_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "notes.txt").write_text("what the file says")
    monkeypatch.chdir(tmp_path)
    async with chatting() as chat:
        await chat.send("first")
        await chat.models.line()
        await chat.pilot.press(*"see @notes.txt ", "enter")
        await chat.sees("1 queued")
        await chat.pilot.press("escape")
        await chat.idle()
        assert chat.screen.composer.text.rstrip() == "see @notes.txt"
        await chat.pilot.press("enter")
        again = await chat.models.line()
        assert again.call.messages[-1].text.count("what the file says") == 1


async def test_a_waiting_prompt_that_fails_goes_below_what_is_being_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with chatting(flags={"store": {"private": True, "titles": False}}) as chat:
        await chat.send("first")
        line = await chat.models.line()
        await chat.send("second")
        await chat.sees("1 queued")
        await chat.type("half a thought")
        monkeypatch.setattr(chat.screen.engine.store, "add_message", full)
        await line.end()
        await chat.sees("The disk is full.")
        await chat.until(lambda: chat.screen.composer.text == "half a thought\n\nsecond")
        await chat.pilot.press("!")
        assert chat.screen.composer.text == "half a thought!\n\nsecond"
        await chat.pilot.press("ctrl+z", "ctrl+z")
        assert chat.screen.composer.text == "half a thought"


async def test_a_failure_says_cause_and_next_step_and_one_key_sends_again() -> None:
    wrong = ProviderError(Error("auth", "The key was refused.", "Store another with /key.", 401, "openai"))
    models = Scripted({MODEL: [[wrong], says("fine now")]})
    async with chatting(models) as chat:
        await chat.send("hello")
        await chat.sees("The key was refused. (HTTP 401) Store another with /key. Ctrl+R sends it again.")
        await chat.idle()
        await chat.pilot.press("ctrl+r")
        await chat.sees("fine now", "2/2")


@pytest.mark.parametrize(
    ("kind", "provider", "then"),
    [
        ("auth", "openai", "/key stores a key here, then Ctrl+R sends it again."),
        ("auth", "endpoint", "Do this. Ctrl+R sends it again."),
        ("context_length", "openai", "F2 chooses another model, then Ctrl+R sends it again."),
    ],
)
async def test_a_failure_says_what_mends_it_here(kind: ErrorKind, provider: str, then: str) -> None:
    wrong = ProviderError(Error(kind, "It failed.", "Do this.", None, provider))
    async with chatting(Scripted({MODEL: [[wrong]]})) as chat:
        await chat.send("hello")
        await chat.sees("It failed.", then)


async def test_a_slash_command_sets_the_mode_and_with_text_only_for_that_prompt() -> None:
    models = Scripted({MODEL: [says("done")]})
    async with chatting(models) as chat:
        await chat.send("/thinking why is that?")
        await chat.sees("◇ Thinking", "done")
        assert chat.screen.session.mode == "instant"
        await chat.send("/thinking ")
        await chat.until(lambda: chat.screen.session.mode == "thinking")


async def test_an_unknown_command_stays_in_the_composer_and_a_path_is_a_prompt() -> None:
    models = Scripted({MODEL: [says("a file")]})
    async with chatting(models) as chat:
        await chat.send("/frobnicate now")
        await chat.sees("There is no command /frobnicate")
        assert chat.screen.composer.text == "/frobnicate now"
        await chat.send("/etc/hosts is what?")
        await chat.sees("a file")


async def test_a_disk_that_takes_nothing_more_is_a_notice_and_the_chat_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    models = Scripted({MODEL: [says("one"), says("two")]})
    async with chatting(models) as chat:
        await chat.send("first")
        await chat.idle()
        monkeypatch.setattr(chat.screen.engine.store, "add_message", full)
        await chat.send("second")
        await chat.sees("The disk is full.", "goes on in memory", "two", "one", "private")


async def test_a_path_that_cannot_be_read_is_a_notice_and_the_next_prompt_is_answered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        await chat.send("first")
        line = await chat.models.line()
        await chat.send("second")
        await chat.sees("1 queued")
        await chat.type("half a thought")
        reads = chat.screen.engine.store.path
        monkeypatch.setattr(chat.screen.engine.store, "path", full)
        await line.end()
        second = await chat.models.line()
        await second.say("still answered")
        await chat.sees("The disk is full.", "still answered")
        assert chat.screen.composer.text == "half a thought"
        await second.end()
        await chat.idle()
        monkeypatch.setattr(chat.screen.engine.store, "path", reads)
        await chat.send("third")
        third = await chat.models.line()
        # What could not be read again was stored, and is what the next prompt follows.
        assert [message.text for message in third.call.messages] == ["first\n\nsecond", "still answered", "third"]
        await third.end()
        await chat.sees("second", "still answered", "third")


async def test_a_waiting_prompt_of_another_conversation_comes_back_when_the_store_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with chatting(flags={"store": {"titles": False}}) as chat:
        await chat.send("first")
        line = await chat.models.line()
        await chat.send("second")
        await chat.sees("1 queued")
        await chat.pilot.press("ctrl+n")
        await chat.sees("1 more under way")
        monkeypatch.setattr(chat.screen.engine.store, "conversation", full)
        await line.end()
        await chat.sees("The disk is full.")
        await chat.until(lambda: chat.screen.composer.text == "second")
        assert chat.screen.session.conversation is None


async def test_continuing_with_a_store_that_fails_is_a_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Store, "latest", full)
    models = Scripted({MODEL: [says("still here")]})
    async with chatting(models, resume=True) as chat:
        await chat.sees("The disk is full.")
        await chat.send("hello?")
        await chat.sees("still here")


async def test_an_unreadable_database_is_a_notice_and_one_can_chat(home: Path) -> None:
    (home / "data").mkdir(parents=True)
    (home / "data" / "chatmodes.db").write_bytes(b"this is no database" * 500)
    models = Scripted({MODEL: [says("still here")]})
    async with chatting(models) as chat:
        await chat.sees("This chat stays in memory")
        await chat.send("hello?")
        await chat.sees("still here")


async def test_events_of_another_run_are_dropped() -> None:
    async with chatting() as chat:
        await chat.send("hello")
        line = await chat.models.line()
        await line.say("mine")
        await chat.sees("mine")
        live = chat.screen.session.running[0]
        shown = live.view.answer_text
        live.run.id = "another"
        await line.say(" not mine")
        await chat.pilot.pause(0.3)
        assert live.view.answer_text == shown
        live.stop("done")


async def test_quitting_keeps_the_prompts_that_wait() -> None:
    async with chatting() as chat:
        await chat.send("a long one")
        await chat.models.line()
        await chat.send("and then this")
        await chat.sees("1 queued")
        await chat.pilot.press("ctrl+q")
    async with chatting(resume=True) as chat:
        await chat.until(lambda: chat.screen.composer.text == "and then this")


async def test_a_draft_that_cannot_be_kept_is_said_after_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with chatting() as chat:
        await chat.type("not yet [bold]sent")
        monkeypatch.setattr(chat.screen.engine.store, "save_draft", full)
        await chat.pilot.press("ctrl+q")
    said = capsys.readouterr().err
    assert "The disk is full. Free some space." in said
    assert "not yet [bold]sent" in said


async def test_quitting_stores_what_is_under_way(home: Path) -> None:
    async with chatting() as chat:
        await chat.send("a long one")
        line = await chat.models.line()
        await line.say("half an ans")
        await chat.sees("half an ans")
        await chat.type("not yet sent")
        await chat.pilot.press("ctrl+q")
    models = Scripted()
    async with chatting(models, resume=True) as chat:
        await chat.sees("a long one", "half an ans")
        await chat.until(lambda: chat.screen.composer.text == "not yet sent")
        events = partial(chat.screen.engine.store.message, chat.screen.session.path[-1].id)
        stored = events()
        assert stored is not None
        assert stored.state == "cancelled"


async def test_auto_says_why_and_one_key_answers_again_in_the_next_mode() -> None:
    models = Scripted({MODEL: [says("Four."), says("Four, I think."), says("Four, we think.")]})
    flags = {"mode": "auto", "contemplating": {"agents": 1}, "store": {"titles": False}}
    async with chatting(models, flags=flags) as chat:
        await chat.send("hi")
        await chat.sees("Four.", "Instant · openai/gpt-5 · auto, since the prompt is short")
        await chat.idle()
        await chat.pilot.press("alt+r")
        await chat.sees("Four, I think.", "Thinking · openai/gpt-5 · 2/2")
        await chat.idle()
        await chat.pilot.press("alt+r")
        await chat.sees("Four, we think.", "Contemplating · openai/gpt-5 · 3/3")
    async with chatting(models, resume=True) as chat:
        await chat.sees("Contemplating · openai/gpt-5 · 3/3")
        await chat.pilot.press("alt+left", "alt+left")  # a second press steps from where the first arrives
        await chat.sees("Instant · openai/gpt-5 · 1/3")


async def test_auto_says_why_while_it_reasons() -> None:
    flags = {"mode": "auto", "store": {"titles": False}}
    async with chatting(flags=flags, size=(140, 40)) as chat:
        await chat.send("What is 347 * 29?")
        line = await chat.models.line()
        await line.reason("347 times 30 is 10410.")
        await chat.sees("Thinking…", "· auto, since")
        await line.say("10063")
        await chat.sees("Thought for", "Thinking · openai/gpt-5 · auto, since")
        assert chat.text().count("auto, since") == 1
        await line.end()
        await chat.idle()
        await chat.send("Prove that the square root of 2 is irrational.")
        await chat.sees("5 agents", "drafting · auto, since")


async def test_page_up_in_the_composer_scrolls_the_transcript() -> None:
    models = Scripted({MODEL: [says("\n\n".join(f"line {number}" for number in range(80)))]})
    async with chatting(models) as chat:
        await chat.send("many?")
        await chat.sees("line 79")
        await chat.idle()
        await chat.type("half a thought")
        await chat.pilot.press("pageup")
        await chat.gone("line 79")
        await chat.pilot.press("pagedown")
        await chat.sees("line 79")
        assert chat.screen.composer.text == "half a thought"
