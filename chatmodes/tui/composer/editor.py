"""The composer's text area: keys judged as typing or pasting, pastes as chips, earlier prompts at the edges.

It knows nothing of sending, completing or models: it asks the composer, which decides. It asks by a call and not by a
message, because a message would wait behind the keys that are already here, and what was typed after Enter would be
sent too.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.widgets.text_area import Edit, EditResult, Location

from chatmodes.sanitize import clean
from chatmodes.tui.composer import folds
from chatmodes.tui.composer.bursts import QUIET, Burst
from chatmodes.tui.composer.history import Earlier, PromptHistory, Source
from chatmodes.tui.composer.mentions import mark_before, mark_from, marks_in, mentions_in
from chatmodes.tui.composer.popup import CompletionPopup
from chatmodes.tui.composer.vim_area import VimArea
from chatmodes.tui.host import keymap

_HUGE = 20_000
"""Characters above which a prompt from the history comes as a chip: wrapping it would hold up the next key."""


class Decider(Protocol):
    """Who decides what the editor's keys come to."""

    def send(self) -> None:
        """Enter: send the text, or take what the popup offers."""
        ...

    @property
    def completing(self) -> bool:
        """Whether Tab takes a candidate that is offered or, being looked for, about to be."""
        ...

    def complete(self, accept: bool) -> None:
        """Tab or Escape: take the popup's candidate or go on to the next widget, or do away with the list."""
        ...

    def pasted(self, text: str) -> None:
        """A text was pasted, and stands at the cursor: it may be the path of a file that was dropped here."""
        ...

    def attach_picture(self) -> None:
        """Attach the clipboard's picture."""
        ...

    def unattach(self) -> None:
        """Take the last attachment away."""
        ...

    def recalled(self, prompt: str, *, first: bool) -> None:
        """An earlier prompt stands in the text, or the draft again; `first` where the draft stood there before."""
        ...


