"""The line at the bottom: figures that are known, what is under way, and a word now and then."""

import msgspec

from chatmodes import events as ev
from chatmodes.tui import figures
from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.chat.status import StatusLine, taken
from chatmodes.tui.host import keymap
from tests.tui import runs
from tests.tui.harness import bench, until

keymap.learn("chat", BINDINGS)  # the line names the key that stops, also where this file runs alone

FINISHED = [*runs.started(2), runs.text("a1", "hi", at=0.4), runs.finished("a1", "42"), runs.ended()]


async def test_what_the_last_run_took() -> None:
    status = StatusLine()
    async with bench(status, size=(120, 10)) as (app, pilot):
        status.update(runs.view_of(FINISHED))
        await pilot.pause()
        line = app.lines()[-1]
        assert "first token 0.4 s · all 12.3 s · 84 tokens/s · $0.0020 · 1,420 tokens (420 in, 1,000 out)" in line


async def test_an_unknown_cost_is_called_unknown() -> None:
    status = StatusLine()
    end = ev.RunFinished(
        run="r1",
        at=2.0,
        method="single",
        answer="x",
        usage=ev.Usage(),
        cost=None,
        seconds=2.0,
        planned=1,
        survived=1,
    )
    async with bench(status, size=(120, 10)) as (app, pilot):
        status.update(runs.view_of([*runs.started(1), end]))
        await pilot.pause()
        assert "cost unknown · tokens unknown" in app.lines()[-1]
        assert "$0" not in app.lines()[-1]


async def test_two_unknown_costs_are_said_once_and_a_run_that_took_nothing_has_no_figures() -> None:
    unknown = runs.view_of([*runs.started(1), runs.ended()])
    unknown.end, unknown.beside = msgspec.structs.replace(runs.ended(), cost=None), None
    assert "cost unknown" in taken(unknown)
    unknown.beside = 0.01
    assert "cost unknown (and $0.0100 for the name)" in taken(unknown)
    error = ev.Error("auth", "No key.")
    nothing = ev.RunFailed(run="r1", at=0.0, error=error, usage=ev.Usage(0, 0, 0, 0), cost=0.0, seconds=0.0)
    assert taken(runs.view_of([*runs.started(1), nothing])) == ["failed", "all 0.0 s"]


async def test_a_retry_counts_down_before_everything_else() -> None:
    status = StatusLine()
    retry = ev.AgentRetrying(
        run="r1", at=2.0, agent="a1", attempt=2, wait=5.0, cause=ev.Error("rate_limit", "Too many requests.")
    )
    async with bench(status, size=(60, 10)) as (app, pilot):
        view = runs.view_of([*runs.started(2), retry])
        status.update(view, now=3.0)
        await pilot.pause()
        assert app.lines()[-1].strip().startswith("a1 again in 4.0 s (attempt 2): Too many")
        status.update(view, now=6.5)
        await pilot.pause()
        assert "again in 0.5 s" in app.lines()[-1]


async def test_a_narrow_line_keeps_what_matters_most() -> None:
    status = StatusLine()
    async with bench(status, size=(30, 5)) as (app, pilot):
        status.hint = "Ctrl+P commands"
        status.update(runs.view_of(FINISHED))
        await pilot.pause()
        assert app.lines()[-1].strip() == "first token 0.4 s"


async def test_the_key_that_stops_is_the_last_thing_to_go() -> None:
    status = StatusLine()
    texts = [runs.text(f"a{i}", "word " * 90, at=0.5) for i in range(1, 13)]
    retry = ev.AgentRetrying(
        run="r1", at=2.0, agent="a1", attempt=2, wait=5.0, cause=ev.Error("rate_limit", "Too many requests. " * 5)
    )
    for width, begins in ((60, "0 of 12 drafts done · 3.9 s"), (34, "0 of 12 drafts done"), (12, "")):
        async with bench(status, size=(width, 5)) as (app, pilot):
            status.update(runs.view_of([*runs.started(12), *texts]), now=3.9)
            await pilot.pause()
            line = app.lines()[-1].strip()
            assert line.startswith(begins)
            assert line.endswith("Esc stops")
        status = StatusLine()
    async with bench(status, size=(60, 5)) as (app, pilot):
        status.update(runs.view_of([*runs.started(12), retry]), now=3.0)
        await pilot.pause()
        assert app.lines()[-1].strip().endswith("… · Esc stops")


async def test_a_notice_is_cleaned_and_goes_away() -> None:
    status = StatusLine()
    async with bench(status, size=(60, 5)) as (app, pilot):
        status.update(runs.view_of(FINISHED))
        status.notice("no \x1b[31m[bold]luck\n", "error", seconds=0.3)
        await pilot.pause()
        assert app.lines()[-1].strip() == "error: no [31m[bold]luck"
        await until(lambda: "first token" in app.lines()[-1])


async def test_a_running_instant_answer_has_estimates_with_a_tilde() -> None:
    status = StatusLine()
    start = runs.started(1)[0]
    answer = [ev.AgentStarted(run="r1", at=0.1, agent="answer", role="answer", model="openai/gpt-5")]
    deltas = [ev.AnswerDelta(run="r1", at=1.0, text="word ") for _ in range(100)]
    async with bench(status, size=(80, 5)) as (app, pilot):
        status.update(runs.view_of([start, *answer, *deltas]), now=3.0)
        await pilot.pause()
        assert "~125 tokens · ~62 tokens/s · Esc stops" in app.lines()[-1]


def test_figures() -> None:
    assert [figures.seconds(s) for s in (0.04, 12.34, 99.96, 120, 3725)] == [
        "0.0 s",
        "12.3 s",
        "1 min 40 s",
        "2 min",
        "62 min 5 s",
    ]
    assert [figures.cost(c) for c in (None, 0, 0.0021, 0.00002, 0.000001, 0.5, 1234.5)] == [
        "cost unknown",
        "$0",
        "$0.0021",
        "<$0.0001",
        "<$0.0001",
        "$0.5000",
        "$1,234.5000",
    ]
    assert [figures.short(n) for n in (0, 999, 1_000, 12_345, 2_500_000)] == ["0", "999", "1.0k", "12k", "2.5M"]
