"""Writing a prompt: what keys, pastes and drafts do, as the one who types sees it."""

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.composer.editor import Editor
from tests.tui.harness import Bench, bench, until

LOG = "\n".join(f"line {number}" for number in range(214))


def sent(app: Bench) -> list[str]:
    return [message.text for message in app.of(Composer.Submitted)]


def burst(editor: Editor, keys: str) -> None:
    """Keys that arrive in one read, as a program or a terminal without bracketed paste sends them."""
    names = {"\r": "enter", "\n": "ctrl+j", "\t": "tab", " ": "space"}
    post(editor, [events.Key(names.get(key, key), key) for key in keys])


def post(editor: Editor, keys: list[events.Key]) -> None:
    """Keys that are all there before the first is handled, as after a lag: by the way of all keys, through the app."""
    for key in keys:
        editor.app.post_message(key)


def typed(text: str, *, apart: float = 0.0) -> list[events.Key]:
    """The keys of a text, which may have been typed so many seconds apart. `⌫` and `←` are the keys of that sign."""
    names = {"\r": "enter", "\n": "ctrl+j", "\t": "tab", " ": "space", "⌫": "backspace", "←": "left", "⎌": "ctrl+z"}
    keys = [events.Key(names.get(key, key), None if key in "⌫←⎌" else key) for key in text]
    for number, key in enumerate(keys):
        key.time += number * apart
    return keys


async def paste(pilot: Pilot[None], composer: Composer, text: str) -> None:
    composer.editor.post_message(events.Paste(text))
    await pilot.pause()


