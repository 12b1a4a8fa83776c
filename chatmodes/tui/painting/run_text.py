"""What the screen says about a run, as sentences and short lines made from its view.

Apart from the widgets because the same words stand in several places (a folded line, an error block, an opened summary)
and must not differ, and because words are what tests can read.
"""

from collections.abc import Iterator, Sequence

from chatmodes import events as ev
from chatmodes.folding import AgentView, RunView
from chatmodes.sanitize import clean, one_line
from chatmodes.tui import figures, tool_text
from chatmodes.tui.agents.summary import summary_line
from chatmodes.tui.agents.wording import clusters_text, explanation, headline, stage_text
from chatmodes.tui.figures import seconds


def thinking(view: RunView, agent: AgentView) -> bool:
    """Whether the agent still reasons. Text of an answer names no agent, so its first delta is what ends this."""
    return agent.ended is None and view.end is None and view.first_answer is None


def reasoning_line(view: RunView, agent: AgentView, now: float) -> str:
    """The one line that reasoning folds to: its time and length."""
    length = f"{agent.reasoning_characters:,} characters"
    began = agent.first_delta if agent.first_delta is not None else agent.started
    if thinking(view, agent):
        parts = [f"Thinking… {seconds(max(0.0, now - began))}", length, auto_reason(view)]
        return " · ".join(filter(None, parts))
    took = agent.reasoning_seconds
    if took is None:
        ends = [at for at in (view.first_answer, agent.ended, view.now) if at is not None]
        took = max(0.0, ends[0] - began)
    return f"Thought for {seconds(took)} · {length}"


def auto_reason(view: RunView) -> str:
    """Why Auto chose the mode; empty where somebody else did."""
    _, _, why = (view.plan.reason if view.plan else "").partition(", ")
    return f"auto, {why.rstrip('.')}" if why else ""


def panel_line(view: RunView, now: float) -> str:
    """The one line that a Contemplating run folds to, under way and after."""
    if view.status != "running":
        return summary_line(view).plain
    # How far the drafts are stands above their panes already.
    parts = [f"{len(view.drafts)} agents", stage_text(view, now) or "drafting", auto_reason(view), ceiling(view.plan)]
    return " · ".join(filter(None, parts))


def ceiling(plan: ev.Plan | None) -> str:
    """The most that a run may generate and cost, said before it is spent; empty where no bound is known."""
    if plan is None or plan.max_tokens is None:
        return ""
    price = f", {figures.cost(plan.max_cost)}" if plan.max_cost else ""
    return f"at most {figures.short(plan.max_tokens)} tokens{price}"


def details(view: RunView) -> str:
    """Everything behind a Contemplating answer as Markdown: agreement, workspace, what was overruled, every draft."""
    return "\n\n".join(_details(view))


def _details(view: RunView) -> Iterator[str]:
    if view.agreement and view.agreement.clusters:
        yield f"**Answers:** {_plain(clusters_text(view.agreement.clusters, most=64, answer_width=60))}"
    if view.distilled:
        yield from _workspace(view.distilled)
    if isinstance(view.end, ev.RunFinished) and view.end.dissent:
        yield "**Overruled**\n\n" + "\n".join(_overruled(dissent) for dissent in view.end.dissent)
    for agent in view.drafts:
        yield _draft(view, agent)


def _overruled(dissent: ev.Dissent) -> str:
    why = f": {_plain(one_line(dissent.reason, 400))}" if dissent.reason else ""
    return f"- {_plain(one_line(dissent.answer, 200))} ({', '.join(dissent.agents)}){why}"


def _workspace(distilled: ev.Distilled) -> Iterator[str]:
    groups: Sequence[tuple[str, tuple[str, ...]]] = (
        ("All drafts say", distilled.consensus),
        ("They contradict each other on", distilled.contradictions),
        ("Only one says", distilled.unique),
        ("None looked at", distilled.blind_spots),
    )
    for title, items in groups:
        if items:
            yield f"**{title}**\n\n" + "\n".join(f"- {one_line(item, 600)}" for item in items)


def _draft(view: RunView, agent: AgentView) -> str:
    took = f" · {seconds(agent.ended - agent.started)}" if agent.ended is not None else ""
    head = f"#### {agent.agent} · {_plain(agent.model)} · {headline(agent, agent.ended or agent.started)}{took}"
    text = clean("".join(agent.text)).strip()
    if agent.error:
        text = "\n\n".join(filter(None, (text, f"*{_plain(one_line(agent.error.message, 400))}*")))
    why = _plain(explanation(agent)) or "nothing came"
    calls = tool_text.draft_lines(tool_text.of_agent(view, agent.agent), view.now)
    return "\n\n".join(filter(None, (head, calls, text or f"*{why}*")))


def _plain(text: str) -> str:
    """Text that Markdown shows as it is."""
    return "".join(f"\\{char}" if char in "\\`*_{}[]<>#|~" else char for char in text)


def error_text(error: ev.Error) -> str:
    """Cause and next step of a failure, as it stands below a prompt."""
    untold = error.status and str(error.status) not in error.message  # most messages name it already
    status = f" (HTTP {error.status})" if untold else ""
    return one_line(f"{error.message}{status} {error.hint}".strip(), 600)
