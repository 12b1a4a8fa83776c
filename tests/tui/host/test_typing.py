"""The keyboard as people know it: every character arrives, Escape is never Alt, Ctrl+C stops, empties, then tells."""

import time

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key
from textual.widgets import Input

from chatmodes.tui.host.pasting import ALONE, PastingParser
from chatmodes.tui.host.typing import as_typed
from tests.tui.chatting import Chatting, chatting

WIDE = "\u3000"
CHARACTERS = [WIDE, "\u200c", "\u200d", "\u00a0", "\u2009", "\u202f", "\u205f", "\ue000", "\U0001fae9"]


@pytest.mark.parametrize("character", CHARACTERS)
def test_what_python_calls_unprintable_is_text(character: str) -> None:
    assert as_typed(Key("some", character)).is_printable


@pytest.mark.parametrize("character", ["\x1b", "\x07", "\x7f", "\x9b", "\u202e", "\u200b"])
def test_controls_and_invisible_fillers_are_none(character: str) -> None:
    assert not as_typed(Key("some", character)).is_printable


async def test_every_character_arrives_in_the_composer_and_in_a_search() -> None:
    async with chatting() as chat:
        _typed(chat, *CHARACTERS)
        await chat.until(lambda: chat.screen.composer.text == "".join(CHARACTERS), "the composer's text")
        await chat.pilot.press("ctrl+f")
        field = chat.screen.find_bar.query_one(Input)
        await chat.until(lambda: field.has_focus, "the search")
        _typed(chat, "a", WIDE, "b")
        await chat.until(lambda: field.value == f"a{WIDE}b", "the search's text")


def _typed(chat: Chatting, *characters: str) -> None:
    """As the terminal's parser gives them; the pilot's keys lose their characters."""
    for character in characters:
        chat.app.post_message(Key(f"key_{ord(character)}", character))


def _keys(parser: PastingParser, *reads: str) -> list[str]:
    return [event.key for read in reads for event in parser.feed(read) if isinstance(event, Key)]


@pytest.mark.parametrize("letter", ["s", "d", "K", "1", "é"])
def test_escape_and_a_letter_behind_it_are_two_keys(letter: str) -> None:
    keys = _keys(PastingParser(XTermParser()), "\x1b", letter)
    assert keys[0] == "escape"
    assert not any("alt" in key for key in keys)
    assert len(keys) == 2


def test_alt_and_a_letter_come_in_one_piece() -> None:
    assert _keys(PastingParser(XTermParser()), "\x1bs", "") == ["alt+s"]


def test_a_sequence_that_two_reads_tore_apart_is_one_key() -> None:
    assert _keys(PastingParser(XTermParser()), "\x1b", "[A", "\x1b", "\x1b[B") == ["up", "escape", "down"]


def test_an_escape_that_nothing_follows_is_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    parser = PastingParser(XTermParser())
    assert _keys(parser, "\x1b") == []
    assert list(parser.tick()) == []
    later = time.monotonic() + ALONE
    monkeypatch.setattr("chatmodes.tui.host.pasting.time.monotonic", lambda: later)
    assert [event.key for event in parser.tick() if isinstance(event, Key)] == ["escape"]
    assert _keys(parser, "x") == ["x"]


async def test_ctrl_c_stops_then_empties_then_tells_how_to_leave() -> None:
    async with chatting() as chat:
        await chat.send("a question")
        line = await chat.models.line()
        await line.say("so far")
        await chat.sees("so far")
        await chat.type("the next")
        await chat.pilot.press("ctrl+c")
        await chat.idle()
        assert chat.screen.composer.text == "the next"
        await chat.pilot.press("ctrl+c")
        await chat.until(lambda: chat.screen.composer.text == "", "an empty composer")
        await chat.sees("Ctrl+Q quits")
        await chat.pilot.press("ctrl+z")
        await chat.until(lambda: chat.screen.composer.text == "the next", "the text again")


async def test_the_help_opens_where_one_is_and_names_the_history() -> None:
    async with chatting(size=(100, 24)) as chat:
        await chat.pilot.press("f1")
        await chat.sees("Commands")
        await chat.pilot.press("escape")
        chat.screen.sidebar.query_one("#conversations").focus()
        await chat.pilot.press("f1")
        await chat.sees("In the list")
        assert not any("/instant" in line for line in chat.lines())
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.screen.is_active, "the chat")
    from chatmodes.tui.dialogs.help import sections

    rows = [row for _, part in sections([]) for row in part]
    assert any(keys == "↑" and "prompt sent before" in about for keys, about in rows)


@pytest.mark.parametrize("more", [True, False])
def test_an_escape_waits_for_what_goes_on_with_it_and_not_for_the_next_tick(
    more: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatmodes.tui.host.pasting.ALONE", 60.0)
    waited: list[float] = []

    def more_within(seconds: float) -> bool:
        waited.append(seconds)
        return more

    parser = PastingParser(XTermParser(), more_within)
    assert _keys(parser, "\x1b") == []
    assert [event.key for event in parser.tick() if isinstance(event, Key)] == ([] if more else ["escape"])
    assert 0 < waited[0] <= 60.0
    assert _keys(parser, "[A") == (["up"] if more else ["left_square_bracket", "A"])
