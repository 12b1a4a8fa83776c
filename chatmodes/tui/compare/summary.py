"""Where the answers agree and contradict, as a model sees it: an extra call that says on its face that it is one."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chatmodes.comparing.summary import summarise
from chatmodes.sanitize import one_line
from chatmodes.tui import figures
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import fitted
from chatmodes.tui.painting import run_text
from chatmodes.tui.transcript import Transcript, answer, notice

if TYPE_CHECKING:
    from chatmodes.chat import Chat


class SummaryScreen(ModalScreen[None]):
    """Streams the summary; closing it ends the call."""

    DEFAULT_CSS = """
    SummaryScreen {
        align: center middle;
        & .summary {
            width: 100; max-width: 100%; height: 80%; padding: 0 1; background: $surface; border: round $border;
        }
        & .summary-title { height: 1; width: 1fr; text-style: bold; }
        & .summary-note { height: 2; width: 1fr; color: $text-muted; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,g,q", "close", "Close")]

    def __init__(
        self,
        chat: "Chat",
        model: str,
        prompt: str,
        answers: list[tuple[str, str]],
        legend: str,
        conversation: str | None = None,
    ) -> None:
        super().__init__()
        self._conversation = conversation
        self._chat, self._model, self._prompt, self._answers, self._legend = chat, model, prompt, answers, legend
        self.transcript = Transcript()

    def compose(self) -> ComposeResult:
        """Who says it, and what."""
        with Vertical(classes="summary"):
            yield Static(Content(f"A summary by {one_line(self._model)}"), classes="summary-title")
            yield Static("", classes="summary-note")
            yield self.transcript

    def on_mount(self) -> None:
        """Make the call."""
        self._note(f"under way; {shown('compare.leave')} ends it")
        self.transcript.focus()
        self.transcript.append(answer("summary", live=True))
        self.run_worker(self._ask())

    def _note(self, state: str) -> None:
        about = f"An extra call and a model's opinion, not part of the comparison · {state}"
        lines = (fitted(one_line(line), 94) for line in (about, self._legend))
        if below := self.query_one_optional(".summary-note", Static):  # not closed meanwhile
            below.update(Content("\n".join(lines)))

    async def _ask(self) -> None:
        def show(text: str) -> None:
            self.transcript.stream("summary", text)

        found = await summarise(
            self._chat, self._model, self._prompt, self._answers, show, conversation=self._conversation
        )
        self.transcript.finish("summary")
        if found.error is not None:
            self.transcript.append(notice("failed", run_text.error_text(found.error), "error"))
            self._note("it failed")
        else:
            self._note(figures.cost(found.cost))

    def action_close(self) -> None:
        """Back to the columns."""
        self.dismiss(None)
