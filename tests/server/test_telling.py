"""Several agents told in one stream of text: nothing is lost, and each passage can be read."""

import re
from collections.abc import Iterator

import pytest

from chatmodes import events as ev
from chatmodes.server.telling import PASSAGE, Reasoning

AGENTS = ("a1", "a2", "a3", "a4", "a5")
SENTENCE = "{} says that six times seven is forty-two, as any table of multiplication shows at once, and goes on. "


def started() -> ev.RunStarted:
    plan = ev.Plan(slots=tuple(ev.Slot(agent, "draft", "m") for agent in AGENTS))
    return ev.RunStarted(run="r", at=0.0, mode="contemplating", prompt="?", plan=plan)


def delta(agent: str, text: str) -> ev.TextDelta:
    return ev.TextDelta(run="r", at=0.0, agent=agent, text=text)


def ended(agent: str) -> ev.AgentFinished:
    return ev.AgentFinished(run="r", at=0.0, agent=agent, usage=ev.Usage(), finish="stop", ttft=None, seconds=1.0)


def cancelled() -> ev.RunCancelled:
    return ev.RunCancelled(run="r", at=0.0, reason="the client left")


def in_turns(texts: dict[str, str]) -> Iterator[ev.TextDelta]:
    """Five characters of each, again and again."""
    for at in range(0, max(map(len, texts.values())), 5):
        yield from (delta(agent, text[at : at + 5]) for agent, text in texts.items() if text[at : at + 5])


def by_agent(told: str) -> dict[str, str]:
    """What each is told to have said, without its white space."""
    said: dict[str, str] = {}
    for agent, text in re.findall(r"\[(a\d)\] (.*?)(?=\[a\d\] |\Z)", told, re.DOTALL):
        said[agent] = said.get(agent, "") + "".join(text.split())
    return said


@pytest.mark.parametrize("finish", ["agents", "run"])
def test_agents_that_write_at_once_are_told_by_passages_and_whole(finish: str) -> None:
    texts = {agent: SENTENCE.format(agent) * (3 + at) for at, agent in enumerate(AGENTS)}
    reasoning = Reasoning()
    told = [reasoning.told(event) for event in (started(), *in_turns(texts))]
    last = [ended(agent) for agent in AGENTS] if finish == "agents" else [cancelled()]
    whole = "".join(told) + "".join(reasoning.told(event) for event in last)
    assert by_agent(whole) == {agent: "".join(text.split()) for agent, text in texts.items()}
    assert len(re.findall(r"\[a\d\] ", whole)) <= sum(map(len, texts.values())) / 60


def test_the_first_speaks_as_it_writes_and_a_long_wait_ends_its_turn() -> None:
    reasoning = Reasoning()
    reasoning.told(started())
    assert reasoning.told(delta("a1", "Six")) == "[a1] Six"
    assert reasoning.told(delta("a2", "Seven")) == ""
    assert reasoning.told(delta("a1", " times")) == " times"
    assert reasoning.told(delta("a2", "!" * PASSAGE)) == f"\n\n[a2] Seven{'!' * PASSAGE}"
    assert reasoning.told(delta("a1", " seven")) == "\n\n[a1]  seven".replace("  ", " ")


def test_who_waits_is_told_when_the_speaker_or_itself_ends() -> None:
    reasoning = Reasoning()
    told = [
        reasoning.told(event) for event in (started(), delta("a1", "One"), delta("a2", "Two"), delta("a3", "Three"))
    ]
    assert told == ["", "[a1] One", "", ""]
    assert reasoning.told(ended("a3")) == "\n\n[a3] Three\n\n[a2] Two"
    assert reasoning.told(delta("a1", " more")) == ""
    assert reasoning.told(ended("a2")) == "\n\n[a1] more"
    assert reasoning.told(cancelled()) == ""
