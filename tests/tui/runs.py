"""Runs made of events, for widgets that show runs."""

from collections.abc import Iterable, Sequence

from chatmodes import events as ev
from chatmodes.folding import RunView, fold


def panel(count: int, *, models: Sequence[str] = ("openai/gpt-5",)) -> tuple[ev.Slot, ...]:
    return tuple(ev.Slot(f"a{i}", "draft", models[(i - 1) % len(models)]) for i in range(1, count + 1))


def started(count: int, *, models: Sequence[str] = ("openai/gpt-5",), run: str = "r1") -> list[ev.AnyEvent]:
    slots = panel(count, models=models)
    events: list[ev.AnyEvent] = [
        ev.RunStarted(run=run, at=0.0, mode="contemplating", prompt="What is 6 x 7?", plan=ev.Plan(slots))
    ]
    events += [ev.AgentStarted(run=run, at=0.1, agent=s.agent, role="draft", model=s.model) for s in slots]
    return events


def text(agent: str, words: str, at: float = 1.0, run: str = "r1") -> ev.TextDelta:
    return ev.TextDelta(run=run, at=at, agent=agent, text=words)


def finished(agent: str, answer: str | None, at: float = 3.0, tokens: int = 120, run: str = "r1") -> ev.AgentFinished:
    return ev.AgentFinished(
        run=run,
        at=at,
        agent=agent,
        usage=ev.Usage(40, tokens, 0, 0),
        finish="stop",
        ttft=0.4,
        seconds=at - 0.1,
        answer=answer,
        cost=0.0004,
    )


def agreement(outstanding: int, at: float = 3.0, run: str = "r1", **clusters: Sequence[str]) -> ev.Agreement:
    """`agreement(1, _42=("a1", "a2"))`: a leading underscore lets a number be a name."""
    found = tuple(ev.Cluster(a.removeprefix("_"), tuple(who), float(len(who))) for a, who in clusters.items())
    return ev.Agreement(run=run, at=at, clusters=found, outstanding=outstanding)


def ended(
    answer: str = "42", *, dissent: Sequence[ev.Dissent] = (), run: str = "r1", at: float = 12.3
) -> ev.RunFinished:
    return ev.RunFinished(
        run=run,
        at=at,
        method="vote",
        answer=answer,
        usage=ev.Usage(420, 1_000, 0, 0),
        cost=0.002,
        seconds=at,
        planned=5,
        survived=5,
        dissent=tuple(dissent),
    )


def view_of(events: Iterable[ev.AnyEvent]) -> RunView:
    view = RunView()
    for event in events:
        fold(view, event)
    return view
