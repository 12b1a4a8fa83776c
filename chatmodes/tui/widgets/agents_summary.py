"""A finished run of agents in one line, and that line unfolded: what the transcript shows once the panes are gone.

Plain functions from a `RunView` to `Content`, so that a live run, a stored one and a comparison read alike. Text is
never markup here, styles are the theme's variables.
"""

from collections.abc import Iterator

from textual.content import Content

from chatmodes import events as ev
from chatmodes.folding import AgentView, RunView
from chatmodes.tui import figures
from chatmodes.tui.widgets import agents_words as words

MUTED = "$text-muted"
_STATE_STYLE = {"finished": "$text-success", "failed": "$text-error", "cancelled": "$text-muted"}
_METHODS: dict[ev.Method, str] = {
    "vote": "settled by vote",
    "select": "one draft chosen",
    "synthesis": "reconciled",
    "fallback": "the best single draft",
    "single": "one call",
}


def summary_line(view: RunView) -> Content:
    """`5 agents · 4 agree on 42 · 12.3 s · 1,420 tokens · $0.002`, with what is missing said first."""
    agents = words.drafts(view)
    survived = sum(agent.state == "finished" for agent in agents)
    count = figures.plural(len(agents), "agent")
    parts = [count if survived == len(agents) else f"{survived} of {count}"]
    largest = _largest(view)
    if largest is not None and (len(largest.agents) > 1 or survived == 1):
        verb = "agrees" if len(largest.agents) == 1 else "agree"
        parts.append(f"{len(largest.agents)} {verb} on {words.fitted(words.one_line(largest.answer), 40)}")
    elif largest is not None:
        parts.append("no two agree")
    if isinstance(view.end, ev.RunFinished):
        if largest is None or view.end.method not in ("vote", "single"):
            parts.append(_METHODS[view.end.method])
    elif view.end is not None:
        parts.append("failed" if isinstance(view.end, ev.RunFailed) else "stopped")
    parts += _bill(view)
    return Content(" · ".join(parts)).stylize(MUTED)


def _largest(view: RunView) -> ev.Cluster | None:
    clusters = view.agreement.clusters if view.agreement else ()
    return max(clusters, key=lambda c: (c.weight or len(c.agents), len(c.agents)), default=None)


def _bill(view: RunView) -> list[str]:
    end = view.end
    if end is None:
        return []
    usage = end.usage
    total = None
    if usage.input_tokens is not None and usage.output_tokens is not None:
        total = usage.input_tokens + usage.output_tokens
    seconds = [] if end.seconds is None else [figures.seconds(end.seconds)]
    return [*seconds, figures.tokens(total), figures.cost(end.cost)]


def detail_lines(view: RunView) -> list[Content]:
    """The summary unfolded: what was kept, what was overruled and why, then every draft in full.

    One `Content` a line, unwrapped; a draft's own lines are indented by two cells.
    """
    lines = [*_verdict(view), *_workspace(view)]
    for agent in words.drafts(view):
        lines += [Content(""), *_draft(agent, _fate(view, agent))]
    return lines


def _verdict(view: RunView) -> Iterator[Content]:
    end = view.end
    if isinstance(end, ev.RunFinished):
        yield Content.assemble(("Method: ", MUTED), _METHODS[end.method])
        if end.degraded:
            yield Content.assemble(("Note: ", "$text-warning"), words.one_line(end.degraded))
    elif isinstance(end, ev.RunFailed):
        yield Content.assemble(("Failed: ", "$text-error"), words.one_line(f"{end.error.message} {end.error.hint}"))
    elif isinstance(end, ev.RunCancelled):
        yield Content.assemble(("Stopped: ", "$text-warning"), words.one_line(end.reason))
    if view.agreement and view.agreement.clusters:
        text = words.clusters_text(view.agreement.clusters, most=64, answer_width=60)
        yield Content.assemble(("Answers: ", MUTED), text)
    for dissent in end.dissent if isinstance(end, ev.RunFinished) else ():
        who = ", ".join(map(words.one_line, dissent.agents))
        why = f": {words.one_line(dissent.reason)}" if dissent.reason else ""
        answer = words.fitted(words.one_line(dissent.answer), 60)
        yield Content.assemble(("Overruled: ", "$text-warning"), f"{answer} ({who}){why}")


def _workspace(view: RunView) -> Iterator[Content]:
    found = view.distilled
    if found is None:
        return
    for title, points in (
        ("Kept by all", found.consensus),
        ("Contradictions", found.contradictions),
        ("Said by one", found.unique),
        ("Seen by none", found.blind_spots),
    ):
        if points:
            yield Content(title).stylize("bold")
            for point in points:
                yield Content(f"  - {words.one_line(point)}")


def _fate(view: RunView, agent: AgentView) -> str:
    if not isinstance(view.end, ev.RunFinished) or agent.state != "finished":
        return ""
    if any(agent.agent in dissent.agents for dissent in view.end.dissent):
        return "overruled"
    largest = _largest(view)
    if largest is not None and agent.agent in largest.agents and view.end.method == "vote":
        return "kept"
    return ""


def _draft(agent: AgentView, fate: str) -> Iterator[Content]:
    style = _STATE_STYLE.get(agent.state, "$text-primary")
    head = f"{words.GLYPHS[agent.state]} {words.one_line(agent.agent)} "
    state = words.headline(agent, agent.ended or agent.started)
    bill = [words.model_name(agent.model)]
    if agent.ended is not None:
        bill.append(figures.seconds(agent.ended - agent.started))
    bill.append(figures.tokens(agent.usage.output_tokens))
    bill.append(figures.cost(agent.cost))
    yield Content.assemble(
        (head, f"bold {style}"), (state, style), f", {fate}" if fate else "", (f"  {' · '.join(bill)}", MUTED)
    )
    if why := words.explanation(agent):
        yield Content(f"  {why}").stylize(MUTED)
    for line in words.clean("".join(agent.text)).strip().split("\n") if agent.text else ():
        yield Content(f"  {line}")
