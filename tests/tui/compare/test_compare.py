"""A comparison on screen: columns that live apart, scroll together, and are told from each other and picked."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.widgets import Input

from chatmodes.events import Error
from chatmodes.providers.calls import Finished, ModelInfo, ProviderError, ReasoningChunk, TextChunk
from chatmodes.tui.compare.column import ANSWER, CompareColumn
from chatmodes.tui.compare.screen import CompareScreen
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import USAGE, Line, Scripted, says

pytestmark = pytest.mark.anyio

TWO = {"compare": {"modes": ["instant", "thinking"]}}
LONG = "\n\n".join(f"Paragraph {n} speaks of topic{n} and of nothing else than topic{n} alone." for n in range(60))
SHORT = "\n\n".join(f"Of topic{n} paragraph {n} speaks." for n in range(60))


def comparing(chat: Chatting) -> CompareScreen:
    screen = chat.app.screen
    assert isinstance(screen, CompareScreen), f"another screen is open:\n{chat.text()}"
    return screen


def column(chat: Chatting, mode: str) -> CompareColumn:
    return next(one for one in comparing(chat).columns if one.column.mode == mode)


@asynccontextmanager
async def compared(
    models: Scripted | None = None,
    prompt: str = "/compare Why is the sky blue?",
    *,
    modes: Sequence[str] = ("instant", "thinking"),
    size: tuple[int, int] = (120, 30),
    **options: Any,
) -> AsyncGenerator[Chatting]:
    """The chat with a comparison open."""
    flags = {"compare": {"modes": list(modes)}, "store": {"titles": False}, **options.pop("flags", {})}
    models = models or Scripted()
    models.infos.setdefault(MODEL, ModelInfo(model=MODEL, reasons=True))
    async with chatting(models, size=size, flags=flags, **options) as chat:
        await chat.send(prompt)
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the comparison")
        yield chat


async def lines(chat: Chatting) -> dict[str, Line]:
    """Both columns' streams by mode: a Thinking call has the larger cap."""
    both = [await chat.models.line(), await chat.models.line()]
    return {"thinking" if (line.call.max_tokens or 0) > 10_000 else "instant": line for line in both}


async def ended(chat: Chatting) -> None:
    await chat.until(lambda: not comparing(chat).contest.running, "the columns to end")
    await chat.pilot.pause(0.2)


async def test_all_columns_are_live_at_once_and_tell_their_figures() -> None:
    async with compared() as chat:
        both = await lines(chat)
        await both["instant"].say("Rayleigh says so.")
        await both["thinking"].reason("hm, light")
        await chat.sees(
            "Why is the sky blue?", "Instant · openai/gpt-5", "Thinking · openai/gpt-5", "Rayleigh says so."
        )
        await chat.sees("Thinking…", "9 characters", "Esc stops 2 runs")
        await both["instant"].end()
        await both["thinking"].say("Short waves scatter more.")
        await chat.sees("34 tokens · $0.0012", "Short waves scatter more.", "Esc stops 1 run")
        await both["thinking"].end()
        await ended(chat)
        assert chat.text().count("34 tokens · $0.0012") == 2
        assert chat.text().count("first token") == 2


async def test_a_contemplating_column_tells_agents_and_agreement() -> None:
    models = Scripted({MODEL: [says("It is so.\n\nANSWER: 42")]})
    async with compared(models, modes=["instant", "contemplating"]) as chat:
        await ended(chat)
        await chat.sees("agents · 42 ×")


async def test_one_failing_one_hanging_one_waiting_for_its_limit_leave_the_fourth_alone() -> None:
    models = Scripted(
        {
            "a/fails": [[TextChunk("half an "), ProviderError(Error("stream_cut", "The stream ended.", "Ask again."))]],
            "a/fine": [says("All is well.")],
        }
    )
    async with compared(models, modes=["instant"], size=(200, 40)) as chat:
        screen = comparing(chat)
        limited = await models.line()
        await limited.retry(40.0, "Too many requests.")
        for model in ("a/fails", "a/hangs", "a/fine"):
            added = CompareColumn(screen.contest, await screen.contest.add("instant", model))
            await screen.query_one("#columns").mount(added)
            screen.columns.append(added)
        hanging = await models.line()
        assert hanging.call.model == "a/hangs"
        await chat.sees("half an", "The stream ended.", "again in", "Too many requests.", "All is well.")
        assert [one.column.mode for one in screen.columns] == ["instant"] * 4
        await chat.pilot.press("tab", "s", "tab", "m", "m")
        await chat.pilot.press("escape")
        await ended(chat)
        await chat.sees("All is well.", "Stopped by you")
        assert [one.column.view.status for one in screen.columns] == ["cancelled", "failed", "cancelled", "finished"]


