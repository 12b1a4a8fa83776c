"""Hostile model output is inert: whatever comes, rows of the right width with nothing in them that a terminal obeys."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.strip import Strip

from chatmodes.sanitize import clean
from chatmodes.tui.markdown.sections import CAP
from chatmodes.tui.transcript import Block, answer, prompt, reasoning
from chatmodes.tui.transcript.document import Document, Place
from chatmodes.tui.transcript.drawing import GUTTER, RIGHT, Overlay, strip_of
from tests.tui.hostile import CORPUS
from tests.tui.transcript.transcript_app import TranscriptApp, put_at_top

FORBIDDEN = {"Cc", "Cs", "Zl", "Zp"}
INVISIBLE = {"\u200c", "\u200d"}
"""Format characters that Persian and emoji need."""
ROWS = 40


def strips(document: Document, start: int) -> list[Strip]:
    """A window's rows as the widget draws them."""
    out: list[Strip] = []
    start = document.settle(start, ROWS, follow=False)
    for row in range(start, start + ROWS):
        place = document.locate(row)
        if place is None:
            break
        tone = document.entries[place.entry].block.tone
        width = document.width + GUTTER + RIGHT
        out.append(strip_of(document.line(place), tone, place.row == 0, width, document, row, Overlay()))
    return out


def windows(document: Document) -> list[Strip]:
    """Rows from the start, the middle and the end."""
    out = strips(document, 0)
    out += strips(document, document.height // 2)
    return out + strips(document, document.settle(0, ROWS, follow=True))


def assert_inert(strip: Strip, width: int) -> None:
    text = strip.text
    bad = {
        c
        for c in text
        if unicodedata.category(c) in FORBIDDEN or (unicodedata.category(c) == "Cf" and c not in INVISIBLE)
    }
    assert not bad, [hex(ord(c)) for c in bad]
    assert strip.cell_length == width
    assert sum(segment.cell_length for segment in strip) == width
    assert len(text) < 3 * CAP
    for segment in strip:
        assert segment.control is None
        style = segment.style
        assert style is not None
        assert style.link is None
        assert set(style.meta) <= {"offset"}


def check(document: Document) -> None:
    for strip in windows(document):
        assert_inert(strip, document.width + GUTTER + RIGHT)


@pytest.mark.parametrize("width", [12, 130])
@pytest.mark.parametrize("name", CORPUS)
def test_the_corpus_is_inert_at_every_width(name: str, width: int):
    document = Document(width)
    document.append(answer("a", CORPUS[name], head=CORPUS[name][:500]))
    document.append(prompt("u", CORPUS[name]))
    check(document)


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_stream_is_inert_while_it_runs_and_ends_as_if_loaded(name: str):
    text = CORPUS[name]
    streamed = Document(70)
    streamed.append(answer("a", live=True))
    step = max(1, len(text) // 7)
    for start in range(0, len(text), step):
        streamed.feed("a", text[start : start + step])
        for strip in strips(streamed, streamed.settle(0, ROWS, follow=True)):
            assert_inert(strip, 70 + GUTTER + RIGHT)
    streamed.finish("a")
    assert streamed.entry("a").source == clean(text)
    loaded = Document(70)
    loaded.append(answer("a", text))
    assert [strip.text for strip in strips(streamed, 0)] == [strip.text for strip in strips(loaded, 0)]


@given(
    st.lists(
        st.sampled_from([*(text[:40] for text in CORPUS.values()), "\n", "\n\n", "  ", "|", "```", "> ", "- "]),
        max_size=30,
    ),
    st.integers(10, 90),
)
@settings(max_examples=60, deadline=None)
def test_any_mixture_of_it_is_inert(pieces: list[str], width: int):
    text = "".join(pieces)
    document = Document(width)
    document.append(answer("a", text))
    document.append(reasoning("r", text, folded=False))
    check(document)


@pytest.mark.parametrize(
    "text", ["```日本\ncode\n```", "````a\u200d\u200db\ncode\n````", "漢字 [漢字](https://例え.jp) 漢字"]
)
def test_wide_and_joined_characters_end_before_the_width_without_harm(text: str):
    for width in (10, 80):
        document = Document(width)
        document.append(answer("a", text))
        check(document)


def test_no_block_takes_more_rows_than_its_text_accounts_for():
    for name, text in CORPUS.items():
        document = Document(70)
        document.append(answer("a", text))
        lines = text.count("\n") + len(text) // 35 + 20
        document.settle(0, ROWS, follow=False)
        entry = document.entries[0]
        shown = sum(len(document.lines(0, unit)) for unit in range(min(4, len(entry.units or ()))))
        assert shown <= 3 * lines, name
        assert document.row(Place(0, 0, 0)) <= 1


async def test_the_whole_corpus_in_the_widget_crashes_nothing_and_stays_sane():
    blocks: list[Block] = [answer(name, text, head=text[:200]) for name, text in CORPUS.items()]
    app = TranscriptApp(blocks)
    async with app.run_test(size=(80, 30), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        for name in CORPUS:
            put_at_top(app, name)
            await pilot.pause(0)
            for y in range(app.transcript.size.height):
                assert_inert(app.transcript.render_line(y), app.transcript.scrollable_content_region.width)
        await pilot.resize_terminal(40, 12)
        app.transcript.find("evil")
        app.transcript.action_cursor_previous()
        await pilot.pause()
        assert app.is_running
