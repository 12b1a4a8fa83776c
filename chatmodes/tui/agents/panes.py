"""The agents of a Contemplating run, live: one widget draws all panes.

Five panes as five widgets cost 3 CPU seconds in 8 and lag 25-40 ms; one widget on the line API with incremental tails
leaves typing smooth at eight agents and 100 tokens a second each (`benchmarks/eight_agents.py`).

How the app uses it:

- `panes.update(view, now)` whenever its flush timer fires: every 100 ms, 150 ms above three panes, and once more at
  the end. `now` is seconds since the run began; without it the newest event's time is taken and countdowns stand
  still.
- `panes.clear()` between runs. Height is `auto`: as many lines as are useful, at most `DRAFTING` percent of the screen
  and, once the answer is being written above them, `ANSWERING`; a `max-height` in the app's CSS is respected.
  `panes.offer(blank)` at each frame says how many rows stand blank above them, and they use those too. While one agent
  is maximised they take nine parts of ten of what is above.
- `AgentPanes.Closed` is posted when they had the focus and there is nothing to show any more: they cannot be focused
  without an agent.
- Keys, when focused: arrows or n / p select an agent, enter or m maximises it, escape goes back (it bubbles on when
  nothing is maximised). `action_next_agent`, `action_previous_agent` and `action_maximise` are there for bindings of
  the app's own. A click on a pane maximises it; a click on the line of tabs above it goes back.
"""

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from chatmodes.folding import AgentView, RunView, ToolView
from chatmodes.tui.agents.layout import GAP, Arrangement, arrange, roomy_height, wished_height
from chatmodes.tui.agents.page import Page, strip_of
from chatmodes.tui.agents.paint import (
    PARTS,
    Paint,
    blank,
    call_lines,
    pane_lines,
    single_line,
    standing,
    tab_line,
    top_line,
)
from chatmodes.tui.agents.paint import header as header_line
from chatmodes.tui.agents.tail import Tail
from chatmodes.tui.host import keymap
from chatmodes.tui.tool_text import of_agent
from chatmodes.tui.transcript import theme
from chatmodes.tui.transcript.inks import Inks

AIR = 2
"""Rows left blank above the panes: a prompt that grows by a line moves nothing."""


DRAFTING, ANSWERING = 55, 45
"""Percent of the screen that panes may take while the drafts are what is read, and while the answer is."""


