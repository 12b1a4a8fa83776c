"""Agents' panes as strips: what each line of a pane looks like, given styles and a width."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chatmodes.folding import AgentState, AgentView, RunView, ToolView
from chatmodes.tui import tool_text
from chatmodes.tui.agents import wording
from chatmodes.tui.agents.tail import Tail
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import fitted, model_name, one_line

PARTS = {
    "agents--header",
    "agents--selected",
    "agents--dim",
    "agents--reasoning",
    "agents--agreement",
    "agents--waiting",
    "agents--live",
    "agents--retrying",
    "agents--finished",
    "agents--failed",
}
"""Component classes of the widget, one for each kind of text."""

_STATE_PART: dict[AgentState, str] = {
    "waiting": "agents--waiting",
    "reasoning": "agents--live",
    "writing": "agents--live",
    "calling": "agents--live",
    "retrying": "agents--retrying",
    "finished": "agents--finished",
    "failed": "agents--failed",
    "cancelled": "agents--waiting",
}


@dataclass
class Paint:
    """The widget's styles, looked up once for each theme."""

    styles: Mapping[str, Style]
    base: Style

    def __getitem__(self, part: str) -> Style:
        return self.styles[part]

    @cached_property
    def header_background(self) -> Style:
        return Style(bgcolor=self["agents--header"].bgcolor)

    def state(self, state: AgentState) -> Style:
        return self[_STATE_PART[state]]

    def on_header(self, style: Style) -> Style:
        return style + self.header_background


def blank(width: int, paint: Paint) -> Strip:
    """An empty line."""
    return Strip.blank(width, paint.base)


def _between(left: list[Segment], right: Sequence[Segment], width: int, fill: Style) -> Strip:
    """Left and right with the room between them filled; the left is cut where both do not fit."""
    taken = sum(segment.cell_length for segment in right)
    strip = Strip(left).adjust_cell_length(max(0, width - taken), fill)
    return Strip([*strip, *right], width) if taken <= width else Strip(left).adjust_cell_length(width, fill)


def _figures(agent: AgentView, now: float, room: int) -> str:
    """As many figures as fit, the least wanted left out first."""
    parts = wording.figures_of(agent, now)
    while parts and cell_len(" · ".join(parts)) > room:
        parts.pop(0)
    return " · ".join(parts)


def _label(agent: AgentView, *, mixed: bool, room: int) -> str:
    name = one_line(agent.agent)
    model = model_name(agent.model)
    return f"{name} {fitted(model, room)}" if mixed and room >= 6 else name


def header(agent: AgentView, now: float, width: int, paint: Paint, *, selected: bool, mixed: bool) -> Strip:
    """`● a1 writing      ~310 tok · 8.2 s`."""
    figures = _figures(agent, now, width - 22)
    words_ = wording.headline(agent, now)
    room = width - cell_len(figures) - cell_len(words_) - len(agent.agent) - 7
    label = _label(agent, mixed=mixed, room=room)
    words_ = fitted(words_, width - cell_len(figures) - cell_len(label) - 6)
    plain = paint["agents--selected"] if selected else paint["agents--header"]
    state = plain if selected else paint.on_header(paint.state(agent.state))
    dim = plain if selected else paint.on_header(paint["agents--dim"])
    left = [
        Segment(f" {wording.GLYPHS[agent.state]} ", state),
        Segment(f"{label} ", plain + Style(bold=True)),
        Segment(words_, state),
    ]
    return _between(left, [Segment(f" {figures} ", dim)] if figures else [], width, plain)