async def test_escape_stops_all_and_again_leaves_with_the_answers_as_siblings() -> None:
    async with compared() as chat:
        both = await lines(chat)
        await both["instant"].say("the quick answer")
        await both["thinking"].say("the slow answer")
        await chat.sees("the quick answer", "the slow answer")
        await chat.pilot.press("escape")
        await ended(chat)
        await chat.sees("Esc back to the chat", "Stopped by you; what had come is kept.")
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("the quick answer", "1/2")
        await chat.pilot.press("alt+right")
        await chat.sees("the slow answer", "2/2")


async def test_dropping_a_column_stops_its_run_and_no_other() -> None:
    async with compared() as chat:
        both = await lines(chat)
        screen = comparing(chat)
        await both["instant"].say("going")
        await chat.sees("going")
        dropped = column(chat, "instant").column
        await chat.pilot.press("x")
        await chat.gone("going")
        await chat.until(lambda: dropped.view.end is not None)
        assert dropped.view.status == "cancelled"
        await both["thinking"].say("still here")
        await chat.sees("still here")
        await both["thinking"].end()
        await ended(chat)
        assert [one.column.view.status for one in screen.columns] == ["finished"]


async def test_a_column_is_added_by_picking_mode_and_model_while_the_others_run() -> None:
    models = Scripted({"my/own-model": [says("me too")]})
    async with compared(models) as chat:
        both = await lines(chat)
        await chat.pilot.press("a")
        await chat.sees("Add a column: which mode?")
        await both["instant"].say("streaming behind the picker")
        await chat.pilot.press(*"inst", "enter")
        await chat.sees("Choose a model")
        await chat.pilot.press(*"my/own-model")
        await chat.sees("as typed")
        await chat.pilot.press("enter")
        await chat.sees("me too", "Instant · my/own-model", "streaming behind")
        assert len(comparing(chat).contest.running) == 2


