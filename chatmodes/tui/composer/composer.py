"""Where prompts are written: the editor, the list of completions over it, and a line that says mode and model.

How the app uses it:

- `Composer(commands=[(name, help), …], arguments={"/model": callable}, history=callable, root=folder)`; `commands`
  may also be set later. `history` gives earlier prompts, the oldest first.
- `Composer.Submitted(text, mentions, attached)`: Enter on something that is not blank. The text is whole, pastes
  included, and is kept in the undo history; should sending fail, `give_back(text)` brings it back. `mentions` are the
  `@paths` that were typed rather than pasted: `expanding.expand_mentions` attaches them. `attached` is what stood on
  the `shelf`.
- `Composer.Changed` after every change. Drafts are kept as `composer.draft` and put back by `composer.load(draft)`,
  which keeps large pastes folded and mentions those of who typed them. `text` is the whole text, `insert` and `quote`
  put something in at the cursor.
- `Composer.Notice(text, severity)`: a sentence for the status line, as when $EDITOR failed.
- Reactives `mode`, `model`, `queue_count`, `private` feed the badge line. Typing always works: the composer is never
  disabled.
- `focus()` focuses the editor. Bindings: `composer.send`, `composer.newline`, `composer.editor`, `composer.unfold`.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple, Self

from textual import on
from textual.app import ComposeResult, SuspendNotSupported
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import TextArea

from chatmodes.settings import working_folder
from chatmodes.tui.composer import completion
from chatmodes.tui.composer.badge import BadgeLine
from chatmodes.tui.composer.completion import Arguments, Candidate, Query
from chatmodes.tui.composer.editor import Editor
from chatmodes.tui.composer.history import Earlier, Source
from chatmodes.tui.composer.mentions import marks_in, mentions_in
from chatmodes.tui.composer.paths import PathIndex
from chatmodes.tui.composer.popup import CompletionPopup
from chatmodes.tui.composer.shelf import Attachment, Shelf, attachments_of

PLACEHOLDER = "Ask anything. / for commands, @ for files"


class Draft(NamedTuple):
    """An unsent prompt: the whole text, where in it the folded pastes are, which mentions were typed, and what is
    attached."""

    text: str = ""
    folds: tuple[tuple[int, int], ...] = ()
    by_hand: frozenset[str] = frozenset()
    attached: tuple[Attachment, ...] = ()


class Composer(Widget):
    """See the module."""

    DEFAULT_CSS = """
    Composer {
        layout: vertical;
        width: 1fr;
        height: auto;
        padding: 0 1;
        background: $surface;
        border-left: outer $primary;
        &.-thinking { border-left: outer $secondary; }
        &.-contemplating { border-left: outer $accent; }
        &.-auto { border-left: outer $success; }
    }
    """

    mode: reactive[str] = reactive("instant", init=False)
    model: reactive[str] = reactive("")
    queue_count: reactive[int] = reactive(0)
    private: reactive[bool] = reactive(False)
    vim: reactive[str] = reactive("")

    @dataclass
    class Submitted(Message):
        """Send this: the whole text, the paths mentioned in it by hand, and what is attached."""

        text: str
        mentions: tuple[str, ...] = ()
        attached: tuple[Attachment, ...] = ()

    class Changed(Message):
        """The text changed; the draft is worth keeping."""

    @dataclass
    class Notice(Message):
        """A sentence for the reader."""

        text: str
        severity: Literal["information", "warning", "error"] = "information"

    def __init__(
        self,
        *,
        commands: Sequence[tuple[str, str]] = (),
        arguments: Arguments | None = None,
        history: Source = (),
        root: Path | None = None,
        placeholder: str = PLACEHOLDER,
        blink: bool = True,
        vim: bool = False,
        mode: str = "instant",
        model: str = "",
        id: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=f"-{mode}")
        self.set_reactive(Composer.mode, mode)
        self.set_reactive(Composer.model, model)
        self.commands = commands
        self.arguments: Arguments = arguments or {}
        self.paths = PathIndex(root or working_folder())
        self.popup = CompletionPopup()
        self.shelf = Shelf(self)
        self.editor = Editor(self.popup, history, self, placeholder=placeholder, blink=blink, vim=vim)
        self._recalled: tuple[Attachment, ...] = ()
        """What hung on the earlier prompt that one has stepped to."""
        self._dismissed: Query | None = None
        self._offered: Query | None = None
        """What the popup's candidates complete."""
        self._taking: Query | None = None
        """What Tab was pressed behind before it was known what completes it."""

    def compose(self) -> ComposeResult:
        yield self.editor
        yield BadgeLine().data_bind(Composer.mode, Composer.model, Composer.queue_count, Composer.private, Composer.vim)

    def on_mount(self) -> None:
        """Show vim's mode where the editor has one."""
        if self.editor.vim is not None:
            self.watch(self.editor, "vim_label", self._show_vim)

    def _show_vim(self, label: str) -> None:
        self.vim = label

    def watch_mode(self, old: str, new: str) -> None:
        self.remove_class(f"-{old}")
        self.add_class(f"-{new}")

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the editor."""
        self.editor.focus(scroll_visible)
        return self

    # The text and the draft

    @property
    def text(self) -> str:
        """The whole text, pastes included."""
        return self.editor.whole_text

    @property
    def draft(self) -> Draft:
        """What `load` takes to come back to where one was."""
        spans = self.editor.folds.spans(self.editor.text)
        return Draft(self.text, spans, self.editor.by_hand, self.shelf.attachments)

    def load(self, draft: Draft | str) -> None:
        """Show a draft, or a text and nothing more, in place of what is there, whose undo history goes."""
        kept = Draft(draft, attached=self.shelf.attachments) if isinstance(draft, str) else draft
        self.editor.load_draft(kept.text, kept.folds, kept.by_hand)
        self.shelf.take()
        self.shelf.put(kept.attached)

    def replace(self, text: str, mentions: Collection[str] = (), attached: Iterable[Attachment] | None = None) -> Draft:
        """Put a text in place of what is there; undo takes that back. Returns what was there, its pastes folded.

        `mentions` are those of the paths in it that count as typed by hand. `attached` takes the place of what is
        attached, which stays where that is None.
        """
        before = Draft(self.editor.text, by_hand=self.editor.by_hand, attached=self.shelf.attachments)
        self.editor.replace_all(text)
        self.editor.own(mentions)
        if attached is not None:
            self.shelf.take()
            self.shelf.put(attached)
        return before

    def unfolded(self, text: str) -> str:
        """A text that `replace` returned, its pastes in full."""
        return self.editor.folds.unfold(text)

    def give_back(self, *prompts: str, mentions: Collection[str] = (), attached: Iterable[Attachment] = ()) -> None:
        """Put prompts that were not sent below what is being typed, where the cursor stays; undo takes them out.

        `mentions` are those of the paths in them that had been typed by hand; they stay so. `attached` hung on them.
        """
        self.shelf.put(each for each in attached if not each.problem)
        kept = "\n\n".join(prompt for prompt in prompts if prompt.strip())
        if not self.text.strip():
            self.editor.replace_all(kept)
        elif kept:
            self.editor.add_below(kept)
        self.editor.own(mentions)

    def insert(self, text: str) -> None:
        """Put text in at the cursor, a large one folded."""
        self.editor.paste_text(text)

    def quote(self, text: str) -> None:
        """Put text in as a Markdown quotation on lines of its own, ready to be answered."""
        quoted = "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())
        self.editor.paste_text(quoted, before="" if self.editor.cursor_at_start_of_line else "\n", after="\n\n")

    def send(self) -> None:
        """Take what the popup offers, otherwise send what is not blank."""
        self._look()  # the keys may have come faster than the news of their change
        if self._enter_completes():
            self._accept()
            return
        if self.text.strip():
            self.post_message(self.take())
        elif self.shelf.attachments:
            self.post_message(self.Notice("Say what you want to know about it, then send."))

    def take(self) -> Submitted:
        """Take the text out to be sent, with the mentions in it that were typed by hand and with what is attached; undo
        brings the text back."""
        self.editor.finish_burst(sending=False)
        text, by_hand = self.text, mentions_in(self.editor.text, self.editor.by_hand)
        self.popup.close()
        self.editor.prompts.stop()
        self.editor.clear_sent()
        return self.Submitted(text, by_hand, self.shelf.take())

    # What is attached

    def pasted(self, text: str) -> None:
        """A text was pasted: where it is a file's path, the file is attached in its place."""
        self.run_worker(self._attach_pasted(text), group="pasted")

    async def _attach_pasted(self, text: str) -> None:
        if files := await self.shelf.files_in(text):
            self.editor.take_out(text)
            for path in files:
                self.shelf.add_file(path)

    def attach_picture(self) -> None:
        """Attach the clipboard's picture."""
        self.shelf.add_clipboard()

    def unattach(self) -> None:
        """Take the last attachment away."""
        self.shelf.take_last()

    def recalled(self, prompt: str, *, first: bool) -> None:
        """What hung on an earlier prompt hangs here while that stands in the editor, beside what is attached already.

        At the `first` step what one had stepped to before is a draft, and what hangs on it is that draft's.
        """
        passed = () if first else self._recalled
        self._recalled = tuple(attachments_of(prompt.hung)) if isinstance(prompt, Earlier) else ()
        if passed or self._recalled:
            own = [each for each in self.shelf.take() if each not in passed]
            self.shelf.put((*own, *self._recalled))

    @on(Shelf.Changed)
    def _shelf_changed(self, event: Shelf.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())

    @on(Shelf.Refused)
    def _refused(self, event: Shelf.Refused) -> None:
        event.stop()
        self.post_message(self.Notice(event.text, "warning"))

    # Completion

    def _enter_completes(self) -> bool:
        """Whether Enter takes a candidate: not where one is typed in full already and no other was chosen."""
        query, current = self._query(), self.popup.current
        if query is None or current is None or query != self._offered:
            return False
        if self.popup.moved:
            return True
        if query.kind == "command":
            return all(name.lstrip("/") != query.prefix for name, _ in self.commands)
        return query.kind == "file" and bool(query.prefix) and current.insert.strip() != f"@{query.prefix}"

    def _query(self) -> Query | None:
        row, column = self.editor.cursor_location
        line = self.editor.document[row] if row < self.editor.document.line_count else ""
        query = completion.query_at(line[:column], first_line=row == 0)
        # In the middle of a word one is mending it, not completing it.
        return query if query and not line[column : column + 1].strip() else None

    @on(TextArea.Changed)
    def _changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Changed())
        self._look()

    def _look(self) -> None:
        """Offer what completes the text at the cursor, if anything does."""
        if self.editor.prompts.stepping:
            self.popup.close()
            return
        query = self._query()
        if query is None or query == self._dismissed:
            self._dismissed = query
            self.popup.close()
            return
        self._dismissed = None
        if query.kind == "file":
            self.run_worker(partial(self._complete_file, query), group="completion", exclusive=True)
        elif query.kind == "command":
            self._offer(query, completion.commands(query.prefix, self.commands))
        else:
            self._offer(query, completion.arguments(query, self.arguments))

    @on(TextArea.SelectionChanged)
    def _cursor_moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        if self.popup.is_open and self._query() is None:
            self.popup.close()

    async def _complete_file(self, query: Query) -> None:
        found = await asyncio.to_thread(self.paths.match, query.prefix)
        if self._query() == query:
            self._offer(query, [completion.file_candidate(path) for path in found])

    def _offer(self, query: Query, candidates: Sequence[Candidate]) -> None:
        row, column = self.editor.cursor_location
        before = self.editor.get_column_width(row, column) - self.editor.get_column_width(row, query.start)
        cursor = self.editor.cursor_screen_offset
        self._offered = query
        if candidates and not self.popup.is_attached:
            self.mount(self.popup)  # the first frame does without
        self.popup.show(candidates, Offset(max(0, cursor.x - before), cursor.y))
        taking, self._taking = self._taking, None
        if taking == query:
            self._take_offered()

    def complete(self, accept: bool) -> None:
        """Take the popup's candidate, go on to the next widget where there is none, or do away with the list."""
        if not accept:
            self._dismissed = self._query()
            self.popup.close()
        elif self._due():
            self._taking = self._query()
            self._look()
        else:
            self._take_offered()

    @property
    def completing(self) -> bool:
        return self.popup.is_open or self._due()

    def _due(self) -> bool:
        """Whether the letters at the cursor came faster than what is to be offered for them."""
        query = self._query()
        known = query is None or query in (self._offered, self._dismissed)
        return not (known or self.editor.prompts.stepping)

    def _take_offered(self) -> None:
        if self.popup.is_open:
            self._accept()
        else:
            self.screen.focus_next()

    @on(CompletionPopup.Chosen)
    def _chosen(self, event: CompletionPopup.Chosen) -> None:
        event.stop()
        self._accept()
        self.focus()

    def _accept(self) -> None:
        query, candidate = self._query(), self.popup.current
        self.popup.close()
        if query is None or candidate is None or query != self._offered:
            return
        self._offered = None
        row, column = self.editor.cursor_location
        line = self.editor.document[row]
        insert = candidate.insert
        if line[column : column + 1] == " ":
            insert = insert.removesuffix(" ")
        self.editor.complete(insert, (row, query.start), (row, column))

    # $EDITOR

    @on(Editor.EditorWanted)
    async def _edit_outside(self, event: Editor.EditorWanted) -> None:
        from chatmodes.tui.composer.external import EditorError, edit

        event.stop()
        text = self.text
        edited, failure = text, ""
        try:
            # A run under way goes on meanwhile, so the loop must: the editor is waited for in a thread, and the batch
            # keeps every paint from the terminal that the editor has.
            with self.app.batch_update(), self.app.suspend():
                # Caught in here: an exception would leave `suspend` without the terminal being taken back.
                try:
                    edited = await asyncio.to_thread(edit, text)
                except EditorError as error:
                    failure = str(error)
        except SuspendNotSupported:
            self.post_message(
                self.Notice("An editor cannot be opened here: there is no terminal to give it.", "warning")
            )
        if failure:
            self.post_message(self.Notice(failure, "error"))
        elif edited != text:
            self.editor.replace_all(edited)
            self.editor.by_hand |= marks_in(edited) - marks_in(text)
        self.app.refresh(layout=True)
        self.focus()
