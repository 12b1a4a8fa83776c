"""May this call run? What it would do in plain words, and keys that count only from who has read it.

The question comes while one types. So no key counts until the keyboard was quiet for a moment after the question stood
on the screen, and one that is no answer begins the wait anew: what was meant for the prompt approves nothing, and goes
to the prompt.
"""

import time
from collections.abc import Callable
from typing import ClassVar, Literal, NamedTuple

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chatmodes.modes.asking import Allowed, Answer, Question
from chatmodes.sanitize import clean, one_line
from chatmodes.tui.dialogs.field import Field
from chatmodes.tui.dialogs.rows import DrivenRows
from chatmodes.tui.dialogs.style import DIALOG_CSS

GRACE = 0.5
"""Seconds without a key before one counts."""
LONGEST = 20_000
"""Characters of arguments that can be looked at; how many more there are is said."""

Said = Answer | Literal["stop"]
"""The person's word; `stop` ends the call and the run."""


class _Choice(NamedTuple):
    key: str
    words: str
    allowed: Allowed | None


class Approval(ModalScreen[Said | None]):
    """The question. Gives None where it was withdrawn: nobody waits for the word any more."""

    DEFAULT_CSS = (
        DIALOG_CSS
        + """
    Approval {
        align: center middle;
        & .dialog { width: 80; }
        & VerticalScroll {
            height: auto; max-height: 10; width: 1fr; margin: 0 0 1 0; padding: 0 1;
            background: $panel; scrollbar-size-vertical: 1;
        }
        & .approval-arguments { width: 1fr; height: auto; }
        & OptionList { border: none; padding: 0; height: auto; max-height: 7; background: $surface; }
        & OptionList:focus { border: none; }
        & Input { display: none; }
        &.-word Input { display: block; }
        &.-word OptionList { display: none; }
        & .approval-hint { color: $text-muted; width: 1fr; margin: 1 0 0 0; }
        &.-short .dialog { padding: 0 1; border: none; }
        &.-short VerticalScroll { max-height: 3; margin: 0; }
        &.-short .dialog-text { margin: 0; }
        &.-short .approval-hint { margin: 0; }
    }
    """
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,ctrl+c", "stop", "End the call and the run")]
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-tall")]  # noqa: RUF012 - an instance variable of Textual's
    AUTO_FOCUS = None

    def __init__(self, question: Question, who: str, ahead: Callable[[str], None]) -> None:
        """`who` wants to make the call; `ahead` gets text that was typed before a key counted."""
        super().__init__()
        self._question, self._who, self._ahead = question, who, ahead
        self._choices = _choices(question)
        self._withdrawn = False
        self._quiet_from = float("inf")
        """When the last key came that was no answer, or the question was first seen, on the clock of events."""

    def compose(self) -> ComposeResult:
        """Who wants what, the arguments word for word, the answers."""
        question = self._question
        with Vertical(classes="dialog"):
            yield Static(Content(one_line(f"{self._who} wants to use {question.tool}", 200)), classes="dialog-title")
            yield Static(Content("\n".join(_told(question))), classes="dialog-text")
            with VerticalScroll(can_focus=False):
                yield Static(Content(_arguments(question)), classes="approval-arguments")
            yield DrivenRows(*[Option(_line(each), id=each.key) for each in self._choices], markup=False)
            yield Field(placeholder="What the model should do instead; Enter refuses", entered=self._refuse)
            yield Static(Content(""), classes="approval-hint")

    def on_mount(self) -> None:
        """Nothing is chosen beforehand, and the clock begins once the question can be read."""
        options = self.query_one(OptionList)
        options.highlighted = None
        options.focus()
        self._show_hint()
        self.call_after_refresh(self._begin_waiting, None)

    @property
    def armed(self) -> bool:
        """Whether a key that is pressed at this moment counts."""
        return self._counts(time.monotonic())

    def withdraw(self) -> None:
        """Nobody waits for the word any more."""
        self._withdrawn = True
        if self.is_active:
            self.dismiss(None)

    def on_screen_resume(self) -> None:
        """What lay over the question is gone."""
        if self._withdrawn:
            self.dismiss(None)

    @property
    def counts_from(self) -> float:
        """From when on a key counts, on the clock of events; infinite until the question stood on the screen."""
        return self._quiet_from + GRACE

    def _counts(self, at: float) -> bool:
        return at >= self.counts_from

    def _begin_waiting(self, at: float | None) -> None:
        self._quiet_from = time.monotonic() if at is None else at
        self._show_hint()
        self.set_timer(GRACE + 0.01, self._show_hint)

    def _show_hint(self) -> None:
        esc = "Esc ends the call and the run."
        self.query_one(".approval-hint", Static).update(
            Content(f"Press a letter. {esc}" if self.armed else f"A moment, so that nothing typed before counts. {esc}")
        )

    # Keys: seen before any widget does

    async def on_event(self, event: events.Event) -> None:
        """A key that was typed before the question was read goes to the prompt and no further."""
        if isinstance(event, events.Key) and not self.has_class("-word") and not self._wanted(event):
            return
        if isinstance(event, events.Paste) and not self.has_class("-word"):
            self._ahead(event.text)
            return
        await super().on_event(event)

    def _wanted(self, event: events.Key) -> bool:
        if event.key in ("escape", "ctrl+c"):
            return True
        letter = event.key in {each.key for each in self._choices}
        if self._counts(event.time) and (letter or event.key in ("up", "down", "home", "end", "enter", "tab")):
            return True
        if event.is_printable and event.character:
            self._ahead(event.character)
        self._begin_waiting(event.time)
        return False

    def on_key(self, event: events.Key) -> None:
        """A letter that counts."""
        if not self.has_class("-word") and event.key in {each.key for each in self._choices}:
            event.stop()
            self._choose(event.key)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        if self._counts(event.time):  # a click that was meant for what the question came to lie on
            self._choose(event.option_id or "")

    def _choose(self, key: str) -> None:
        chosen = next(each for each in self._choices if each.key == key)
        if chosen.allowed is not None:
            self.dismiss(Answer(chosen.allowed))
            return
        self.add_class("-word")
        self.query_one(Input).focus()
        self.query_one(".approval-hint", Static).update(Content("Enter refuses. Esc ends the call and the run."))

    def _refuse(self, word: str) -> None:
        self.dismiss(Answer(None, word.strip()))

    def action_stop(self) -> None:
        """No, and nothing more."""
        self.dismiss("stop")


def _choices(question: Question) -> tuple[_Choice, ...]:
    return (
        _Choice("y", "yes, this once", "once"),
        _Choice("r", "yes, calls like it in this run, of all its agents", "run"),
        _Choice("c", "yes, calls like it in this conversation", "conversation"),
        _Choice("a", f"always; the rule kept in your settings is  {question.rule}", "always"),
        _Choice("n", "no, with a word to the model", None),
    )


def _line(choice: _Choice) -> Content:
    return Content.assemble((f" {choice.key} ", "bold $primary"), f" {one_line(choice.words, 300)}")


def _told(question: Question) -> list[str]:
    """What is about to happen, and what there is to know before one says yes."""
    lines = [question.scope]
    if question.touches:
        lines.append(f"It {question.touches}.")
    if question.changed:
        lines.append("! Its definition has changed since you allowed it.")
    return [one_line(line, 2_100) for line in lines]


def _arguments(question: Question) -> str:
    text = clean(question.arguments)
    more = len(text) - LONGEST
    return f"{text[:LONGEST]}\n[… {more:,} characters more]" if more > 0 else text or "{}"
