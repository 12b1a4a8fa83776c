"""One prompt through several modes and models, side by side: the screen.

The way in and out is in `opening`, what happens in `contest`, what a column looks like in `column`; here keys and
layout meet.
"""

from typing import ClassVar, Literal

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.timer import Timer

from chatmodes.modes import base
from chatmodes.tui.compare import captions
from chatmodes.tui.compare.asking import cost_question
from chatmodes.tui.compare.column import ColumnTranscript, CompareColumn
from chatmodes.tui.compare.contest import PICKED, Contest
from chatmodes.tui.compare.edges import ColumnTabs, KeyLine, PromptLine
from chatmodes.tui.compare.keys import CompareKeys
from chatmodes.tui.compare.ports import Opener, Taking
from chatmodes.tui.compare.scrolling import Together
from chatmodes.tui.dialogs.picking import PickScreen, Row
from chatmodes.tui.host.application import TerminalApp
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import mode_name
from chatmodes.tui.painting import run_text

TICK = 0.035
"""Seconds between two columns' frames."""
ROUND = 4
"""Ticks in which every column is drawn once: all four in one frame made keys wait twice as long as one at a time."""
TABS_BELOW = 100
"""Cells; a narrower terminal shows one column at a time."""
LEAST = 34
"""Cells a column needs: in less, code and tables cannot be read."""