async def test_a_winner_is_recorded_with_its_reason_and_the_chat_goes_on_from_it() -> None:
    async with compared() as chat:
        both = await lines(chat)
        for mode, text in (("instant", "the quick answer"), ("thinking", "the slow answer")):
            await both[mode].say(text)
            await both[mode].end()
        await ended(chat)
        await chat.pilot.press("tab", "p")
        await chat.sees("Which answer is the best?")
        await chat.pilot.press("tab")
        await chat.pilot.press(*"clear")
        await chat.pilot.press("enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("the slow answer", "2/2")
        (pick,) = chat.screen.engine.store.picks()
        winner = next(run for run in pick.runs if run.id == pick.winner)
        assert (pick.verdict, winner.mode, pick.reason) == ("winner", "thinking", "clear")
        await chat.send("and then?")
        following = await chat.models.line()
        assert [message.text for message in following.call.messages][-2:] == ["the slow answer", "and then?"]


@pytest.mark.parametrize(("down", "verdict"), [(2, "tie"), (3, "none")])
async def test_a_tie_and_none_are_picks_too(down: int, verdict: str) -> None:
    models = Scripted({MODEL: [says("the same")]})
    async with compared(models) as chat:
        await ended(chat)
        await chat.pilot.press("p")
        await chat.sees("None is good")
        await chat.pilot.press(*["down"] * down, "enter")
        await chat.until(lambda: chat.app.screen is chat.screen)
        (pick,) = chat.screen.engine.store.picks()
        assert (pick.verdict, pick.winner) == (verdict, None)


async def test_a_blind_comparison_hides_names_and_figures_until_the_pick() -> None:
    def reply(text: str) -> list[Any]:
        return [ReasoningChunk("secretly"), TextChunk(text), Finished("stop", USAGE, 0.0012)]

    models = Scripted({MODEL: [reply("one"), reply("two")]})
    async with compared(models, "/blind Which?") as chat:
        await ended(chat)
        await chat.sees("Answer A", "Answer B", "blind", "figures are shown after the pick")
        for secret in ("gpt-5", "Instant", "Thinking", "secretly", "first token", "$"):
            assert secret not in chat.text(), secret
        await chat.pilot.press("p")
        await chat.sees("Answer A is the best")
        assert "gpt-5" not in chat.text()
        await chat.pilot.press("enter")
        await chat.sees("You picked", "Instant · openai/gpt-5", "Thinking · openai/gpt-5", "$0.0012", "picked")
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        (pick,) = chat.screen.engine.store.picks()
        assert pick.blind


async def test_a_failure_in_a_blind_comparison_does_not_name_its_provider() -> None:
    models = Scripted({MODEL: [[ProviderError(Error("auth", "OpenAI refused the key.", "Check it."))]]})
    async with compared(models, "/blind Which?") as chat:
        await ended(chat)
        await chat.sees("This answer failed.")
        assert "OpenAI" not in chat.text()


async def test_a_narrow_terminal_shows_tabs_and_one_column_and_a_wide_one_all() -> None:
    async with compared(size=(80, 24)) as chat:
        both = await lines(chat)
        await both["instant"].say("the quick answer")
        await both["thinking"].say("the slow answer")
        await chat.sees("[● A", "● B", "the quick answer")
        assert "the slow answer" not in chat.text()
        await chat.pilot.press("tab")
        await chat.sees("the slow answer", "[● B")
        await chat.gone("the quick answer")
        await chat.pilot.resize_terminal(120, 30)
        await chat.sees("the quick answer", "the slow answer")
        await chat.pilot.press("m")
        await chat.gone("the quick answer")
        await chat.pilot.press("m")
        await chat.sees("the quick answer", "the slow answer")


async def test_columns_scroll_together_by_paragraph_or_freely() -> None:
    models = Scripted({MODEL: [says(LONG), says(SHORT)]})
    async with compared(models, size=(100, 24)) as chat:
        await ended(chat)
        first, second = (one.transcript for one in comparing(chat).columns)
        first.focus()
        await chat.pilot.press("home")
        for _ in range(6):
            await chat.pilot.press("pagedown")
        await chat.pilot.pause()
        top = first.document.locate(first.scroll_offset.y)
        other = second.document.locate(second.scroll_offset.y)
        assert top is not None
        assert other is not None
        assert top.unit > 10
        assert abs(top.unit - other.unit) <= 1, "the same paragraph stands at the top of both"
        await chat.pilot.press("s")
        await chat.sees("scrolling freely")
        stays = second.scroll_offset.y
        await chat.pilot.press("pageup")
        assert second.scroll_offset.y == stays
        await chat.pilot.press("s", "end")
        await chat.pilot.pause()
        assert second.following


async def test_differences_are_shown_word_by_word() -> None:
    models = Scripted({MODEL: [says("The sky is blue by day."), says("The sky is red by night.")]})
    async with compared(models) as chat:
        await ended(chat)
        await chat.pilot.press("d")
        await chat.sees("against", "the same", "The sky is blue by day.", "The sky is red by night.")
        await chat.pilot.resize_terminal(70, 24)
        await chat.sees("blue", "red", "only left")
        assert "The sky is bluered by daynight." in chat.text(), "a narrow terminal has one text with both"
        await chat.pilot.press("escape")
        assert isinstance(chat.app.screen, CompareScreen)


async def test_a_summary_is_an_extra_call_that_says_so() -> None:
    models = Scripted({MODEL: [says("Blue."), says("Red."), says("They contradict on the colour.", cost=0.0001)]})
    async with compared(models) as chat:
        await ended(chat)
        await chat.pilot.press("g")
        await chat.sees(
            "A summary by openai/gpt-5", "An extra call and a model's opinion", "They contradict on the colour."
        )
        await chat.sees("$0.0001")
        asked = models.calls[-1].messages[-1].text
        assert "<<<ANSWER A" in asked
        assert "gpt-5" not in asked
        await chat.pilot.press("escape")
        assert isinstance(chat.app.screen, CompareScreen)


async def test_an_earlier_prompt_is_compared_by_a_key_and_left_as_it_was() -> None:
    models = Scripted({MODEL: [says("the first answer"), says("another"), says("and another")]})
    async with chatting(models, size=(120, 30), flags=TWO) as chat:
        await chat.send("question")
        await chat.idle()
        await chat.pilot.press("alt+s")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen), "the comparison")
        await ended(chat)
        await chat.sees("❯ question", "another", "and another")
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        await chat.sees("the first answer", "1/3")