class TestSending:
    async def test_enter_sends_what_was_typed_and_empties_the_composer(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press(*"hello", "enter")
            await until(lambda: sent(app) == ["hello"])
            assert composer.text == ""

    @pytest.mark.parametrize("key", ["shift+enter", "ctrl+j", "alt+enter"])
    async def test_other_enters_make_a_new_line(self, key: str) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press("a", key, "b")
            assert composer.text == "a\nb"
            assert sent(app) == []

    async def test_nothing_but_blanks_is_not_sent(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press("space", "enter")
            await pilot.pause(0.1)
            assert sent(app) == []
            assert composer.text == " "

    async def test_undo_brings_back_what_was_sent(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press(*"hello", "enter")
            await until(lambda: sent(app) == ["hello"])
            await pilot.press("ctrl+z")
            assert composer.text == "hello"

    async def test_enter_can_be_rebound_to_a_new_line(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            app.set_keymap({"composer.newline": "enter", "composer.send": "ctrl+s"})
            await pilot.press("a", "enter", "b")
            await until(lambda: composer.text == "a\nb")
            await pilot.press("ctrl+s")
            await until(lambda: sent(app) == ["a\nb"])


class TestKeysThatComeTooFast:
    async def test_a_program_that_types_a_line_and_enter_has_it_sent(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, _pilot):
            burst(composer.editor, "hello\r")
            await until(lambda: sent(app) == ["hello"])

    async def test_a_paste_without_brackets_sends_nothing(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, _pilot):
            burst(composer.editor, "one\rtwo\r\tthree\r")
            await until(lambda: composer.text == "one\ntwo\n\tthree\n")
            assert sent(app) == []

    async def test_a_large_one_becomes_a_chip(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            burst(composer.editor, LOG.replace("\n", "\r"))
            await until(lambda: composer.text == LOG)
            await pilot.pause()
            assert any(line.lstrip("▌ ").startswith("[pasted 214 lines]") for line in app.lines())

    async def test_mouse_reports_without_numbers_are_dropped(self) -> None:
        composer = Composer()
        async with bench(composer) as (_app, pilot):
            burst(composer.editor, "^[<35;NaN;NaNMab^[<NaN;NaN;NaNmc")
            await until(lambda: composer.text == "abc")
            await pilot.press("d")
            assert composer.text == "abcd"


class TestKeysInOneRead:
    """What lag over SSH does: an editing key and the letters behind it arrive together."""

    @pytest.mark.parametrize(
        ("keys", "text"),
        [
            ("word⌫XYZ", "worXYZ"),
            ("word⌫⌫⌫XYZ", "wXYZ"),
            ("word←XYZ", "worXYZd"),
            ("word\nXYZ", "word\nXYZ"),
            ("word←\nXYZ", "wor\nXYZd"),
            ("w⌫X\rY\rZ", "X\nY\nZ"),
        ],
    )
    @pytest.mark.parametrize("first", [True, False])
    async def test_every_key_acts_on_what_was_typed_before_it(self, keys: str, text: str, first: bool) -> None:
        composer = Composer()
        async with bench(composer) as (_app, pilot):
            if first:  # the word was there before, and only the rest comes at once
                word = keys[: keys.index(next(key for key in keys if not key.isalpha()))]
                await pilot.press(*word)
                await pilot.pause(0.05)
                keys = keys.removeprefix(word)
            post(composer.editor, typed(keys))
            await until(lambda: composer.text == text, f"{composer.text!r} to become {text!r}")

    async def test_enter_sends_what_was_typed_before_it_and_leaves_the_rest(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, _pilot):
            post(composer.editor, typed("one\r←two"))
            await until(lambda: sent(app) == ["one"] and composer.text == "two")

    async def test_undo_right_behind_enter_brings_back_what_was_sent(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, _pilot):
            post(composer.editor, typed("one\r⎌!"))
            await until(lambda: sent(app) == ["one"] and composer.text == "one!")

    async def test_text_typed_behind_enter_while_the_screen_was_busy_is_the_next_prompts(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, _pilot):
            post(composer.editor, typed("one\rtwo\r", apart=0.2))
            await until(lambda: sent(app) == ["one", "two"] and composer.text == "")

    async def test_a_rebound_key_acts_in_its_turn_too(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, _pilot):
            app.set_keymap({"composer.newline": "enter", "composer.send": "ctrl+s"})
            post(composer.editor, [*typed("one\rtwo"), events.Key("ctrl+s", None), *typed("three")])
            await until(lambda: sent(app) == ["one\ntwo"] and composer.text == "three")

    async def test_enter_completes_what_it_would_have_completed_with_time_to_look(self) -> None:
        composer = Composer(commands=[("new", "A new conversation"), ("model", "Choose the model")])
        async with bench(composer) as (app, _pilot):
            post(composer.editor, typed("/nx⌫\r"))
            await until(lambda: composer.text == "/new ")
            assert sent(app) == []


class TestPastes:
    async def test_a_large_paste_is_a_chip_on_screen_and_whole_when_sent(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press(*"see ")
            await paste(pilot, composer, LOG.replace("\n", "\r\n"))
            await pilot.press("!")
            assert "see [pasted 214 lines]!" in app.lines()[-2]
            assert composer.size.height == 2
            await pilot.press("enter")
            await until(lambda: sent(app) == [f"see {LOG}!"])

    @pytest.mark.parametrize(("text", "label"), [(f"{LOG}\n", "[pasted 214 lines]"), ("a\n" * 10, "")])
    async def test_lines_are_counted_as_an_editor_shows_them(self, text: str, label: str) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await paste(pilot, composer, text)
            await pilot.pause()
            assert label in "\n".join(app.lines())
            assert ("[pasted" in "\n".join(app.lines())) == bool(label)
            assert composer.text == text

    async def test_a_small_paste_is_text(self) -> None:
        composer = Composer()
        async with bench(composer) as (_app, pilot):
            await paste(pilot, composer, "a\r\nb")
            assert composer.editor.text == composer.text == "a\nb"

    async def test_a_chip_is_crossed_and_deleted_as_one_thing_and_comes_back_by_undo(self) -> None:
        composer = Composer()
        async with bench(composer) as (_app, pilot):
            await pilot.press("a")
            await paste(pilot, composer, LOG)
            await pilot.press("left", "x")
            assert composer.text == f"ax{LOG}"
            await pilot.press("right", "y")
            assert composer.text == f"ax{LOG}y"
            await pilot.press("backspace", "backspace")
            assert composer.text == "ax"
            await pilot.press("ctrl+z")
            assert composer.text.startswith(f"ax{LOG}")

    async def test_a_chip_can_be_unfolded_to_be_edited(self) -> None:
        composer = Composer()
        async with bench(composer) as (_app, pilot):
            await paste(pilot, composer, LOG)
            await pilot.press("ctrl+o")
            assert composer.editor.document.line_count == 214
            assert composer.text == LOG
            await pilot.press("ctrl+z")
            assert composer.editor.document.line_count == 1
            assert composer.text == LOG

    async def test_two_pastes_keep_apart(self) -> None:
        composer = Composer()
        other = "x" * 3_000
        async with bench(composer) as (app, pilot):
            await paste(pilot, composer, LOG)
            await paste(pilot, composer, other)
            assert composer.text == LOG + other
            assert "[pasted 3,000 characters]" in app.lines()[-2]

    async def test_escape_sequences_do_not_reach_the_screen(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await paste(pilot, composer, "\x1b]52;c;aGk=\x07a\u202eb\x9bc")
            assert composer.text == "]52;c;aGk=abc"
            assert "\x1b" not in "".join(app.lines())


class TestSize:
    async def test_it_grows_with_its_text_to_two_fifths_of_the_screen(self) -> None:
        composer = Composer()
        async with bench(composer, size=(60, 20)) as (_app, pilot):
            assert composer.size.height == 2
            await pilot.press("a", "ctrl+j", "b")
            await pilot.pause()
            assert composer.size.height == 3
            composer.load("\n".join("x" * 30))
            await pilot.pause()
            await pilot.pause()
            assert composer.size.height == 9

    @pytest.mark.parametrize("size", [(20, 5), (60, 20), (300, 90)])
    async def test_mode_and_model_are_in_sight(self, size: tuple[int, int]) -> None:
        composer = Composer()
        async with bench(composer, size=size) as (app, pilot):
            composer.mode, composer.model = "thinking", "openai/gpt-5"
            await pilot.press(*"hi")
            badge = app.lines()[-1]
            assert "thinking" in badge
            assert "gpt-5" in badge
            assert "hi" in app.lines()[-2]

    async def test_what_waits_and_what_is_private_is_said(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            composer.queue_count, composer.private = 2, True
            await pilot.pause()
            assert "2 queued" in app.lines()[-1]
            assert "private" in app.lines()[-1]

    async def test_wide_characters_wrap_inside_the_line(self) -> None:
        composer = Composer()
        async with bench(composer, size=(20, 12)) as (app, pilot):
            composer.load("数" * 20)
            await pilot.pause()
            assert sum(line.count("数") for line in app.lines()) == 20


class TestDrafts:
    async def test_a_draft_comes_back_with_its_paste_folded(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press(*"a ")
            await paste(pilot, composer, LOG)
            await pilot.press("b")
            draft = composer.draft
            composer.load("")
            assert composer.text == ""
            composer.load(draft)
            await pilot.pause()
            assert composer.text == f"a {LOG}b"
            assert "a [pasted 214 lines]b" in app.lines()[-2]

    async def test_every_change_is_told(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            before = len(app.of(Composer.Changed))
            await pilot.press("a")
            await until(lambda: len(app.of(Composer.Changed)) > before)

    async def test_a_quotation_stands_on_lines_of_its_own(self) -> None:
        composer = Composer()
        async with bench(composer) as (_app, pilot):
            await pilot.press("a")
            composer.quote("one\n\ntwo")
            assert composer.text == "a\n> one\n>\n> two\n\n"

    async def test_a_long_quotation_says_that_it_is_one(self) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press("a")
            composer.quote("\n".join(f"line {number}" for number in range(20)))
            await pilot.press("b")
            await until(lambda: "[quoted 20 lines]" in "\n".join(app.lines()))
            assert composer.text.startswith("a\n> line 0\n> line 1\n")
            assert composer.text.endswith("> line 19\n\nb")


class TestEarlierPrompts:
    async def test_up_and_down_step_through_them_and_back_to_the_draft(self) -> None:
        composer = Composer(history=["first", "second", "second"])
        async with bench(composer) as (_app, pilot):
            await pilot.press("up")
            assert composer.text == "second"
            await pilot.press("up")
            assert composer.text == "first"
            await pilot.press("up")
            assert composer.text == "first"
            await pilot.press("down", "down")
            assert composer.text == ""

    async def test_what_is_typed_narrows_them(self) -> None:
        composer = Composer(history=["what is it", "why", "who"])
        async with bench(composer) as (_app, pilot):
            await pilot.press(*"wh", "up")
            assert composer.text == "who"
            await pilot.press("up", "up")
            assert composer.text == "what is it"
            await pilot.press("down", "down", "down")
            assert composer.text == "wh"

    async def test_arrows_move_in_a_text_of_several_lines_first(self) -> None:
        composer = Composer(history=["earlier"])
        async with bench(composer) as (_app, pilot):
            await pilot.press("a", "ctrl+j", "b", "up")
            assert composer.text == "a\nb"
            await pilot.press("x")
            assert composer.text == "ax\nb"


class TestEditor:
    @pytest.fixture
    def editor(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        script = tmp_path / "editor"
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setenv("EDITOR", str(script))
        return script

    async def test_without_a_terminal_to_give_it_says_so_and_keeps_the_text(self, editor: Path) -> None:
        composer = Composer()
        async with bench(composer) as (app, pilot):
            await pilot.press(*"text", "ctrl+g")
            await until(lambda: bool(app.of(Composer.Notice)))
            assert "cannot be opened here" in app.of(Composer.Notice)[0].text
            assert composer.text == "text"