class CompareScreen(CompareKeys, Screen[None]):
    """The columns. Gives nothing: what was picked is in the contest."""

    app: TerminalApp
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = CompareKeys.BINDINGS
    DEFAULT_CSS = """
    CompareScreen { layout: vertical; background: $background; }
    CompareScreen #columns { height: 1fr; }
    """

    def __init__(self, contest: Contest, bound: float | None, opener: Opener, taking: Taking) -> None:
        super().__init__()
        self.contest, self._opener, self._taking = contest, opener, taking
        self.prompt_line = PromptLine(contest, bound)
        self.tabs = ColumnTabs(contest)
        self.keys = KeyLine(contest)
        self.columns = [CompareColumn(contest, column) for column in contest.columns]
        self.chosen: CompareColumn | None = self.columns[0] if self.columns else None
        self.maximised = False
        self._together = Together()
        self._frames: Timer | None = None
        self._turn = 0
        self._announced = False

    def compose(self) -> ComposeResult:
        """Prompt, tabs, columns, keys."""
        yield self.prompt_line
        yield self.tabs
        with Horizontal(id="columns"):
            yield from self.columns
        yield self.keys

    def on_mount(self) -> None:
        """Frames are drawn from here on."""
        self._frames = self.set_interval(TICK, self._tick)
        self._arrange()
        self.app.announce_start(self.contest.text)

    # Frames

    def _tick(self) -> None:
        # A hidden column is caught up with when it is shown.
        due = [column for column in self.columns if column.display and column.stale]
        running = bool(self.contest.running)
        self._turn += 1
        for column in due[self._turn % ROUND :: ROUND] if running else due:
            column.draw()
        if self._turn % ROUND == 0 or not running:
            self.keys.refresh()
            if self.tabs.display:
                self.tabs.refresh()
        if not running:
            self._finish_frames()

    def _finish_frames(self) -> None:
        if self._frames is not None:
            self._frames.pause()
        ended = [column.live for column in self.contest.columns if column.live is not None]
        for live in ended:
            if live.run.unsaved is not None:
                self._tell(f"{live.run.unsaved.message} {live.run.unsaved.hint}", "warning")
        if ended and not self._announced:
            self._announced = True
            last = max(ended, key=lambda live: live.now)
            self.app.announce_end(last.view, last.now)

    def _resume(self) -> None:
        self._announced = False
        if self._frames is not None:
            self._frames.resume()

    # Layout

    def on_resize(self, event: events.Resize) -> None:
        """As many columns as there is room for."""
        del event
        self._arrange()

    @property
    def shown(self) -> list[CompareColumn]:
        """The columns on screen: all, or as many as fit around the chosen one."""
        width = self.size.width
        fitting = 1 if self.maximised or width < TABS_BELOW else max(1, width // LEAST)
        if fitting >= len(self.columns) or self.chosen is None:
            return self.columns
        at = self.columns.index(self.chosen)
        first = min(max(0, at - fitting // 2), len(self.columns) - fitting)
        return self.columns[first : first + fitting]

    def _arrange(self) -> None:
        shown = self.shown
        for column in self.columns:
            column.display = column in shown
            column.set_class(len(shown) == 1, "-maximised")
            column.choose(column is self.chosen and len(self.columns) > 1)
            if column.display:
                column.draw()
                column.heading.refresh()
        self.tabs.display = len(shown) < len(self.columns)
        self.tabs.chosen = self.chosen.column if self.chosen else None
        self.tabs.refresh()
        self.keys.refresh()
        if self.chosen is not None and self.focused is not self.chosen.transcript and self.chosen.is_mounted:
            self.chosen.transcript.focus()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A click chooses a column too."""
        for column in self.columns:
            if event.widget is column.transcript and column is not self.chosen:
                self.chosen = column
                self._arrange()

    @on(ColumnTabs.Chosen)
    def _tab(self, event: ColumnTabs.Chosen) -> None:
        self.chosen = next(column for column in self.columns if column.column is event.column)
        self._arrange()

    @on(ColumnTranscript.Moved)
    def _moved(self, event: ColumnTranscript.Moved) -> None:
        if self.prompt_line.together:
            others = [c.transcript for c in self.shown if c.transcript is not event.transcript]
            self._together.follow(event.transcript, others)

    def action_turn(self, by: int) -> None:
        """Another column."""
        if self.chosen is not None:
            self.chosen = self.columns[(self.columns.index(self.chosen) + by) % len(self.columns)]
            self._arrange()

    def action_maximise(self) -> None:
        """One column alone, or all of them."""
        self.maximised = not self.maximised
        self._arrange()

    def action_together(self) -> None:
        """Scroll together, or freely."""
        self.prompt_line.together = not self.prompt_line.together
        self.prompt_line.refresh()
        if self.prompt_line.together and self.chosen is not None:
            self._moved(ColumnTranscript.Moved(self.chosen.transcript))

    # Columns

    def action_add(self) -> None:
        """Choose a mode and a model, while the others run on."""
        self._opener.do(self._add(), group="compare")

    async def _add(self) -> None:
        from chatmodes.tui.dialogs.models import ModelPicker

        if self.contest.hidden:
            self._tell("A column can be added once the answers have their names, after the pick.")
            return
        mode = await self.app.push_screen_wait(ModePicker())
        if mode is None:
            return
        catalog = self.contest.engine.backend.catalog
        model = await self.app.push_screen_wait(ModelPicker(catalog, self.chosen.column.model if self.chosen else ""))
        if model is None:
            return
        bound = self._bound_of(mode, model or None)
        limit = self.contest.chat.settings.compare.cost_limit
        if bound is not None and bound > limit and not await self._agreed(bound, limit):
            return
        column = CompareColumn(self.contest, await self.contest.add(mode, model or None))
        await self.query_one("#columns").mount(column)
        self.columns.append(column)
        self.chosen = column
        self._resume()
        self._arrange()

    def _bound_of(self, mode: str, model: str | None) -> float | None:
        from chatmodes.comparing.foresee import foreseen
        from chatmodes.settings import ConfigError

        try:
            return foreseen(self.contest.chat, [(mode, model)], [self.contest.text])
        except ConfigError:
            return None  # the column itself says that there is no model

    async def action_drop(self) -> None:
        """Take the chosen column away and stop its run, and no other."""
        column = self.chosen
        if column is None or len(self.columns) < 2:
            self._tell(f"The last column stays. {shown('compare.leave')} leaves the comparison.")
            return
        at = self.columns.index(column)
        self.contest.drop(column.column)
        self.columns.remove(column)
        self.chosen = self.columns[min(at, len(self.columns) - 1)]
        await column.remove()
        self._arrange()

    # Reading

    def action_differences(self) -> None:
        """Two answers, word by word."""
        from chatmodes.tui.compare.diff import DiffScreen

        screen = DiffScreen(self.contest, self.chosen.column if self.chosen else None)
        if screen.pairs:
            self.app.push_screen(screen)
        else:
            self._tell("There are no two answers to hold against each other yet.")

    def action_summary(self) -> None:
        """Where they agree and contradict, by an extra call."""
        self._opener.do(self._summarise(), group="compare")

    async def _summarise(self) -> None:
        from chatmodes.comparing.summary import bound
        from chatmodes.providers.calls import ProviderError
        from chatmodes.settings import ConfigError
        from chatmodes.tui.compare.summary import SummaryScreen

        chat = self.contest.chat
        told = [column for column in self.contest.columns if column.view.answer_text.strip()]
        if len(told) < 2:
            self._tell("There are no two answers to summarise yet.")
            return
        answers = [(column.letter, column.view.answer_text) for column in told]
        try:
            model = self.contest.model or chat.model_for("instant")
            most = bound(chat, model, self.contest.text, answers)
        except ConfigError as error:
            self._tell(f"{error} {error.hint}", "warning")
            return
        except ProviderError as error:
            self._tell(run_text.error_text(error.error), "warning")
            return
        limit = chat.settings.compare.cost_limit
        if most is not None and most > limit and not await self._agreed(most, limit):
            return
        hidden = self.contest.hidden
        names = "" if hidden else " · ".join(f"{c.letter} {captions.name(self.contest, c)}" for c in told)
        self.app.push_screen(SummaryScreen(chat, model, self.contest.text, answers, names, self.contest.conversation))

    def action_copy(self) -> None:
        """Copy the chosen answer."""
        text = self.chosen.column.view.answer_text if self.chosen else ""
        if text:
            self._taking.copy(text)
        else:
            self._tell("There is no answer to copy yet.")

    def action_copy_selected(self) -> None:
        """Copy what is selected with the mouse."""
        if text := self.get_selected_text():
            self._taking.copy(text)
        else:
            self._tell(f"{shown('quit')} quits, {shown('compare.leave')} stops what is under way.")

    @on(ColumnTranscript.CopyRequested)
    def _copy_wanted(self, event: ColumnTranscript.CopyRequested) -> None:
        self._taking.copy(event.text)

    @on(ColumnTranscript.LinkClicked)
    def _link(self, event: ColumnTranscript.LinkClicked) -> None:
        self._opener.do(self._taking.open_link(event.url))

    # Ends

    def action_pick(self) -> None:
        """Say which answer is the best."""
        self._opener.do(self._pick(), group="compare")

    async def _pick(self) -> None:
        from chatmodes.tui.compare.pick import PickDialog

        contest = self.contest
        if not any(column.view.answer_text.strip() for column in contest.columns):
            self._tell("There is no answer to pick yet.")
            return
        chosen = self.chosen.column if self.chosen else None
        picked = await self.app.push_screen_wait(PickDialog(contest, chosen, contest.topic))
        if picked is None:
            return
        contest.topic = picked.topic
        was_hidden = contest.hidden
        contest.stop(PICKED)
        await contest.settled()
        await contest.pick(*picked)
        if not was_hidden:
            self.dismiss(None)
            return
        for column in self.columns:
            column.draw()
            column.reveal()
        self.prompt_line.refresh()
        self._arrange()
        who = f"You picked {captions.name(contest, contest.winner)}." if contest.winner else "Your pick is kept."
        self._tell(f"{who} {shown('compare.leave')} goes on with the chat.")

    def action_leave(self) -> None:
        """Cancel everything under way; when nothing is, back to the chat."""
        if self.contest.stop():
            self.keys.refresh()
        elif self.maximised:
            self.action_maximise()
        else:
            self.dismiss(None)

    async def _agreed(self, bound: float, limit: float) -> bool:
        """Whether the user sends what may cost more than the limit of the settings."""
        return bool(await self.app.push_screen_wait(cost_question(bound, limit)))

    def _tell(self, text: str, severity: Literal["notice", "warning"] = "notice") -> None:
        self._opener.tell(text, severity)


class ModePicker(PickScreen):
    """The mode of another column."""

    TITLE_TEXT = "Add a column: which mode?"
    PLACEHOLDER = "Type a part of its name"

    def __init__(self) -> None:
        super().__init__([Row(mode, mode_name(mode)) for mode in base.names()], "Then the model.")
