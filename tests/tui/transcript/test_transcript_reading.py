"""What a reader does in the transcript: select and copy, follow links, copy code, search, move a cursor."""

import pytest

from chatmodes.tui.transcript import Transcript, answer, prompt, reasoning
from tests.tui.transcript.transcript_app import TranscriptApp, rows, shown

CODE = 'def f():\n    return "[b]"\n'


async def drag(app: TranscriptApp, start: tuple[int, int], end: tuple[int, int]) -> str | None:
    """Select with the mouse from a cell to another; returns what a copy would take."""
    async with app.run_test(size=(60, 30)) as pilot:
        await pilot.pause()
        await pilot.mouse_down(Transcript, offset=start)
        await pilot.hover(Transcript, offset=end)
        await pilot.mouse_up(Transcript, offset=end)
        await pilot.pause()
        return app.screen.get_selected_text()


async def test_a_selection_spans_messages_and_leaves_the_decoration_out():
    app = TranscriptApp([prompt("u", "Why is that?"), answer("a", "Because of **this**:\n\n- one\n- two\n")])
    assert await drag(app, (7, 1), (30, 6)) == "is that?\n\nBecause of this:\n\n- one\n- two"


async def test_a_block_that_is_selected_whole_is_copied_as_it_was_written():
    app = TranscriptApp([answer("a", "first"), answer("b", "a **bold** word"), answer("c", "last")])
    assert await drag(app, (3, 1), (6, 5)) == "first\n\na **bold** word\n\nlast"


async def test_a_wrapped_line_is_copied_as_one():
    text = "words that go on until the line has to wrap somewhere, and then some more of them follow here"
    assert await drag(TranscriptApp([answer("a", text)]), (3, 1), (59, 2)) == text


async def test_code_and_tables_are_copied_without_their_frames():
    app = TranscriptApp([answer("a", f"```python\n{CODE}```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")])
    assert await drag(app, (0, 1), (59, 8)) == f"{CODE}\na\tb\n1\t2"


async def test_the_rule_under_a_heading_is_not_copied():
    app = TranscriptApp([answer("a", "# Heading with `code`\n\nA paragraph.\n\n# Another\n\n```\ncode\n```\n")])
    assert await drag(app, (3, 1), (14, 4)) == "Heading with code\n\nA paragraph."
    app = TranscriptApp([answer("a", "# Heading with `code`\n\nA paragraph.\n\n# Another\n\n```\ncode\n```\n")])
    assert await drag(app, (3, 4), (40, 10)) == "A paragraph.\n\nAnother\n\ncode"


async def test_a_click_on_a_link_says_where_it_goes_and_opens_nothing():
    app = TranscriptApp([answer("a", "See [the page](https://example.com/a?b=c) or ![pic](http://x.test/y.png).")])
    async with app.run_test(size=(110, 20)) as pilot:
        await pilot.pause()
        assert "the page (https://example.com/a?b=c)" in shown(app)
        await pilot.hover(Transcript, offset=(8, 1))
        await pilot.click(Transcript, offset=(8, 1))
        await pilot.click(Transcript, offset=(rows(app)[1].index("pic"), 1))
        await pilot.pause()
        clicked = [message.url for message in app.posted if isinstance(message, Transcript.LinkClicked)]
        assert clicked == ["https://example.com/a?b=c", "http://x.test/y.png"]
        hovered = [message.url for message in app.posted if isinstance(message, Transcript.LinkHovered)]
        assert hovered[0] == "https://example.com/a?b=c"


async def test_a_selection_that_ends_on_a_link_does_not_follow_it():
    app = TranscriptApp([answer("a", "Read [the page](https://example.com) first")])
    assert await drag(app, (3, 1), (9, 1)) == "Read th"
    assert not [message for message in app.posted if isinstance(message, Transcript.LinkClicked)]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark", "nord"])
