"""What can be done with one message: the one under the transcript's cursor, or the last where there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatmodes.modes import base
from chatmodes.tui.chat.session import Queued
from chatmodes.tui.composer.history import Earlier
from chatmodes.tui.composer.mentions import mentions_of
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.painting import projection

if TYPE_CHECKING:
    from chatmodes.messages import Message
    from chatmodes.store.records import StoredMessage
    from chatmodes.tui.chat.screen import ChatScreen

IN_TURN = ("instant", "thinking", "contemplating")
"""The modes that one prompt is tried in, one after the other."""


RECALLED = 200
"""Prompts of all conversations that one steps through in the composer; who looks for an older one searches."""


class MessageActions:
    """Edit, regenerate, step, delete, copy, quote."""

    def __init__(self, screen: ChatScreen) -> None:
        self._screen = screen
        self._session = screen.session
        self.editing: StoredMessage | None = None
        """The prompt that the composer's text is to replace."""
        self._before = Earlier("")
        """What stood in the composer before the edit."""
        self._code: tuple[str, int] | None = None
        """The answer whose code was copied last, and which block of it, from 1."""

    def chosen(self, role: str | None = None) -> StoredMessage | None:
        """The message under the cursor, otherwise the last one; of a role, the nearest at or above it."""
        cursor = self._screen.transcript.cursor
        path = self._session.path
        at = self._session.find(projection.message_of(cursor)) if cursor else None
        upto = path[: path.index(at) + 1] if at else path
        return next((one for one in reversed(upto) if role in (None, one.message.role)), None)

    async def act(self, action: str, text: str = "") -> None:
        """Do what a key or a command names."""
        if action != "copy_code":
            self._code = None
        match action:
            case "edit":
                self._edit()
                self._screen.answering.show_status()
            case "regenerate":
                await self._regenerate(text)
            case "other_mode":
                await self._regenerate(self._next_mode())
            case "older" | "newer":
                await self._step(-1 if action == "older" else 1)
            case "delete":
                await self._delete()
            case "copy":
                self._copy()
            case "copy_code":
                self._copy_code()
            case "details":
                await self._open_details()
            case _:
                self._quote()

    def _edit(self) -> None:
        message = self.chosen("user")
        if message is None:
            self._screen.tell("There is no prompt to edit yet.")
            return
        asked = message.message
        before = self._screen.composer.replace(asked.written, mentions_of(asked.written, asked.files))
        if self.editing is None:
            self._before = before
        self.editing = message
        self._screen.focus_composer()
        self._screen.tell(
            f"{shown('composer.send')} sends the edited prompt as another branch; {shown('stop')} gives it up."
        )

    async def earlier(self) -> list[str]:
        """Prompts to be sent once more with the files they had: those of the open conversation behind those of others,
        each the oldest first."""
        here = [one.message for one in self._session.path if one.message.role == "user"]
        asked = [*reversed(await self._asked_elsewhere()), *here]
        return [Earlier(one.written, mentions_of(one.written, one.files)) for one in asked]

    async def _asked_elsewhere(self) -> list[Message]:
        """What the store in use knows, which in private is memory: nothing on disk is read there."""
        from chatmodes.store import StoreError

        engine = self._screen.engine
        try:
            return await self._screen.read(engine.store.prompts, RECALLED) if engine.state == "ready" else []
        except StoreError as error:
            self._screen.tell(f"{error.message} {error.hint}", "warning")
            return []

    def edited(self, text: str) -> Queued | None:
        """The edited prompt as a sibling of the one it replaces; None where none is being edited."""
        message, self.editing = self.editing, None
        if message is None:
            return None
        self._screen.composer.give_back(self._before, mentions=self._before.mentions)
        if message.conversation != self._session.conversation:
            return None
        return Queued(text, None, None, message.conversation, message.parent, sibling=True)

    def give_up(self) -> None:
        """Leave the prompt as it is; what was being typed before comes back."""
        self.editing = None
        self._screen.composer.replace(self._before)

    def put_aside(self) -> None:
        """Before the composer gets another conversation's draft: a begun edit goes below what was typed before it."""
        if self.editing is None:
            return
        begun, edit = self.editing, self._screen.composer_text
        self.give_up()
        if edit != begun.message.written:
            self._screen.composer.give_back(edit)

    async def _regenerate(self, how: str) -> None:
        prompt = self.chosen("user")
        if prompt is None:
            self._screen.tell("There is nothing to answer again yet.")
            return
        mode = how if base.exists(how) else None
        model = how if how and mode is None else None
        await self._screen.answering.again(prompt, mode, model)

    def _next_mode(self) -> str:
        """The mode after the one that wrote the chosen answer, which is the one Auto chose where it did."""
        prompt, path = self.chosen("user"), self._session.path
        answer = next((one for one in path if prompt and one.parent == prompt.id), None)
        view = self._session.views.get(answer.id) if answer else None
        mode = (view.mode if view else "") or (answer.mode if answer else "") or self._session.mode
        return IN_TURN[(IN_TURN.index(mode) + 1) % len(IN_TURN)] if mode in IN_TURN else IN_TURN[0]

    async def _step(self, by: int) -> None:
        message = self.chosen()
        while message is not None and message.siblings < 2:
            message = self._session.find(message.parent) if message.parent else None
        if message is None:
            self._screen.tell("There is no other version here. Editing a prompt or answering again makes one.")
        else:
            await self._screen.conversing.step(message, by)

    async def _delete(self) -> None:
        from chatmodes.tui.dialogs.confirm import Confirm

        message = self.chosen("user") if self._screen.transcript.cursor is None else self.chosen()
        if message is None:
            self._screen.tell("There is nothing to delete yet.")
            return
        question = Confirm(
            "Delete this message?", "Everything that follows it goes too. This cannot be undone.", "Delete"
        )
        if await self._screen.app.push_screen_wait(question):
            await self._screen.conversing.delete_message(message)

    def _copy(self) -> None:
        message = self.chosen() if self._screen.transcript.cursor else self.chosen("assistant")
        text = self._text(message)
        if text:
            self._screen.finding.copy(text)
        else:
            self._screen.tell("There is no answer to copy yet.")

    def _copy_code(self) -> None:
        """The answer's last code block; pressed again the one before, and round to the last."""
        from chatmodes.tui.markdown.render import fence_text
        from chatmodes.tui.markdown.sections import split

        message = self.chosen("assistant")
        blocks: dict[int, list[str]] = {}
        for section in split(self._text(message)):
            if section.kind == "fence":
                blocks.setdefault(section.serial, []).append(fence_text(section))
        if message is None or not blocks:
            self._screen.tell("There is no code block in that answer.")
            return
        texts = ["\n".join(parts) for parts in blocks.values()]
        last, number = self._code or ("", 0)
        number = number - 1 if last == message.id and 1 < number <= len(texts) else len(texts)
        self._code = message.id, number
        again = f"; {shown('copy_code')} again takes the one before" if number > 1 else ""
        of = f"Code block {number} of {len(texts)}{again}." if len(texts) > 1 else ""
        self._screen.finding.copy(texts[number - 1], of)

    async def _open_details(self) -> None:
        """Fold or unfold what the chosen answer has behind it, or the prompt that the cursor is on."""
        chosen = self.chosen() if self._screen.transcript.cursor else None
        if chosen is not None and chosen.message.role == "user":
            self._unfold_prompt(chosen)
            return
        message = self.chosen("assistant")
        if message is not None:
            await self._screen.conversing.read_behind(message)
        transcript = self._screen.transcript
        ids = [projection.panel_id(message.id), projection.reasoning_id(message.id)] if message else []
        shown = [id for id in ids if id in transcript.document]
        if not shown:
            self._screen.tell("That answer has no reasoning or drafts behind it.")
        for id in shown:
            transcript.set_folded(id, not transcript.document.entry(id).block.folded)

    def _unfold_prompt(self, message: StoredMessage) -> None:
        transcript = self._screen.transcript
        shown = [entry.block for entry in transcript.document.entries if entry.block.foldable]
        shown = [block for block in shown if projection.message_of(block.id) == message.id]
        if not shown:
            self._screen.tell("That prompt is shown in full.")
        for block in shown:
            transcript.set_folded(block.id, not block.folded)

    def _quote(self) -> None:
        text = self._screen.selected_text or self._text(self.chosen("assistant"))
        if not text:
            self._screen.tell("There is no answer to quote yet.")
            return
        self._screen.composer.quote(text)
        self._screen.focus_composer()

    def _text(self, message: StoredMessage | None) -> str:
        if message is None:
            return ""
        live = self._session.live.get(message.id)
        return live.view.answer_text if live else message.message.text
