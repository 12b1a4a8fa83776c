"""The quiet line at the bottom: what is under way, what the last answer took, and a word now and then.

How the app uses it: `status.update(view, now)` with the same clock as the panes, while a run is on and once at its end;
`status.clear()` when another conversation is shown; `status.notice(text, severity)` for a sentence that stays `seconds`
(`None`: until the next key or notice, by `status.dismiss()`); the reactive `hint` is shown at the right where there is
room. What is unknown is called unknown: no figure here is guessed, estimates of a running text carry a tilde.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from textual.content import Content
from textual.reactive import reactive
from textual.timer import Timer
from textual.widget import Widget

from chatmodes.tui import figures
from chatmodes.tui.agents import wording
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import fitted, one_line

if TYPE_CHECKING:
    from chatmodes.folding import AgentView, RunView

Severity = Literal["information", "warning", "error"]
_NOTICE_STYLE: dict[Severity, str] = {"information": "$text", "warning": "$text-warning", "error": "$text-error"}
_NOTICE_WORD: dict[Severity, str] = {"information": "", "warning": "warning: ", "error": "error: "}


class StatusLine(Widget):
    """One line. The leftmost parts matter most; the rightmost go first when it gets narrow, the key that stops last."""

    DEFAULT_CSS = """
    StatusLine { height: 1; width: 1fr; padding: 0 1; color: $text-muted; background: $background; }
    """

    hint: reactive[str] = reactive("")
    meter: reactive[tuple[str, bool]] = reactive(("", False))
    """How much of the model's window is taken, and whether that is nearly all."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._parts: list[str] = []
        self._urgent = ""
        self._stops = ""
        """How to end what is under way: the last thing to go."""
        self._notice: tuple[str, Severity] | None = None
        self._timer: Timer | None = None

    def update(self, view: RunView, now: float | None = None) -> None:
        """Show the state of a run at `now`, seconds since it began."""
        moment = view.now if now is None else max(now, view.now)
        self._urgent = retrying(view, moment)
        self._stops = f"{shown('stop')} stops" if view.status == "running" else ""
        self._parts = under_way(view, moment) if view.status == "running" else taken(view)
        self.refresh()

    def clear(self) -> None:
        """Say nothing about a run."""
        self._parts, self._urgent, self._stops = [], "", ""
        self.refresh()

    def notice(self, text: str, severity: Severity = "information", seconds: float | None = 6.0) -> None:
        """Say a sentence in place of the figures for a while."""
        self.dismiss()
        self._notice = (one_line(text), severity)
        if seconds is not None:
            self._timer = self.set_timer(seconds, self.dismiss)
        self.refresh()

    def dismiss(self) -> None:
        """Take a notice away."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self._notice = None
        self.refresh()

    def render(self) -> Content:
        width = self.size.width
        if self._notice is not None:
            text, severity = self._notice
            shown = fitted(f"{_NOTICE_WORD[severity]}{text}", width)
            return Content(shown).stylize(_NOTICE_STYLE[severity])
        stops = self._stops if len(self._stops) <= width else ""
        room = width - (len(stops) + 3 if stops else 0) - (len(self.meter[0]) + 2 if self.meter[1] else 0)
        urgent = fitted(self._urgent, room)
        room -= len(urgent) + 3 if urgent else 0
        parts = list(self._parts)
        while parts and Content(" · ".join(parts)).cell_length > room:
            parts.pop()
        told = " · ".join([*parts, stops] if stops else parts)
        left = Content.assemble((urgent, "$text-warning"), " · " if urgent and told else "", (told, "$text-muted"))
        for right in self._right():
            space = width - left.cell_length - right.cell_length
            if right and space >= 2:
                return Content.assemble(left, " " * space, right)
        return left

    def _right(self) -> tuple[Content, ...]:
        """What may stand at the right end, in the order in which it is tried: the meter stays longer than the hint."""
        text, full = self.meter
        meter = Content.styled(text, "$text-warning" if full else "$text-muted")
        if not (text and self.hint):
            return (meter or Content(self.hint),)
        return Content.assemble(meter, " · ", self.hint), meter


def retrying(view: RunView, now: float) -> str:
    """Who tries again, when and why: the soonest of them; empty where nobody has to."""
    waiting = [agent for agent in view.agents.values() if agent.state == "retrying"]
    if view.status != "running" or not waiting:
        return ""
    agent = min(waiting, key=lambda a: a.retry_at or 0.0)
    who = "" if len(view.agents) == 1 else f"{one_line(agent.agent)} "
    more = f" ({len(waiting) - 1} more)" if len(waiting) > 1 else ""
    return f"{who}{wording.countdown(agent, now)}{more}: {one_line(agent.note)}"


def under_way(view: RunView, now: float) -> list[str]:
    """A running run, what matters most first."""
    live = [agent for agent in view.agents.values() if agent.state in wording.LIVE]
    return [part for part in (_doing(view, live, now), figures.seconds(now), *_speed(view, now)) if part]


def _doing(view: RunView, live: list[AgentView], now: float) -> str:
    stage = wording.stage_text(view, now)
    drafts = view.drafts
    if drafts and not any(agent.role != "draft" for agent in live):
        landed = sum(agent.state not in wording.LIVE for agent in drafts)
        return f"{landed} of {figures.plural(len(drafts), 'draft')} done"
    if drafts:
        return stage
    if not live:
        return "starting"
    agent = live[-1]
    return one_line(agent.note) or {"waiting": "waiting for the first token"}.get(agent.state, agent.state)


def _speed(view: RunView, now: float) -> list[str]:
    count, first = figures.estimated_tokens(view.characters), view.first_sign
    if not count or first is None:
        return []
    parts = [f"~{figures.short(count)} tokens"]
    if now - first >= 0.5:
        parts.append(f"~{figures.short(round(count / (now - first)))} tokens/s")
    return parts


def taken(view: RunView) -> list[str]:
    """What a run that has ended took."""
    end = view.end
    if end is None:
        return []
    parts = {"failed": ["failed"], "cancelled": ["stopped"]}.get(view.status, [])[:]
    ttft, output = view.first_sign, end.usage.output_tokens
    if ttft is not None:
        parts.append(f"first token {figures.seconds(ttft)}")
    if end.seconds is not None:
        parts.append(f"all {figures.seconds(end.seconds)}")
        if output and ttft is not None and end.seconds - ttft > 0.05:
            parts.append(f"{figures.short(round(output / (end.seconds - ttft)))} tokens/s")
    total = None if output is None or end.usage.input_tokens is None else output + end.usage.input_tokens
    if view.status == "failed" and total == end.cost == view.beside == 0:
        return parts  # nothing was sent, or nothing of it was taken: no figures to show
    told = view.beside != 0 and not (view.beside is None and end.cost is None)  # two unknowns are no more than one
    beside = f" (and {figures.cost(view.beside)} for the name)" if told else ""
    parts.append(figures.cost(end.cost) + beside)
    detail = "" if total is None else f" ({end.usage.input_tokens:,} in, {output:,} out)"
    parts.append(f"{figures.tokens(total)}{detail}")
    return parts
