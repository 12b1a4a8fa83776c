"""The three modes from the embedded model, through the installed command: what a newcomer does first."""

from typing import Any

import pytest

from tests.cli.program import Result, chatmodes

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]
TERMINAL = {"run_finished", "run_failed", "run_cancelled"}


def ask(*args: str) -> Result:
    """`echo 'What is 2+2?' | chatmodes ask ARGS`, which a busy machine may take its time for."""
    return chatmodes("ask", *args, stdin="What is 2+2?\n", timeout=280)


def of_type(events: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [event for event in events if event["type"] == kind]


def test_contemplating_asks_five_agents_at_once_and_ends_once() -> None:
    result = ask("-m", "contemplating", "--json")
    assert result.code == 0, result.err
    events = result.events
    assert [event["type"] in TERMINAL for event in events] == [False] * (len(events) - 1) + [True]
    finished = events[-1]
    assert finished["type"] == "run_finished"
    assert finished["answer"].strip()
    assert finished["planned"] == 5

    drafts = [event["agent"] for event in of_type(events, "agent_started") if event["role"] == "draft"]
    assert len(set(drafts)) == 5
    ended = {"agent_finished", "agent_failed", "agent_cancelled"}
    begun = [event["at"] for event in of_type(events, "agent_started") if event["agent"] in drafts]
    ends = [event["at"] for event in events if event["type"] in ended and event["agent"] in drafts]
    assert max(begun) < min(ends), "all five were under way before the first was done"
    wrote_before = {event["agent"] for event in of_type(events, "text_delta") if event["at"] < min(ends)}
    assert len(wrote_before & set(drafts)) >= 3, "and not one after the other: a slot each, writing at the same time"


def test_thinking_reasons_apart_from_its_answer() -> None:
    result = ask("-m", "thinking", "--json")
    assert result.code == 0, result.err
    events = result.events
    assert "".join(event["text"] for event in of_type(events, "reasoning_delta")).strip()
    assert events[-1]["type"] == "run_finished"
    answer = "".join(event["text"] for event in of_type(events, "answer_delta"))
    assert answer == events[-1]["answer"]
    assert answer.strip()


def test_instant_streams_its_answer_to_stdout() -> None:
    result = ask("-m", "instant")
    assert result.code == 0, result.err
    assert result.out.strip()
    assert "starting the embedded model" in result.err


def test_the_run_tells_what_it_used() -> None:
    (finished,) = of_type(ask("--json").events, "run_finished")
    assert finished["usage"]["input_tokens"] > 0
    assert finished["usage"]["output_tokens"] > 0
    assert finished["cost"] == 0