class Editor(VimArea):
    """Where a prompt is typed. The document may hold chips; `whole_text` is the document without them."""

    DEFAULT_CSS = """
    Editor {
        height: auto;
        min-height: 1;
        padding: 0;
        background: transparent;
        scrollbar-size-vertical: 1;
        & .text-area--placeholder { color: $text-muted; }
        /* Textual's own is dark grey on grey. */
        &:light .text-area--cursor { color: $input-cursor-foreground; background: $input-cursor-background; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "send", "Send", id="composer.send"),
        Binding("shift+enter,ctrl+j,alt+enter", "newline", "New line", id="composer.newline"),
        Binding("ctrl+g", "external_editor", "Write in $EDITOR", id="composer.editor"),
        Binding("ctrl+o", "expand_paste", "Unfold a paste", id="composer.unfold"),
        Binding("alt+v", "attach_picture", "Attach the clipboard's picture", id="composer.picture"),
        Binding("alt+x", "unattach", "Take the last attachment away", id="composer.unattach"),
        Binding("up", "cursor_up", "Line above; at the first, the prompt sent before", id="composer.before"),
        Binding("down", "cursor_down", "Line below; at the last, the prompt sent after", id="composer.after"),
    ]

    class EditorWanted(Message):
        """The reader wants to go on in $EDITOR."""

    @dataclass
    class Paged(Message):
        """Page up (-1) or page down (1), where the text has no page in that direction."""

        by: int

    def __init__(
        self,
        popup: CompletionPopup,
        history: Source,
        decider: Decider,
        *,
        placeholder: str,
        blink: bool,
        vim: bool = False,
    ) -> None:
        super().__init__(placeholder, vim=vim)
        self.cursor_blink = blink
        self.match_cursor_bracket = False
        self.prompts = PromptHistory(history)
        self.by_hand: frozenset[str] = frozenset()
        """The `@paths` that were typed or completed, as they stand in the text. What else the text holds came with a
        paste, a draft or an earlier prompt. One that is deleted stays in: undo may bring it back."""
        self._sent: tuple[str, frozenset[str]] = ("", frozenset())
        self._popup = popup
        self._decider = decider
        self._burst = Burst()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text has, at most two fifths of the screen."""
        # Not by `max-height`: the composer around it would reserve the room all the same.
        return max(1, min(super().get_content_height(container, viewport, width), viewport.height * 2 // 5))

    # The text

    def load_draft(self, text: str, spans: tuple[tuple[int, int], ...], by_hand: frozenset[str]) -> None:
        """Replace everything, the edit history too; the cursor goes to the end."""
        self._burst.take()
        self.prompts.stop()
        self.folds.clear()
        self.forget_changes()
        self.by_hand, self._sent = by_hand, ("", frozenset())
        self.load_text(clean(self.folds.refold(_plain_newlines(text), spans)))
        self.move_cursor(self.document.end)

    def replace_all(self, text: str) -> None:
        """Replace everything as one edit that undo takes back."""
        self.history.checkpoint()
        self.edit(Edit(clean(text), (0, 0), self.document.end, False))
        self.move_cursor(self.document.end)

    def own(self, mentions: Collection[str]) -> None:
        """Count these of the paths in the text as typed by hand."""
        self.by_hand |= {mark for mark in marks_in(self.text) if set(mentions_in(mark)) & set(mentions)}

    def clear_sent(self) -> None:
        """Empty it, the text being sent. Undo brings the text back and whose its mentions were."""
        self._sent, self.by_hand = (self.text, self.by_hand), frozenset()
        self.replace_all("")
        self.insert_again()

    def undo(self) -> None:
        super().undo()
        text, by_hand = self._sent
        if self.text == text:
            self.by_hand |= by_hand

    def complete(self, text: str, start: Location, end: Location) -> None:
        """Put in what was chosen from the popup; a mention is then as good as typed."""
        self.replace(text, start, end, maintain_selection_offset=False)
        self.by_hand |= {mark_from(self.document[start[0]], start[1])}

    def add_below(self, text: str) -> None:
        """Add a paragraph at the end as one edit; the cursor stays where it is."""
        selection = self.selection
        self.history.checkpoint()
        self.insert(f"\n\n{clean(text)}", self.document.end)
        self.history.checkpoint()
        self.selection = selection

    def paste_text(self, text: str, *, before: str = "", after: str = "") -> None:
        """Insert what was pasted, between what sets it off: a large paste as a chip."""
        text = _plain_newlines(text)
        self.history.checkpoint()
        shown = self.folds.fold(text) if folds.is_large(text) else clean(text)
        result = self.type_over(f"{before}{shown}{after}", *self.selection)
        self.move_cursor(result.end_location)
        self.history.checkpoint()

    def edit(self, edit: Edit) -> EditResult:
        if not self._stepping:
            self.prompts.stop()
        self.widen(edit)
        row, column = edit.top
        start, mark = mark_before(self.document[row], column)
        result = super().edit(edit)
        # Whoever typed the @ mentions what stands behind it. A paste of one character is nobody's attack.
        if mark and mark in self.by_hand:
            self.by_hand |= {mark_from(self.document[row], start)}
        elif edit.text == "@":
            self.by_hand |= {mark_from(self.document[row], column)}
        return result

    _stepping = False

    # Keys

    async def on_key(self, event: events.Key) -> None:
        if self._burst.over(event.time) or self.leaves_inserting(event):
            self.finish_burst()
        fast = bool(self._burst) or self._burst.belongs(event.time)
        if self._ends_completion(event.key, fast=fast):
            event.stop()
            event.prevent_default()
            self._decider.complete(accept=event.key == "tab")
            return
        if self.vim_took(event):
            event.stop()
            event.prevent_default()
            return
        taken = {"enter": "\r", "ctrl+j": "\n" if fast else None, "tab": "\t" if fast else None}.get(event.key)
        if taken is None and fast and event.is_printable:
            taken = event.character
        if taken is not None:
            event.stop()
            event.prevent_default()
            if not self._burst:
                self.set_timer(QUIET, self._look_if_quiet)
            self._burst.add(taken, event.time, events.Event().time)
            return
        self.finish_burst()
        if event.is_printable and event.character:
            # Not prevented, so the base class's handler comes next and inserts it.
            self._burst.typed(event.character, event.time)
        elif await self._ran_binding(event.key):
            event.stop()
            event.prevent_default()

    def _ends_completion(self, key: str, *, fast: bool) -> bool:
        """Whether a key takes what is offered or puts it away, and is none of a burst."""
        if self._burst or key not in ("tab", "escape"):
            return False
        return self._popup.is_open or (key == "tab" and not fast and self._decider.completing)

    async def _ran_binding(self, key: str) -> bool:
        """Do what a key is bound to here, rebinding included; False where it is bound to nothing here.

        Textual would do it from the app's queue, to which the key bubbles: the keys behind it in one read would be here
        by then, and `word`, Backspace, `XYZ` would come to `wordYZ`.
        """
        active = self.screen.active_bindings.get(key)
        if active is None or active.node is not self:
            return False
        return await self.app.run_action(active.binding.action, self)

    def _look_if_quiet(self) -> None:
        # Keys that were read before now may still be on their way through the app's queue: ask behind them, whether it
        # was quiet as of now. The time is an event's, whose clock is what key times are compared with.
        if self._burst:
            self.app.call_later(self.call_later, self._end_if_quiet, events.Event().time)

    def _end_if_quiet(self, asked: float) -> None:
        if self._burst.quiet(asked):
            self.finish_burst()
        elif self._burst:
            self.set_timer(QUIET, self._look_if_quiet)

    def finish_burst(self, *, sending: bool = True) -> None:
        """Put in what was collected; then send, complete or neither, by the key it ended with."""
        if self._burst and self._burst.lead == "@":  # taken for typing, and the first key of what came too fast
            self.by_hand -= {"@"}
        back, text, ending = self._burst.take()
        row, column = self.cursor_location
        if back and column >= back:
            self.type_over("", (row, column - back), (row, column))
        if text:
            if "\n" in text or folds.is_large(text):
                self.paste_text(text)
            else:
                self.type_over(clean(text), *self.selection)
        if ending == "\r":
            if sending:
                self._entered()
            else:
                self.type_over("\n", *self.selection)
        elif ending == "\t":
            self._decider.complete(accept=True)

    def _entered(self) -> None:
        """What Enter is bound to: keys can be rebound, and many like Enter to be a newline."""
        active = self.screen.active_bindings.get("enter")
        if active is not None and active.node is self and active.binding.action == "newline":
            self.action_newline()
        else:
            self.action_send()

    def action_send(self) -> None:
        """Ask for the text to be sent, or take what the popup offers."""
        self._decider.send()

    def action_newline(self) -> None:
        """A new line, in place of what is selected."""
        self.type_over("\n", *self.selection)

    def action_external_editor(self) -> None:
        """Go on in $EDITOR."""
        self.post_message(self.EditorWanted())

    def action_paste(self) -> None:
        """Paste what was copied in here, as the terminal's paste would."""
        self.paste_text(self.app.clipboard)

    async def on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        self.finish_burst(sending=False)
        row, column = min(self.selection.start, self.selection.end)
        alone = not self.document[row][:column].strip(" ") or self.document[row][column - 1] == " "
        if event.text:
            self.paste_text(event.text)
            if alone:  # what is pasted behind an @ is a mention
                self._decider.pasted(event.text)
        else:  # how some terminals paste a picture
            self._decider.attach_picture()
        self.focus()

    def take_out(self, pasted: str) -> None:
        """Take what was pasted out of the text, where it still stands in it once; undo brings it back."""
        shown = clean(_plain_newlines(pasted))
        if self.text.count(shown) == 1:
            before = self.text[: self.text.index(shown)]
            row = before.count("\n")
            start = (row, len(before) - before.rfind("\n") - 1)
            lines = shown.split("\n")
            end = (row + len(lines) - 1, len(lines[-1]) + (start[1] if len(lines) == 1 else 0))
            self.history.checkpoint()
            self.replace("", start, end)
            self.history.checkpoint()

    def action_attach_picture(self) -> None:
        """Attach the clipboard's picture."""
        self._decider.attach_picture()

    def action_unattach(self) -> None:
        """Take the last attachment away."""
        self._decider.unattach()

    def action_delete_left(self) -> None:
        """Delete the character before the cursor; before the first one stands what is attached."""
        if self.cursor_location == (0, 0) and self.selection.is_empty:
            self._decider.unattach()
        else:
            super().action_delete_left()

    # Up and down: the popup's list, then the text, then earlier prompts

    async def action_cursor_up(self, select: bool = False) -> None:  # pyright: ignore[reportIncompatibleMethodOverride] - Textual awaits actions
        if self._popup.is_open and not select:
            self._popup.move(-1)
        elif select or not (self.navigator.is_first_wrapped_line(self.cursor_location) and await self._stepped_back()):
            super().action_cursor_up(select)

    async def _stepped_back(self) -> bool:
        """Show the prompt before, where there is one. The keys behind wait for it: they are meant for what it shows."""
        text, first = self.whole_text, not self.prompts.stepping
        earlier = await self.prompts.older(text)
        if self.whole_text != text:  # a draft was loaded meanwhile
            self.prompts.stop()
        elif earlier is not None:
            self._step_to(earlier, first=first)
        return earlier is not None

    def action_cursor_down(self, select: bool = False) -> None:
        if self._popup.is_open and not select:
            self._popup.move(1)
        elif select or not self.navigator.is_last_wrapped_line(self.cursor_location):
            super().action_cursor_down(select)
        elif (later := self.prompts.newer()) is not None:
            self._step_to(later)
        else:
            super().action_cursor_down(select)

    # Page up and down: the text, where it is longer than the box, then what lies above

    def action_cursor_page_up(self) -> None:
        if self._all_in_sight or self.navigator.is_first_wrapped_line(self.cursor_location):
            self.post_message(self.Paged(-1))
        else:
            super().action_cursor_page_up()

    def action_cursor_page_down(self) -> None:
        if self._all_in_sight or self.navigator.is_last_wrapped_line(self.cursor_location):
            self.post_message(self.Paged(1))
        else:
            super().action_cursor_page_down()

    @property
    def _all_in_sight(self) -> bool:
        return self.wrapped_document.height <= self.content_size.height

    def _step_to(self, prompt: str, *, first: bool = False) -> None:
        self._stepping = True
        try:
            self.replace_all(self.folds.fold(prompt) if len(prompt) > _HUGE else prompt)
            self.own(prompt.mentions if isinstance(prompt, Earlier) else ())
        finally:
            self._stepping = False
        self._decider.recalled(prompt, first=first)


def _plain_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


keymap.learn("chat/composer", Editor.BINDINGS)
