"""Thinking: reasoning and answer apart in every case, and never an empty answer."""

import pytest

from chatmodes import events as ev
from chatmodes.providers.calls import ModelInfo, ReasoningChunk, TextChunk
from chatmodes.settings import Settings, Thinking, Timeouts
from tests.modes.scripted import MODEL, Script, Scripted, Stall, broken, in_turn, run, say

pytestmark = pytest.mark.anyio

REASONS = {MODEL: ModelInfo(model=MODEL, reasons=True, efforts=("low", "high"))}


async def test_a_models_own_reasoning_is_asked_for_and_kept_apart() -> None:
    models = in_turn(say("Forty-two.", thought="Six sevens."))
    models.infos = REASONS
    ran = await run("thinking", models, Settings(thinking=Thinking(effort="high")))
    assert ran.finished.answer == "Forty-two."
    assert ran.text_of(ev.ReasoningDelta) == "Six sevens."
    (call,) = [c.call for c in models.calls]
    assert (call.effort, call.reason) == ("high", True)
    assert call.messages[-1].text == "What is six times seven?"
    (done,) = [e for e in ran.events if isinstance(e, ev.AgentFinished)]
    assert done.reasoning_seconds is not None


async def test_an_effort_that_the_model_does_not_know_is_left_out_and_said() -> None:
    models = in_turn(say("Forty-two.", thought="Six sevens."))
    models.infos = REASONS
    ran = await run("thinking", models, Settings(thinking=Thinking(effort="ultra")))
    assert models.calls[0].call.effort is None
    assert ran.finished.degraded == "lab/one has no effort 'ultra' (low, high); its profile's was used."


async def test_a_model_without_reasoning_is_asked_to_think_between_tags() -> None:
    ran = await run("thinking", in_turn(say("<think>Six sevens are 42.</think>\n\nIt is 42.")))
    assert ran.finished.answer == "It is 42."
    assert ran.text_of(ev.ReasoningDelta) == "Six sevens are 42."
    assert "ANSWER:" in ran.models.calls[0].call.messages[-1].text


async def test_tags_that_the_provider_already_took_out_are_fine_too() -> None:
    ran = await run("thinking", in_turn([TextChunk("Sure! "), *say("It is 42.", thought="Six sevens are 42.")]))
    assert ran.finished.answer == "It is 42."
    assert ran.text_of(ev.ReasoningDelta) == "Sure! Six sevens are 42."


LONG = "First I look at the numbers. " * 12


async def test_an_untagged_chain_ends_at_its_answer_line() -> None:
    ran = await run("thinking", in_turn(say(f"{LONG}\n\n**Final Answer:** 42 apples")))
    assert ran.finished.answer == "42 apples"
    assert ran.text_of(ev.ReasoningDelta).strip() == LONG.strip()


async def test_a_short_untagged_reply_is_the_answer() -> None:
    ran = await run("thinking", in_turn(say("Hello! How can I help you today?")))
    assert ran.finished.answer == "Hello! How can I help you today?"
    assert len(ran.models.calls) == 1


@pytest.mark.parametrize("chain", [f"<think>{LONG}", LONG, f"<think>{LONG}</think>\n"])
async def test_reasoning_alone_is_followed_by_asking_for_the_answer(chain: str) -> None:
    ran = await run("thinking", in_turn(say(chain), say("It is 42.")))
    assert ran.finished.answer == "It is 42."
    assert ran.text_of(ev.ReasoningDelta).strip() == LONG.strip()
    second = ran.models.calls[1].call
    assert second.messages[-2].role == "assistant"
    assert "only the answer" in second.messages[-1].text
    assert ran.finished.usage.input_tokens == 20


@pytest.mark.parametrize("second", [say(""), broken()])
async def test_when_even_that_brings_nothing_the_last_paragraph_must_do(second: Script) -> None:
    ran = await run("thinking", in_turn(say(f"<think>{LONG}\n\nSo it must be 42."), second))
    assert ran.finished.answer == "So it must be 42."