@pytest.mark.parametrize("no_color", [False, True])
async def test_selected_text_is_marked_and_can_be_read(theme: str, no_color: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", "1")
    app = TranscriptApp([answer("a", "some text")], theme)
    async with app.run_test(size=(60, 30)) as pilot:
        await pilot.pause()
        await pilot.mouse_down(Transcript, offset=(3, 1))
        await pilot.hover(Transcript, offset=(6, 1))
        await pilot.pause()
        style = {segment.text: segment.style for segment in app.transcript.render_line(1)}
        some, text = style["some"], style[" text"]
        assert some is not None
        assert text is not None
        assert (some.bgcolor, some.reverse) != (text.bgcolor, text.reverse)
        assert some.reverse or some.color != some.bgcolor


@pytest.mark.parametrize("scheme", ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"])
async def test_a_link_to_something_that_runs_is_only_text(scheme: str):
    app = TranscriptApp([answer("a", f"[click]({scheme})")])
    async with app.run_test() as pilot:
        await pilot.pause()
        await pilot.click(Transcript, offset=(5, 1))
        await pilot.pause()
        assert not [message for message in app.posted if isinstance(message, Transcript.LinkClicked)]


@pytest.mark.parametrize("lines", [2, 500])
async def test_the_copy_mark_gives_the_code_as_it_was_written(lines: int):
    code = "".join(f"line({number})\n" for number in range(lines))
    app = TranscriptApp([answer("a", f"text\n\n```python\n{code}```\n\nmore\n\n- item\n\n  ```\n  nested\n  ```\n")])
    async with app.run_test(size=(60, 40)) as pilot:
        await pilot.pause()
        app.transcript.scroll_home(animate=False)
        await pilot.pause()
        await pilot.click(Transcript, offset=(54, 3))
        app.transcript.scroll_end(animate=False)
        await pilot.pause()
        nested = next(y for y, row in enumerate(rows(app)) if row.endswith("copy") and y > 5)
        await pilot.click(Transcript, offset=(54, nested))
        await pilot.pause()
        copied = [message.text for message in app.posted if isinstance(message, Transcript.CopyRequested)]
        assert copied == [code.removesuffix("\n"), "nested"]


async def test_a_key_copies_the_newest_code_or_that_of_the_cursors_message():
    app = TranscriptApp(
        [answer("a", "```\none\n```\n\n```\ntwo\n```"), answer("b", "~~~\nthree\n~~~"), answer("c", "no code")]
    )
    async with app.run_test() as pilot:
        app.transcript.focus()
        await pilot.press("c")
        app.transcript.move_cursor("a")
        await pilot.press("c")
        app.transcript.move_cursor("c")
        await pilot.press("c")
        await pilot.pause()
        assert [m.text for m in app.posted if isinstance(m, Transcript.CopyRequested)] == ["three", "two"]


async def test_search_counts_visits_and_marks_all_matches():
    blocks = [answer(f"m{number}", f"text {number}\n\nthe **needle** here") for number in range(100)]
    app = TranscriptApp([*blocks, reasoning("r", "a hidden needle here")])
    async with app.run_test(size=(60, 20)) as pilot:
        await pilot.pause()
        assert app.transcript.find("Needle HERE") == 101
        app.transcript.find_next(-1)
        await pilot.pause()
        app.transcript.find_next()
        app.transcript.find_next()
        await pilot.pause()
        position = [message.current for message in app.posted if isinstance(message, Transcript.SearchChanged)]
        assert position[1:] == [position[0] - 1, position[0], position[0] + 1]
        for _ in range(101 - position[-1]):
            app.transcript.find_next()
        await pilot.pause()
        assert "a hidden needle here" in shown(app)
        marked = [
            segment.text
            for y in range(20)
            for segment in app.transcript.render_line(y)
            if segment.style is not None and segment.style.underline
        ]
        assert marked.count("needle here") + marked.count("needle") >= 3
        assert app.transcript.find("") == 0
        assert app.transcript.search is None


async def test_a_match_that_wraps_is_found_and_marked_on_both_lines():
    app = TranscriptApp([answer("a", "word " * 11 + "needle point " + "word " * 5)])
    async with app.run_test(size=(66, 10)) as pilot:
        await pilot.pause()
        assert rows(app)[1].endswith("needle")
        assert app.transcript.find("needle point") == 1
        styles = [app.transcript.render_line(y) for y in (1, 2)]
        marked = [s.text for strip in styles for s in strip if s.style is not None and s.style.underline]
        assert marked == ["needle", "point"]


async def test_the_cursor_goes_from_message_to_message_by_key():
    app = TranscriptApp([answer(f"m{number}", f"text {number}\n\n" * 5) for number in range(30)])
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.focus()
        await pilot.press("k", "k", "k")
        await pilot.pause()
        assert app.transcript.cursor == "m27"
        assert any(row.startswith("█") and "text 27" in row for row in rows(app))
        await pilot.press("j")
        assert app.transcript.cursor == "m28"
        await pilot.press("end")
        assert app.transcript.following


async def test_a_fold_opens_by_key_below_its_line():
    blocks = [answer(f"m{number}", "text") for number in range(30)]
    app = TranscriptApp([*blocks, reasoning("r", "thought\n\n" * 30, head="Thought"), answer("a", "the end")])
    async with app.run_test(size=(60, 20)) as pilot:
        app.transcript.focus()
        await pilot.press("k", "k", "enter")
        await pilot.pause()
        assert any("▾ Thought" in row for row in rows(app))
        assert "┆ thought" in shown(app)
        await pilot.press("enter")
        await pilot.pause()
        assert "▸ Thought" in shown(app)
        assert "the end" in shown(app)


async def test_a_fold_line_that_is_cut_says_so():
    app = TranscriptApp([reasoning("r", "deep", head="12 agents · 4 agree on 42 · 12.3 s · 780 tokens · cost unknown")])
    async with app.run_test(size=(44, 10)) as pilot:
        await pilot.pause()
        assert rows(app)[1].endswith("…")
        assert len(rows(app)[1]) > 36