async def test_a_cost_that_is_not_known_is_said_to_be_unknown() -> None:
    async with compared() as chat:
        await chat.sees("scrolling together · cost unknown")


async def test_a_costly_comparison_asks_first_and_keeps_the_prompt_on_no() -> None:
    dear = ModelInfo(model=MODEL, input_price=1.0, output_price=100.0)
    models = Scripted({MODEL: [says("dear")]}, prices={MODEL: dear})
    async with chatting(models, size=(120, 30), flags=TWO) as chat:
        await chat.send("/compare Worth it?")
        await chat.sees("Send this to the models?", "It may cost up to $4.10", "limit is $0.10")
        await chat.pilot.press("escape")
        await chat.until(lambda: chat.app.screen is chat.screen)
        assert chat.screen.composer.text == "/compare Worth it?"
        assert models.calls == []
        await chat.pilot.press("enter")
        await chat.sees("Send this to the models?")
        await chat.pilot.press("y")
        await chat.until(lambda: isinstance(chat.app.screen, CompareScreen))
        await chat.sees("dear", "at most $4.10")


async def test_hostile_text_is_inert_in_names_answers_differences_and_picks() -> None:
    hostile = "\x1b]52;c;AAAA\x07[bold]x[/bold] [/foo] a[/]b \u202eevil [@click=app.quit]y[/]"
    models = Scripted({MODEL: [says(hostile), says(hostile + " more")], "a/[/b]": [says("z")]})
    async with compared(models, f"/compare {hostile}") as chat:
        await ended(chat)
        screen = comparing(chat)
        added = CompareColumn(screen.contest, await screen.contest.add("instant", "a/[/b]"))
        await screen.query_one("#columns").mount(added)
        screen.columns.append(added)
        await ended(chat)
        for keys in ((), ("d",), ("escape", "p"), ("escape", "g"), ("escape",)):
            await chat.pilot.press(*keys)
            await chat.pilot.pause(0.1)
            assert "\x1b" not in chat.text()
            assert "\u202e" not in chat.text()
        await chat.sees("[bold]x[/bold]")
        assert ANSWER in screen.columns[0].transcript.document


async def test_a_model_that_is_missing_is_said_and_the_prompt_kept() -> None:
    async with chatting(size=(120, 30), flags={"model": "", **TWO}) as chat:
        await chat.send("/compare Anyone?")
        await chat.sees("No model was found that could answer.")
        assert chat.screen.composer.text == "/compare Anyone?"


async def test_a_prompt_is_needed_where_there_is_none_yet() -> None:
    async with chatting(flags=TWO) as chat:
        await chat.send("/compare ")
        await chat.sees("Type the prompt behind it: /compare PROMPT")


async def test_help_and_typing_in_the_pick_leave_the_columns_keys_alone() -> None:
    models = Scripted({MODEL: [says("same")]})
    async with compared(models) as chat:
        await ended(chat)
        await chat.pilot.press("p", "tab")
        await chat.pilot.press(*"max")
        assert chat.app.screen.query_one("#reason", Input).value == "max"
        await chat.pilot.press("escape", "f1")
        await chat.sees("In a comparison", "[compare.pick]")  # help opens where one is


async def test_tabs_leave_out_what_all_columns_share() -> None:
    models = Scripted({MODEL: [says("It is so.")]})
    async with compared(models, modes=["instant", "thinking", "contemplating"], size=(80, 24)) as chat:
        await ended(chat)
        await chat.sees("[✓ A ▷ Instant]", "✓ B ◇ Thinking", "✓ C ◈ Contemplating")
