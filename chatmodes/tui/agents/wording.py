"""What is said about an agent and about how agents agree: glyphs, words, the agreement line.

Every state has a word and a glyph, since colour alone is lost on some readers and under NO_COLOR.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chatmodes.tui import figures
from chatmodes.tui.names import fitted, model_name, one_line

if TYPE_CHECKING:  # the status line is in the first frame, and no run is
    from chatmodes import events as ev
    from chatmodes.folding import AgentState, AgentView, RunView

GLYPHS: dict[AgentState, str] = {
    "waiting": "○",
    "reasoning": "◐",
    "writing": "●",
    "calling": "◇",
    "retrying": "↻",
    "finished": "✓",
    "failed": "✗",
    "cancelled": "■",
}
STAGES: dict[ev.AgentRole, str] = {
    "distil": "comparing the drafts",
    "reconcile": "reconciling",
    "judge": "judging",
    "classify": "choosing a mode",
    "answer": "answering",
}
LIVE: frozenset[AgentState] = frozenset({"waiting", "reasoning", "writing", "calling", "retrying"})


def elapsed(agent: AgentView, now: float) -> float:
    """Seconds the agent has taken so far or took."""
    return (agent.ended if agent.ended is not None else max(now, agent.started)) - agent.started


def token_figure(agent: AgentView) -> str:
    """The server's count once it is there; an estimate with a tilde while the text grows; nothing before."""
    if agent.usage.output_tokens is not None:
        return f"{figures.short(agent.usage.output_tokens)} tok"
    if agent.characters:
        return f"~{figures.short(figures.estimated_tokens(agent.characters))} tok"
    return ""


def figures_of(agent: AgentView, now: float) -> list[str]:
    """Tokens, seconds and cost as far as they are known, the most wanted last so that the first may be left out."""
    parts = [token_figure(agent), figures.seconds(elapsed(agent, now))]
    if agent.cost is not None:
        parts.insert(0, figures.cost(agent.cost))
    return [part for part in parts if part]


def countdown(agent: AgentView, now: float) -> str:
    """When a retrying agent tries again."""
    left = (agent.retry_at or now) - now
    when = f"again in {figures.seconds(left)}" if left > 0 else "trying again"
    return f"{when} (attempt {agent.attempt})"


def headline(agent: AgentView, now: float) -> str:
    """The agent's state in words: `finished: 42`, `again in 3.2 s (attempt 2)`."""
    if agent.state == "retrying":
        return countdown(agent, now)
    if agent.state == "finished":
        return f"finished: {one_line(agent.answer)}" if agent.answer else "finished"
    return agent.state


def explanation(agent: AgentView) -> str:
    """Why an agent waits, retries or has ended without a draft; empty where its text speaks for itself."""
    if agent.state == "failed" and agent.error is not None:
        return one_line(f"{agent.error.message} {agent.error.hint}")
    if agent.state in ("waiting", "calling", "retrying", "cancelled"):
        return one_line(agent.note)
    return ""


def clusters_text(clusters: Sequence[ev.Cluster], *, most: int = 4, answer_width: int = 24) -> str:
    """`42 ×3 · 41 ×1`, the largest first."""
    ordered = sorted(clusters, key=lambda c: (-(c.weight or len(c.agents)), -len(c.agents)))
    parts = [f"{fitted(one_line(c.answer) or '(no answer)', answer_width)} ×{len(c.agents)}" for c in ordered[:most]]
    if len(ordered) > most:
        parts.append(f"{len(ordered) - most} more")
    return " · ".join(parts)


def agreement_text(view: RunView) -> str:
    """How the drafts that have landed agree, and who is still out."""
    planned = [slot for slot in view.plan.slots if slot.role == "draft"] if view.plan else []
    agents = view.drafts
    count = (
        len(agents) if view.end else max(len(planned), len(agents))
    )  # what was planned may have had no need to begin
    landed = sum(a.state == "finished" for a in agents)
    gone = {word: sum(a.state == word for a in agents) for word in ("failed", "cancelled")}
    out = count - landed - sum(gone.values())
    parts = [clusters_text(view.agreement.clusters)] if view.agreement and view.agreement.clusters else []
    if not parts:
        parts.append(f"{landed} of {figures.plural(count, 'draft')} in")
    elif out:
        parts.append(f"{out} out")
    parts += [f"{number} {word}" for word, number in gone.items() if number]
    return " · ".join(parts)


def stage_text(view: RunView, now: float) -> str:
    """What follows the drafts, while it is under way: `reconciling with gpt-5, 3.2 s`."""
    for agent in reversed(view.agents.values()):
        if agent.role != "draft" and agent.state in LIVE:
            stage = STAGES.get(agent.role, agent.role)
            if agent.state == "retrying":
                return f"{stage}: {countdown(agent, now)}"
            return f"{stage} with {model_name(agent.model)}, {figures.seconds(elapsed(agent, now))}"
    return ""
