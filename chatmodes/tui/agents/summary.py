"""A finished run of agents in one line: what the transcript shows once the panes are gone.

A plain function of a `RunView`, so that a live run, a stored one and a comparison read alike. Text is never markup.
"""

from textual.content import Content

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.tui import figures
from chatmodes.tui.names import fitted, one_line

MUTED = "$text-muted"
_METHODS: dict[ev.Method, str] = {
    "vote": "settled by vote",
    "select": "one draft chosen",
    "synthesis": "reconciled",
    "fallback": "the best single draft",
    "single": "one call",
}


def summary_line(view: RunView) -> Content:
    """`5 agents · 4 agree on 42 · 12.3 s · 1,420 tokens · $0.002`, with what is missing said first."""
    agents = view.drafts
    survived = sum(agent.state == "finished" for agent in agents)
    count = figures.plural(len(agents), "agent")
    parts = [count if survived == len(agents) else f"{survived} of {count}"]
    largest = _largest(view)
    if largest is not None and (len(largest.agents) > 1 or survived == 1):
        verb = "agrees" if len(largest.agents) == 1 else "agree"
        parts.append(f"{len(largest.agents)} {verb} on {fitted(one_line(largest.answer), 40)}")
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
