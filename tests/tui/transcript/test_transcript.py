"""The transcript as its users see it: what is on the screen after they read, scroll, fold and resize."""

import pytest

from chatmodes.tui.transcript import Block, Transcript, agents, answer, notice, prompt, reasoning
from tests.tui.transcript.transcript_app import TranscriptApp, put_at_top, rows, shown


def messages(count: int, lines: int = 3) -> list[Block]:
    return [
        answer(f"m{number}", "\n\n".join(f"message {number} line {line}" for line in range(lines)))
        for number in range(count)
    ]


async def test_markup_and_control_characters_are_text():
    app = TranscriptApp([prompt("u", "[bold]x[/bold] [@click=app.quit]y[/] \x1b]52;c;AAAA\x07 \u202eevil")])
    async with app.run_test(notifications=True, tooltips=True):
        assert "[bold]x[/bold] [@click=app.quit]y[/] ]52;c;AAAA evil" in shown(app)


async def test_a_stream_is_on_the_screen_before_it_ends_and_whole_after():
    app = TranscriptApp()
    async with app.run_test() as pilot:
        app.transcript.append(answer("a", live=True))
        for word in "Some **bold** words\n\n- one\n- tw".split(" "):
            app.transcript.stream("a", word + " ")
        app.transcript.flush()
        await pilot.pause()
        assert "Some bold words" in shown(app)
        assert "• tw" in shown(app)
        app.transcript.stream("a", "o")
        app.transcript.finish("a")
        assert app.transcript.text("a").endswith("- tw o")


async def test_the_end_is_followed_until_the_reader_scrolls_up():
    app = TranscriptApp(messages(50))
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "message 49 line 2" in shown(app)
        app.transcript.scroll_relative(y=-10, animate=False)
        await pilot.pause()
        before = rows(app)
        app.transcript.append(answer("new", "the newest"))
        app.transcript.append(answer("live", live=True))
        app.transcript.stream("live", "more\n\n" * 20)
        app.transcript.flush()
        await pilot.pause()
        assert rows(app) == before
        assert not app.transcript.following
        app.transcript.action_follow()
        await pilot.pause()
        assert "more" in rows(app)[-1]
        changes = [message.following for message in app.posted if isinstance(message, Transcript.FollowChanged)]
        assert changes == [False, True]


@pytest.mark.parametrize("keys", ["pageup", "up,up,up"])
async def test_scrolling_up_through_unmeasured_messages_skips_and_repeats_nothing(keys: str):
    text = "word " * 60
    app = TranscriptApp([answer(f"m{n}", f"first {n}\n\n{text}\n\nlast {n}") for n in range(12)])
    async with app.run_test(size=(40, 20)) as pilot:
        app.transcript.focus()
        await pilot.pause()
        seen: list[str] = []
        while True:
            visible = [row.strip() for row in rows(app) if "first" in row or "last" in row]
            seen = [row for row in visible if row not in seen] + seen
            if app.transcript.scroll_y == 0:
                break
            await pilot.press(*keys.split(","))
        assert seen == [f"{word} {number}" for number in range(12) for word in ("first", "last")]


async def test_a_resize_keeps_the_line_that_is_read_at_the_top():
    text = " ".join(f"w{number}" for number in range(3000))
    app = TranscriptApp([answer("a", text), answer("b", text)])
    async with app.run_test(size=(100, 20)) as pilot:
        await pilot.pause()
        app.transcript.scroll_to(y=60, animate=False)
        await pilot.pause()
        word = rows(app)[0].split()[0]
        for width in (50, 73, 100):
            await pilot.resize_terminal(width, 20)
            await pilot.pause()
            assert word in " ".join(rows(app)[:3]).split()


async def test_reasoning_is_folded_until_it_is_clicked():
    blocks = [reasoning("r", "hidden thoughts", head="Thought for 3 s"), answer("a", "The answer.")]
    app = TranscriptApp(blocks)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "▸ Thought for 3 s" in shown(app)
        assert "hidden" not in shown(app)
        await pilot.click(Transcript, offset=(6, rows(app).index("   ▸ Thought for 3 s")))
        await pilot.pause()
        assert "▾ Thought for 3 s" in shown(app)
        assert "hidden thoughts" in shown(app)


async def test_states_have_a_sign_beside_their_colour():
    app = TranscriptApp(
        [
            notice("e", "No key.", "error"),
            notice("w", "Waiting 3 s.", "warning"),
            notice("s", "Saved.", "success"),
            agents("g", "2 of 3 agree", "kept a1", folded=False),
        ]
    )
    async with app.run_test() as pilot:
        await pilot.pause()
        for sign in ("✗ No key.", "▲ Waiting 3 s.", "✓ Saved.", "▾ 2 of 3 agree", "kept a1"):
            assert sign in shown(app)


async def test_blocks_are_inserted_replaced_and_removed_around_the_reader():
    app = TranscriptApp(messages(40))
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        put_at_top(app, "m20")
        await pilot.pause()
        before = rows(app)
        assert "message 20 line 0" in before[1]
        app.transcript.insert(answer("x", "inserted\n\ntext"), before="m5")
        app.transcript.remove_block("m7")
        app.transcript.replace("m8", answer("m8", "another\n\ntext\n\nof\n\nother\n\nheight"))
        await pilot.pause()
        assert rows(app) == before