class AgentPanes(Widget, can_focus=True):
    """Live panes of a run's drafts under one line that says how they agree."""

    DEFAULT_CSS = (
        f"""
    AgentPanes {{
        {theme.RULES}
    }}
    """
        """
    AgentPanes {
        height: auto;
        width: 1fr;
        &.-maximised { height: 9fr; max-height: 100%; }
        color: $text;
        background: $background;
        & .agents--header { background: $panel; color: $text; }
        & .agents--selected { background: $primary; color: $background; text-style: bold; }
        & .agents--dim { color: $text-muted; }
        & .agents--reasoning { color: $text-muted; text-style: italic; }
        & .agents--agreement { color: $text; text-style: bold; }
        & .agents--waiting { color: $text-muted; }
        & .agents--live { color: $text-primary; }
        & .agents--retrying { color: $text-warning; }
        & .agents--finished { color: $text-success; }
        & .agents--failed { color: $text-error; }
        &:ansi .agents--selected { background: ansi_default; color: ansi_default; text-style: reverse; }
    }
    """
    )
    COMPONENT_CLASSES: ClassVar[set[str]] = PARTS | theme.COMPONENTS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,down,n", "next_agent", "Next agent", id="agents.next"),
        Binding("left,up,p", "previous_agent", "Previous agent", id="agents.previous"),
        Binding("enter,m", "maximise", "Maximise", id="agents.maximise"),
        Binding("escape", "restore", "All agents", id="agents.restore"),
    ]
    FOCUS_ON_CLICK = False

    selected: reactive[int] = reactive(0, init=False)
    maximised: reactive[bool] = reactive(False, init=False)

    class Closed(Message):
        """There is nothing left for the keyboard to be on."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._view = RunView()
        self._agents: list[AgentView] = []
        self._tails: dict[str, Tail] = {}
        self._painted: dict[str, tuple[object, list[Strip]]] = {}
        self._paint: Paint | None = None
        self._inks: Inks | None = None
        self._page: Page | None = None
        """Of the maximised agent."""
        self._offered: tuple[object, int] = (None, 0)
        """For which run on which size of screen, how many lines."""
        self._updates = 0
        self._now = 0.0
        self._top = 0
        self._mixed = False
        self._answering = False
        """Whether the run's answer has begun."""

    def update(self, view: RunView, now: float | None = None) -> None:
        """Show `view` as it is at `now`, seconds since the run began. The view is read again at the next paint."""
        if view.run != self._view.run:
            self._tails.clear()
            self._top = 0
            self.selected, self.maximised = 0, False
        shape = len(self._agents), self._answering
        self._updates += 1
        self._view, self._now = view, view.now if now is None else max(now, view.now)
        self._agents = view.drafts
        self._mixed = len({agent.model for agent in self._agents}) > 1
        self._answering = view.first_answer is not None
        self.refresh(layout=(len(self._agents), self._answering) != shape)

    def clear(self) -> None:
        """Show nothing."""
        self._view, self._agents, self._top, self._answering = RunView(), [], 0, False
        self._tails.clear()
        self._painted.clear()
        self.selected, self.maximised = 0, False
        self.refresh(layout=True)
        if self.has_focus:
            self.post_message(self.Closed())

    def allow_focus(self) -> bool:
        return bool(self._agents)

    @property
    def selected_agent(self) -> str | None:
        """The id of the agent that keys act on."""
        return self._agents[self.selected].agent if self.selected < len(self._agents) else None

    # Size and place

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's
        """The agreement line and the panes; nothing where there is no draft to show."""
        if not self._agents:
            return 0
        share = ANSWERING if self._answering else DRAFTING
        limit = max(2, viewport.height * share // 100)
        free = roomy_height(width, self._offered[1] - 1, len(self._agents))
        return 1 + max(wished_height(width, limit - 1, len(self._agents)), free)

    def offer(self, blank: int) -> None:
        """So many rows stand blank above the panes; with fewer than none the transcript needs what they have.

        Taken once for each run and size of the screen, and given back as a whole when the transcript needs it: a height
        that followed the text would move every line at every token.
        """
        key = (self._view.run, self.app.size)
        if self.maximised or not self._agents:
            return
        if key != self._offered[0]:
            self._offered = key, max(0, self.size.height + blank - AIR)
        elif blank < 0 and self._offered[1]:
            self._offered = key, 0
        else:
            return
        self.refresh(layout=True)

    def _arranged(self) -> Arrangement:
        return arrange(self.size.width, self.size.height - 1, len(self._agents))

    def _scroll_to_selected(self) -> None:
        layout = self._arranged()
        row = self.selected // layout.columns
        self._top = max(0, min(max(self._top, row - layout.shown + 1), row, layout.rows - layout.shown))

    # Painting

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._paint = self._inks = self._page = None
        self._painted.clear()

    def _painter(self) -> Paint:
        if self._paint is None:
            self._paint = Paint({name: self.get_component_rich_style(name) for name in PARTS}, self.rich_style)
        return self._paint

    def render_line(self, y: int) -> Strip:
        width, paint = self.size.width, self._painter()
        if not self._agents or y >= self.size.height:
            return blank(width, paint)
        if self.maximised:
            return self._line_of_maximised(y, width, paint)
        layout = self._arranged()
        self._top = max(0, min(self._top, layout.rows - layout.shown))
        if y == 0:
            return top_line(self._view, self._now, width, paint, self._hint(layout))
        row, line = divmod(y - 1, layout.pane_height)
        first = (row + self._top) * layout.columns
        if row >= layout.shown or first >= len(self._agents):
            return blank(width, paint)
        strips: list[Strip] = []
        for index in range(first, min(first + layout.columns, len(self._agents))):
            if strips:
                strips.append(blank(GAP, paint))
            strips.append(self._pane_line(index, line, layout.pane_width, layout.pane_height, paint))
        return Strip.join(strips).adjust_cell_length(width, self.rich_style)

    def _hint(self, layout: Arrangement) -> str:
        hidden = len(self._agents) - layout.shown * layout.columns
        if hidden > 0:
            return f"{hidden} more, scroll"
        maximises, agents = keymap.shown("agents.maximise"), keymap.shown("agents")
        return f"{maximises} maximises" if self.has_focus else f"{agents} chooses one"

    def _line_of_maximised(self, y: int, width: int, paint: Paint) -> Strip:
        if y == 0:
            return tab_line(self._agents, self.selected, width, paint)
        height = self.size.height - 1
        agent = self._agents[self.selected]
        key = (self._updates, width, height, "page")
        cached = self._painted.get(agent.agent)
        if cached is None or cached[0] != key:
            cached = self._painted[agent.agent] = (key, self._whole_page(agent, width, height, paint))
        return cached[1][y - 1]

    def _whole_page(self, agent: AgentView, width: int, height: int, paint: Paint) -> list[Strip]:
        """The maximised agent: its header, why it stands still, and its text as Markdown."""
        lines = [header_line(agent, self._now, width, paint, selected=True, mixed=self._mixed)]
        lines += call_lines(self._calls(agent), self._now, width, paint, most=height // 3)
        lines += standing(agent, width, paint)[: height - len(lines)]
        if self._inks is None:
            self._inks = theme.inks_of(self)
        source = "text" if agent.text else "reasoning"  # what an agent thinks shows until it writes
        palette = self._inks.palette("answer" if agent.text else "reasoning")
        key = (self._view.run, agent.agent, source, width)
        if self._page is None or self._page.key != key:
            self._page = Page(key, width - 2, palette)
        self._page.feed(agent.text or agent.reasoning)
        lines += [strip_of(line, width, paint) for line in self._page.last(height - len(lines))]
        return lines + [blank(width, paint)] * (height - len(lines))

    def _pane_line(self, index: int, line: int, width: int, height: int, paint: Paint) -> Strip:
        agent = self._agents[index]
        chosen = index == self.selected and (self.has_focus or self.maximised)
        if height == 1:
            tail = self._tail(agent, max(width, 8))
            return single_line(agent, tail, self._now, width, paint, selected=chosen, mixed=self._mixed)
        key = (self._updates, width, height, chosen)
        cached = self._painted.get(agent.agent)
        if cached is None or cached[0] != key:
            tail = self._tail(agent, width - 1)
            calls = self._calls(agent)
            lines = pane_lines(
                agent, tail, self._now, width, height, paint, calls=calls, selected=chosen, mixed=self._mixed
            )
            cached = self._painted[agent.agent] = (key, lines)
        return cached[1][line]

    def _calls(self, agent: AgentView) -> list[ToolView]:
        return of_agent(self._view, agent.agent) if self._view.tools else []

    def _tail(self, agent: AgentView, width: int) -> Tail:
        tail = self._tails.get(agent.agent)
        if tail is None or tail.width != width:
            tail = self._tails[agent.agent] = Tail(width)
        # What an agent thinks shows until it writes.
        tail.feed(agent.text or agent.reasoning, source="text" if agent.text else "reasoning")
        return tail

    # Keys and mouse

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self.refresh()

    def watch_selected(self) -> None:
        if self._agents:
            self._scroll_to_selected()

    def watch_maximised(self, value: bool) -> None:
        self.set_class(value, "-maximised")
        if not value:
            self._page = None

    def _select(self, index: int) -> None:
        if self._agents:
            self.selected = index % len(self._agents)

    def action_next_agent(self) -> None:
        """Select the next agent, the first after the last."""
        self._select(self.selected + 1)

    def action_previous_agent(self) -> None:
        """Select the agent before, the last before the first."""
        self._select(self.selected - 1)

    def action_maximise(self) -> None:
        """Give the selected agent the whole widget, or all of them their panes back."""
        if self._agents:
            self.maximised = not self.maximised

    def action_restore(self) -> None:
        """Show all agents again."""
        self.maximised = False

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Escape belongs to the app, where it cancels a run, unless something is maximised."""
        return self.maximised if action == "restore" else True

    def agent_at(self, x: int, y: int) -> int | None:
        """The index of the agent whose pane is at this place of the widget."""
        if y == 0 or self.maximised or not self._agents:
            return None
        layout = self._arranged()
        row, column = (y - 1) // layout.pane_height, x // (layout.pane_width + GAP)
        index = (row + self._top) * layout.columns + column
        inside = row < layout.shown and column < layout.columns and index < len(self._agents)
        return index if inside else None

    def on_click(self, event: events.Click) -> None:
        event.stop()
        if self.maximised:
            self.maximised = event.y != 0
            return
        index = self.agent_at(event.x, event.y)
        if index is None:
            return
        self.selected = index
        self.maximised = True

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(event, 1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(event, -1)

    def _scroll(self, event: events.MouseEvent, rows: int) -> None:
        if not self._agents or self.maximised:
            return
        layout = self._arranged()
        top = max(0, min(self._top + rows, layout.rows - layout.shown))
        if top != self._top:
            event.stop()
            self._top = top
            self.refresh()


keymap.learn("chat/agents", AgentPanes.BINDINGS)
