"""The agents of a run on screen: what each does, how they agree, and getting at one of them."""

import pytest
from rich.cells import cell_len

from chatmodes import events as ev
from chatmodes.tui.agents.layout import arrange, wished_height
from chatmodes.tui.agents.panes import AgentPanes
from chatmodes.tui.agents.tail import BACKLOG, Tail
from tests.tui import runs
from tests.tui.harness import bench, until


class TestStates:
    async def test_every_state_has_a_word_beside_its_glyph(self) -> None:
        panes = AgentPanes()
        events = [
            *runs.started(7),
            ev.ReasoningDelta(run="r1", at=1.0, agent="a2", text="let me think"),
            runs.text("a3", "forty-two"),
            ev.AgentRetrying(
                run="r1", at=2.0, agent="a4", attempt=2, wait=5.0, cause=ev.Error("rate_limit", "Slow down.")
            ),
            runs.finished("a5", "42"),
            ev.AgentFailed(
                run="r1", at=2.0, agent="a6", error=ev.Error("auth", "The key was refused.", "Set another.")
            ),
            ev.AgentCancelled(run="r1", at=2.0, agent="a7", reason="the others agreed"),
        ]
        async with bench(panes, size=(160, 40)) as (app, pilot):
            panes.update(runs.view_of(events), now=4.0)
            await pilot.pause()
            screen = "\n".join(app.lines())
            for said in (
                "○ a1 waiting",
                "◐ a2 reasoning",
                "let me think",
                "● a3 writing",
                "forty-two",
                "↻ a4 again in 3.0 s",
                "Slow down.",
                "✓ a5 finished: 42",
                "✗ a6 failed",
                "The key was refused. Set another.",
                "■ a7 cancelled",
                "the others agreed",
            ):
                assert said in screen

    async def test_models_are_named_where_they_differ(self) -> None:
        panes = AgentPanes()
        async with bench(panes, size=(160, 40)) as (app, pilot):
            panes.update(runs.view_of(runs.started(2, models=("openai/gpt-5", "anthropic/opus"))))
            await pilot.pause()
            assert "a1 gpt-5" in "\n".join(app.lines())
            panes.update(runs.view_of(runs.started(2, run="r2")))
            await pilot.pause()
            assert "gpt-5" not in "\n".join(app.lines())

    async def test_hostile_text_is_inert(self) -> None:
        panes = AgentPanes()
        text = "\x1b]52;c;aGk=\x07[@click=app.quit]boom[/] \u202e[/foo]\x9b31m"
        async with bench(panes, size=(160, 40)) as (app, pilot):
            events = [*runs.started(2), runs.text("a1", text), runs.finished("a2", text)]
            panes.update(
                runs.view_of(
                    [*events, ev.Agreement(run="r1", at=3.0, clusters=(ev.Cluster(text, ("a2",)),), outstanding=1)]
                )
            )
            await pilot.pause()
            screen = "\n".join(app.lines())
            assert "[@click=app.quit]boom[/]" in screen
            assert not any(character in screen for character in "\x1b\x07\u202e\x9b")


class TestAgreement:
    async def test_the_line_changes_as_drafts_land(self) -> None:
        panes = AgentPanes()
        events = runs.started(5)
        async with bench(panes, size=(160, 40)) as (app, pilot):
            panes.update(runs.view_of(events))
            await pilot.pause()
            assert any("0 of 5 drafts in" in line for line in app.lines())
            events += [runs.finished(a, "42") for a in ("a1", "a2", "a3")]
            events += [runs.finished("a4", "41"), runs.agreement(1, _42=("a1", "a2", "a3"), _41=("a4",))]
            panes.update(runs.view_of(events))
            await pilot.pause()
            assert any("42 ×3 · 41 ×1 · 1 out" in line for line in app.lines())

    async def test_what_follows_the_drafts_is_said(self) -> None:
        panes = AgentPanes()
        events = [*runs.started(2), runs.finished("a1", "1"), runs.finished("a2", "2")]
        events.append(ev.AgentStarted(run="r1", at=4.0, agent="reconcile", role="reconcile", model="openai/gpt-5"))
        async with bench(panes, size=(160, 40)) as (app, pilot):
            panes.update(runs.view_of(events), now=7.2)
            await pilot.pause()
            assert any("reconciling with gpt-5, 3.2 s" in line for line in app.lines())


