"""What stands above and under a column: its name, its state and its figures, as words.

Apart from the widgets because tabs, columns, the pick and the differences name a column alike, and because a blind
comparison hides names and figures in one place.
"""

from chatmodes import events as ev
from chatmodes.folding import RunView
from chatmodes.sanitize import one_line
from chatmodes.tui import figures
from chatmodes.tui.agents.wording import clusters_text, countdown, stage_text
from chatmodes.tui.compare.contest import Contest, Contestant
from chatmodes.tui.names import mode_name, short_model

MARKS = {"running": "●", "finished": "✓", "failed": "✗", "cancelled": "■"}
STYLES = {
    "running": "$text-primary",
    "finished": "$text-success",
    "failed": "$text-error",
    "cancelled": "$text-warning",
}


def name(contest: Contest, column: Contestant) -> str:
    """`◇ Thinking · openai/gpt-5`; in a blind comparison its letter alone."""
    if contest.hidden:
        return f"Answer {column.letter}"
    parts = [mode_name(column.mode), one_line(short_model(column.model))] if column.model else [mode_name(column.mode)]
    return " · ".join(parts)


def tab(contest: Contest, column: Contestant) -> str:
    """A column's name where there is little room: without what all columns have in common."""
    if contest.hidden:
        return name(contest, column)
    modes, models = ({one.mode for one in contest.columns}, {one.model for one in contest.columns})
    if column.model and len(models) > 1 == len(modes):
        return one_line(short_model(column.model))
    return mode_name(column.mode) if len(models) == 1 and len(modes) > 1 else name(contest, column)


def state(column: Contestant) -> str:
    """One of `MARKS`' words."""
    if column.failure is not None:
        return "failed"
    return column.view.status


def doing(column: Contestant) -> str:
    """What a running column is at, in a word or two."""
    view = column.view
    now = column.live.now if column.live else 0.0
    for agent in view.agents.values():
        if agent.state == "retrying":
            return f"{countdown(agent, now)}: {one_line(agent.note)}"
    if view.drafts and not view.answer:
        landed = sum(agent.ended is not None for agent in view.drafts)
        return stage_text(view, now) or f"{landed} of {figures.plural(len(view.drafts), 'draft')} done"
    working = [agent for agent in view.agents.values() if agent.ended is None]
    note = one_line(working[-1].note) if working else ""
    if note:
        return note
    if view.answer:
        return "writing"
    return "reasoning" if any(agent.reasoning for agent in view.agents.values()) else "waiting"


def figure_lines(contest: Contest, column: Contestant) -> tuple[str, str, str]:
    """Three lines under a column: time, tokens and cost, agents and agreement."""
    view = column.view
    if contest.hidden:
        return (doing_hidden(column), "figures are shown after the pick", "")
    if column.live is None:
        return ("not begun", "", "")
    first = view.first_sign
    ttft = "no token yet" if first is None else f"first token {figures.seconds(first)}"
    time = figures.seconds(column.live.now)
    if view.end is None:
        count = figures.estimated_tokens(view.characters)
        return (f"{doing(column)} · {time}", f"{ttft} · ~{figures.short(count)} tokens", _panel(view))
    end = view.end
    taken = figures.seconds(end.seconds) if end.seconds is not None else time
    bill = f"{figures.tokens(end.usage.output_tokens)} · {figures.cost(end.cost)}"
    return (f"{ttft} · all {taken}", bill, _panel(view))


def doing_hidden(column: Contestant) -> str:
    """The state without what would give the mode away."""
    return {"running": "answering", "finished": "answered", "failed": "failed", "cancelled": "stopped"}[state(column)]


def _panel(view: RunView) -> str:
    agents = view.drafts
    if not agents:
        return ""
    end = view.end
    survived = end.survived if isinstance(end, ev.RunFinished) else sum(a.state == "finished" for a in agents)
    planned = end.planned if isinstance(end, ev.RunFinished) else len(agents)
    parts = [f"{survived} of {figures.plural(planned, 'agent')}"]
    if view.agreement and view.agreement.clusters:
        parts.append(clusters_text(view.agreement.clusters, most=3, answer_width=16))
    return " · ".join(parts)