def pane_lines(
    agent: AgentView,
    tail: Tail,
    now: float,
    width: int,
    height: int,
    paint: Paint,
    *,
    calls: Sequence[ToolView],
    selected: bool,
    mixed: bool,
) -> list[Strip]:
    """A whole pane: its header, its newest calls, then why it stands still or the last lines of its text."""
    lines = [header(agent, now, width, paint, selected=selected, mixed=mixed)]
    style = paint["agents--reasoning"] if not agent.text else paint.base
    lines += call_lines(
        calls, now, width, paint, most=max(1, height // 4) if height > 2 or agent.state == "calling" else 0
    )
    lines += standing(agent, width, paint)[: height - len(lines)]
    room = height - len(lines)
    # The one line there is shows the newest words of all, not the few that the wrapped text ends with.
    newest = [_newest(tail, width - 1)] if room == 1 else tail.last(room)
    lines += [_text(line, width, style, paint) for line in newest]
    lines += [blank(width, paint)] * (height - len(lines))
    return lines


def call_lines(calls: Sequence[ToolView], now: float, width: int, paint: Paint, *, most: int) -> list[Strip]:
    """The newest of an agent's calls, a line each."""
    shown = calls[-most:] if most > 0 else ()
    return [_text(fitted(tool_text.line(call, now), width - 1), width, paint["agents--dim"], paint) for call in shown]


def standing(agent: AgentView, width: int, paint: Paint) -> list[Strip]:
    """Why the agent stands still, where it does; its calls tell of themselves."""
    if agent.state == "calling":
        return []
    whole = Tail(width - 1)
    whole.feed([wording.explanation(agent)])
    return [_text(line, width, paint["agents--dim"], paint) for line in whole.last(200)]


def _text(line: str, width: int, style: Style, paint: Paint) -> Strip:
    return Strip([Segment(" ", paint.base), Segment(line, style)]).adjust_cell_length(width, paint.base)


def single_line(
    agent: AgentView, tail: Tail, now: float, width: int, paint: Paint, *, selected: bool, mixed: bool
) -> Strip:
    """State, figures and the newest words on one line, for narrow screens and many agents."""
    figures = _figures(agent, now, max(0, min(24, width // 3)))
    state = paint["agents--selected"] if selected else paint.state(agent.state)
    plain = paint["agents--selected"] if selected else paint.base
    label = _label(agent, mixed=mixed, room=12 if width >= 70 else 0)
    words_ = fitted(wording.headline(agent, now), max(9, width // 3))
    left = [
        Segment(f" {wording.GLYPHS[agent.state]} ", state),
        Segment(f"{label} ", plain + Style(bold=True)),
        Segment(words_, state),
    ]
    room = width - sum(segment.cell_length for segment in left) - cell_len(figures) - 4
    if room >= 8:
        text = wording.explanation(agent) or _newest(tail, room)
        style = plain if selected else paint["agents--dim" if agent.text else "agents--reasoning"]
        left.append(Segment(f"  {fitted(text, room)}", style))
    right = Segment(f" {figures} ", plain if selected else paint["agents--dim"])
    return _between(left, [right] if figures else [], width, plain)


def _newest(tail: Tail, room: int) -> str:
    line = " ".join(tail.last(2))
    while cell_len(line) > room:
        _, _, line = line.partition(" ") if " " in line else ("", "", line[cell_len(line) - room :])
    return line


def top_line(view: RunView, now: float, width: int, paint: Paint, hint: str) -> Strip:
    """The agreement so far, what follows it, and a hint where there is room."""
    agreement, stage = wording.agreement_text(view), wording.stage_text(view, now)
    left = [Segment(f" {fitted(agreement, width - 2)}", paint["agents--agreement"])]
    if stage:
        left.append(Segment(f" · {stage}", paint["agents--live"]))
    room = width - sum(segment.cell_length for segment in left)
    right = [Segment(f" {hint} ", paint["agents--dim"])] if hint and room > len(hint) + 4 else []
    return _between(left, right, width, paint.base)


def tab_line(agents: Sequence[AgentView], selected: int, width: int, paint: Paint) -> Strip:
    """All agents as tabs, for the one that is maximised; shifted so that it is always among them."""
    tabs = [f" {wording.GLYPHS[a.state]} {one_line(a.agent)} " for a in agents]
    first = selected
    room = width - len(tabs[selected]) - 2
    while first > 0 and len(tabs[first - 1]) <= room:
        first -= 1
        room -= len(tabs[first])
    segments = [Segment("‹ " if first else "", paint["agents--dim"])]
    for index in range(first, len(agents)):
        style = paint["agents--selected"] if index == selected else paint.state(agents[index].state)
        segments.append(Segment(tabs[index], style))
    hint = [Segment(f" {shown('agents.restore')} shows all ", paint["agents--dim"])] if width >= 60 else []
    return _between(segments, hint, width, paint.base)
