"""Which answer was better: one of them, a tie, or none; with a reason where one is typed."""

from typing import ClassVar, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatmodes.sanitize import one_line
from chatmodes.store.records import Verdict
from chatmodes.tui.compare import captions
from chatmodes.tui.compare.contest import Contest, Contestant
from chatmodes.tui.dialogs.field import Field
from chatmodes.tui.dialogs.rows import DrivenRows
from chatmodes.tui.dialogs.style import DIALOG_CSS


class Picked(NamedTuple):
    """What the reader thinks."""

    verdict: Verdict
    winner: Contestant | None
    reason: str
    topic: str


class PickDialog(ModalScreen[Picked | None]):
    """Arrows and Enter; Tab goes to the reason and the topic, where Enter picks as well. None after Esc."""

    DEFAULT_CSS = (
        DIALOG_CSS
        + """
    PickDialog {
        align: center middle;
        & OptionList { border: none; padding: 0; height: auto; max-height: 14; background: $surface; margin: 0 0 1 0; }
        & OptionList:focus { border: none; }
    }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", "Cancel")]

    def __init__(self, contest: Contest, chosen: Contestant | None, topic: str) -> None:
        super().__init__()
        self._contest, self._topic = contest, topic
        self._candidates = [column for column in contest.columns if column.live is not None and _text(column)]
        self._chosen = chosen

    def compose(self) -> ComposeResult:
        """The answers, the two other verdicts, a reason and a topic."""
        rows = [captions.name(self._contest, column) for column in self._candidates]
        running = len(self._contest.running)
        about = "The chat goes on from the winner; the other answers stay beside it."
        if running:
            about += " What is still under way is stopped."
        with Vertical(classes="dialog"):
            yield Static(Content("Which answer is the best?"), classes="dialog-title")
            yield Static(Content(about), classes="dialog-text")
            options = [Option(Content(f"{one_line(row, 200)} is the best"), id=str(n)) for n, row in enumerate(rows)]
            yield DrivenRows(
                *options,
                Option(Content("A tie: they are equally good"), id="tie"),
                Option(Content("None is good"), id="none"),
                markup=False,
            )
            yield self._field("", "Why? (optional)", "reason")
            yield self._field(one_line(self._topic, 80), "Topic, for the leaderboard (optional)", "topic")
            yield Static(Content("Enter picks, Tab goes to the reason, Esc leaves it open"), classes="dialog-text")

    def on_mount(self) -> None:
        """The column one came from is proposed."""
        options = self.query_one(OptionList)
        options.highlighted = self._candidates.index(self._chosen) if self._chosen in self._candidates else 0
        options.focus()

    def action_cancel(self) -> None:
        """Close without a pick."""
        self.dismiss(None)

    def _field(self, value: str, placeholder: str, id: str) -> Field:
        return Field(value, placeholder=placeholder, entered=lambda _: self._picked(), compact=False, id=id)

    @on(OptionList.OptionSelected)
    def _picked(self) -> None:
        option = self.query_one(OptionList).highlighted_option
        if option is None or option.id is None:
            return
        reason = one_line(self.query_one("#reason", Input).value, 1000)
        topic = one_line(self.query_one("#topic", Input).value, 80)
        if option.id in ("tie", "none"):
            self.dismiss(Picked("tie" if option.id == "tie" else "none", None, reason, topic))
        else:
            self.dismiss(Picked("winner", self._candidates[int(option.id)], reason, topic))


def _text(column: Contestant) -> str:
    return column.view.answer_text.strip()