async def test_reasoning_that_ate_the_whole_cap_is_retried_once_with_a_larger_one() -> None:
    models = in_turn(say("", thought="Hm, hm.", finish="length"), say("It is 42.", thought="Quickly."))
    models.infos = REASONS
    ran = await run("thinking", models, Settings(thinking=Thinking(max_tokens=100)))
    assert ran.finished.answer == "It is 42."
    assert [c.call.max_tokens for c in models.calls] == [100, 200]
    (retry,) = [e for e in ran.events if isinstance(e, ev.AgentRetrying)]
    assert retry.cause.kind == "empty"
    assert ran.finished.usage.input_tokens == 20


async def test_reasoning_that_eats_both_is_a_clear_error() -> None:
    models = in_turn(*[say("", thought="Hm, hm.", finish="length")] * 2)
    models.infos = REASONS
    ran = await run("thinking", models)
    assert ran.failed.error.kind == "empty"
    assert "max_tokens" in ran.failed.error.hint


@pytest.mark.parametrize("mode", ["instant", "thinking"])
async def test_an_empty_answer_is_an_error(mode: str) -> None:
    ran = await run(mode, in_turn(say(""), say("")))
    assert ran.failed.error.kind == "empty"


@pytest.mark.parametrize("mode", ["instant", "thinking"])
@pytest.mark.parametrize(("finish", "why"), [("length", "token limit"), ("filtered", "filter")])
async def test_a_cut_answer_is_kept_and_labelled(mode: str, finish: ev.Finish, why: str) -> None:
    ran = await run(mode, in_turn(say("It is", finish=finish)))
    assert ran.finished.answer == "It is"
    assert why in str(ran.finished.degraded)


@pytest.mark.parametrize("mode", ["instant", "thinking"])
async def test_a_stream_that_breaks_keeps_what_came(mode: str) -> None:
    models = in_turn([TextChunk("<think>x</think>Half" if mode == "thinking" else "Half"), *broken("stream_cut")])
    ran = await run(mode, models)
    assert ran.failed.error.kind == "stream_cut"
    assert ran.failed.partial == "Half"
    assert ran.failed.usage.estimated


@pytest.mark.parametrize("mode", ["instant", "thinking"])
async def test_the_runs_deadline_keeps_what_came(mode: str) -> None:
    models = in_turn([ReasoningChunk("Hm"), TextChunk("Half"), Stall()])
    ran = await run(mode, models, Settings(timeouts=Timeouts(run=1.0)))
    assert ran.failed.error.kind == "timeout"
    assert ran.failed.partial == "Half"
    (agent,) = [e for e in ran.events if isinstance(e, ev.AgentCancelled)]
    assert agent.reason == "the run's time was over"


@pytest.mark.parametrize("mode", ["instant", "thinking"])
async def test_a_model_that_is_better_cool_is_asked_cool(mode: str) -> None:
    models = in_turn(say("Forty-two."))
    models.infos = {MODEL: ModelInfo(model=MODEL, small=True, temperature=0.3)}
    await run(mode, models)
    assert [c.call.temperature for c in models.calls] == [0.3]


@pytest.mark.parametrize(("reasons", "tokens", "longest"), [(False, 2000, 1000), (True, 3000, 2000)])
async def test_the_plan_bounds_the_call_that_may_follow(reasons: bool, tokens: int, longest: int) -> None:
    """A model that cannot reason is asked for the answer alone; one that does may be asked again with a larger cap."""
    infos = {MODEL: ModelInfo(model=MODEL, reasons=reasons, input_price=1.0, output_price=2.0)}
    cut = say("", thought="Hm. " * 20, finish="length") if reasons else say("<think>Hm.", finish="length")
    models = Scripted(judge=cut, infos=infos)
    ran = await run("thinking", models, Settings(thinking=Thinking(max_tokens=1000)))
    started = ran.events[0]
    assert isinstance(started, ev.RunStarted)
    assert started.plan.max_tokens == tokens
    assert started.plan.max_cost is not None
    assert started.plan.max_cost > 2 * tokens / 1e6  # what both calls read is in it
    caps = [recorded.call.max_tokens for recorded in models.calls]
    assert (max(filter(None, caps)), sum(filter(None, caps))) == (longest, tokens)