class TestRoom:
    @pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 24, 64])
    @pytest.mark.parametrize("size", [(20, 5), (60, 20), (99, 30), (100, 24), (160, 40), (300, 90)])
    async def test_every_agent_is_shown_or_counted(self, size: tuple[int, int], count: int) -> None:
        layout = arrange(size[0], max(1, size[1] * 45 // 100 - 1), count)
        assert layout.shown <= layout.rows
        assert layout.columns * layout.rows >= count
        assert layout.columns * (layout.pane_width + 1) - 1 <= size[0]
        if layout.kind == "grid":
            assert layout.rows * layout.pane_height <= size[1]
            assert layout.pane_height >= 2

    def test_panes_do_not_ask_for_more_than_they_are_given(self) -> None:
        assert wished_height(160, 10, 64) == 10
        assert wished_height(60, 10, 3) == 9
        assert wished_height(60, 10, 8) == 8
        assert wished_height(60, 4, 8) == 4

    async def test_where_two_do_not_fit_each_agent_has_a_line(self) -> None:
        panes = AgentPanes()
        events = [*runs.started(3), runs.text("a1", "one two three")]
        async with bench(panes, size=(60, 12)) as (app, pilot):
            panes.update(runs.view_of(events))
            await pilot.pause()
            assert panes.size.height == 4
            assert any("● a1 writing" in line and "one two three" in line for line in app.lines())

    async def test_more_than_fit_are_counted_and_scrolled_to(self) -> None:
        panes = AgentPanes()
        async with bench(panes, size=(60, 20)) as (app, pilot):
            panes.update(runs.view_of(runs.started(30)))
            await pilot.pause()
            assert any("20 more, scroll" in line for line in app.lines())
            panes.focus()
            await pilot.press("left")
            assert any("a30 waiting" in line for line in app.lines())

    async def test_rows_that_stand_blank_are_used_until_they_are_needed(self) -> None:
        panes = AgentPanes()
        events = [*runs.started(3), runs.text("a1", "\n".join(f"line {n}" for n in range(40)))]
        async with bench(panes, size=(120, 40)) as (app, pilot):
            panes.update(runs.view_of(events))
            await pilot.pause()
            assert panes.size.height == 6
            panes.offer(30)
            await pilot.pause()
            grown = panes.size.height
            assert grown == 34
            assert "line 20" in "\n".join(app.lines())
            for blank in (12, 5, 0):  # text that comes above moves nothing while there is room
                panes.offer(blank)
                await pilot.pause()
                assert panes.size.height == grown
            for blank in (-1, 18, 3):  # and what is given back is not taken again
                panes.offer(blank)
                await pilot.pause()
                assert panes.size.height == 6

    @pytest.mark.parametrize(("room", "height"), [(30, 31), (32, 31), (8, 13)])
    async def test_a_narrow_screen_stacks_panes_and_leaves_none_of_their_rows_blank(
        self, room: int, height: int
    ) -> None:
        panes = AgentPanes()
        async with bench(panes, size=(80, 50)) as (_app, pilot):
            panes.update(runs.view_of(runs.started(3)))
            await pilot.pause()
            panes.offer(room - 10)  # beside the 13 they have, and 2 that stay blank
            await pilot.pause()
            assert panes.size.height == height

    async def test_nothing_takes_no_room(self) -> None:
        panes = AgentPanes()
        async with bench(panes) as (_app, pilot):
            panes.update(runs.view_of(runs.started(3)))
            await pilot.pause()
            panes.clear()
            await pilot.pause()
            assert panes.size.height == 0


class TestGettingAtOne:
    async def test_a_key_maximises_and_keys_cycle(self) -> None:
        panes = AgentPanes()
        events = [*runs.started(3)]
        events += [runs.text(f"a{i}", "\n".join(f"a{i} line {n}" for n in range(40))) for i in (1, 2, 3)]
        async with bench(panes, size=(120, 30)) as (app, pilot):
            panes.update(runs.view_of(events))
            panes.focus()
            await pilot.pause()
            await pilot.press("right", "enter")
            await pilot.pause()
            assert "a2 line 20" in "\n".join(app.lines())
            assert "a1 line" not in "\n".join(app.lines())
            await pilot.press("right")
            assert "a3 line 39" in "\n".join(app.lines())
            await pilot.press("escape")
            assert "a1 line 39" in "\n".join(app.lines())

    async def test_the_maximised_agent_has_nearly_all_the_room_and_full_markdown(self) -> None:
        panes = AgentPanes()
        text = "## Why\n\nIt **fell** down.\n\n```python\nx = 1\n```\n\n- one\n- tw"
        async with bench(panes, size=(120, 40)) as (app, pilot):
            panes.update(runs.view_of([*runs.started(3), runs.text("a1", text)]))
            panes.focus()
            await pilot.press("enter")
            await pilot.pause()
            assert panes.size.height >= 35
            shown = "\n".join(app.lines())
            assert "**" not in shown
            assert "##" not in shown
            assert all(
                line in shown for line in (" Why\n\n It fell down.\n", " python", "  x = 1", "  • one\n  • tw\n")
            )
            longer = [*runs.started(3), runs.text("a1", text), runs.text("a1", "o and **more")]
            panes.update(runs.view_of(longer))
            await pilot.pause()
            assert "  • two and **more" in "\n".join(app.lines())
            panes.update(runs.view_of([*longer, runs.text("a1", "**\n\n" + "\n\n".join(map(str, range(60))))]))
            await pilot.pause()
            assert [line.strip() for line in app.lines() if line.strip()][-2:] == ["58", "59"]
            assert "two and" not in "\n".join(app.lines())

    async def test_a_click_maximises_and_one_on_the_tabs_goes_back(self) -> None:
        panes = AgentPanes()
        async with bench(panes, size=(120, 30)) as (_app, pilot):
            panes.update(runs.view_of(runs.started(3)))
            await pilot.pause()
            await pilot.click(panes, offset=(50, 2))
            await until(lambda: panes.maximised)
            assert panes.selected_agent == "a2"
            await pilot.click(panes, offset=(2, 0))
            await until(lambda: not panes.maximised)


class TestTail:
    def test_it_wraps_at_words_and_keeps_the_newest(self) -> None:
        tail = Tail(10)
        tail.feed(["one two th", "ree four\n\nfi", "ve"])
        assert tail.last(9) == ["one two", "three four", "five"]
        assert tail.last(1) == ["five"]

    def test_pieces_or_the_whole_give_the_same_lines(self) -> None:
        text = "The quick brown 狐狸 jumps over the lazy dog, 数学的答案是四十二 and so on. " * 5
        whole, piecewise = Tail(17), Tail(17)
        whole.feed([text])
        for end in range(1, len(text) + 1):
            piecewise.feed(list(text[:end]))
        assert whole.last(99) == piecewise.last(99)

    def test_a_retry_begins_anew(self) -> None:
        tail = Tail(20)
        tail.feed(["a", "b", "c"])
        tail.feed(["x"])
        assert tail.last(5) == ["x"]

    def test_a_long_backlog_costs_no_more_than_its_end(self) -> None:
        tail = Tail(20)
        tail.feed(["x" * 1_000_000, " end"])
        assert tail.last(1)[0].endswith("end")
        assert sum(map(len, tail.last(1_000))) <= BACKLOG

    @pytest.mark.parametrize("width", [1, 2, 3, 7])
    def test_no_line_is_wider_than_the_pane(self, width: int) -> None:
        tail = Tail(width)
        tail.feed(["a\u0301" * 30, " 数学 ", "🙂" * 5, "e" * 50])
        lines = tail.last(200)
        assert lines
        assert max(map(cell_len, lines)) <= max(width, 2)  # a wide character takes two cells whatever there is
