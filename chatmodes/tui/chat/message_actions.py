"""What can be done with one message: the one under the transcript's cursor, or the last where there is none."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Literal, assert_never

from chatmodes.modes import base
from chatmodes.sanitize import one_line
from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.code import Code
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.copying import Copying
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.editing import Editing, hung_on
from chatmodes.tui.chat.filing import Filing
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.session import Session
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.composer.history import Earlier
from chatmodes.tui.composer.mentions import mentions_of
from chatmodes.tui.engine import Engine
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.names import fitted
from chatmodes.tui.painting import projection
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import Message
    from chatmodes.store.records import StoredMessage

IN_TURN = ("instant", "thinking", "contemplating")
"""The modes that one prompt is tried in, one after the other."""


RECALLED = 200
"""Prompts of all conversations that one steps through in the composer; who looks for an older one searches."""


QUOTED = 80
"""Cells of a message that a question about it quotes."""


MessageAction = Literal[
    "edit",
    "regenerate",
    "other_mode",
    "older",
    "newer",
    "delete",
    "copy",
    "copy_code",
    "save_code",
    "page_code",
    "details",
    "quote",
]
"""What keys and commands call it."""


class MessageActions:
    """Regenerate, step, delete, copy, quote, unfold; and the beginning of an edit."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        screen: Notifying,
        *,
        display: Display,
        editing: Editing,
        conversations: Conversations,
        filing: Filing,
        answering: Answering,
        copying: Copying,
        code: Code,
        transcript: Transcript,
        composer: Composer,
    ) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._display, self._editing, self._conversations = display, editing, conversations
        self._filing, self._answering, self._copying = filing, answering, copying
        self._transcript, self._composer = transcript, composer
        self._code = code
        self._stepping = asyncio.Lock()
        """A second press of the key steps from where the first one arrived."""

    def chosen(self, role: str | None = None) -> StoredMessage | None:
        """The message under the cursor, otherwise the last one; of a role, the nearest at or above it."""
        return self._session.chosen(self._transcript.cursor, role)

    async def act(self, action: MessageAction, text: str = "") -> None:
        """Do what a key or a command names."""
        if action not in ("copy_code", "save_code", "page_code"):
            self._code.forget()
        match action:
            case "edit":
                self._edit()
                self._display.show_status()
            case "regenerate":
                await self._regenerate(text)
            case "other_mode":
                await self._regenerate(self._next_mode())
            case "older" | "newer":
                async with self._stepping:
                    await self._step(-1 if action == "older" else 1)
            case "delete":
                await self._delete()
            case "copy":
                self._copy()
            case "copy_code" | "save_code" | "page_code":
                await self._code_of(action, text)
            case "details":
                await self._open_details()
            case "quote":
                self._quote()
            case _:
                assert_never(action)

    def _edit(self) -> None:
        message = self.chosen("user") if self._transcript.cursor is None else self.chosen()
        if message is None:
            self._screen.tell("There is no prompt to edit yet.")
            return
        if message.id in self._session.live:
            self._screen.tell(f"That answer is under way. {shown('stop')} stops it.")
            return
        self._editing.begin(message)
        self._composer.focus()
        prompt = message.message.role == "user"
        done = "sends the edited prompt as another branch" if prompt else "keeps the edited answer as another version"
        self._screen.tell(f"{shown('composer.send')} {done}; {shown('stop')} gives it up.")

    async def earlier(self) -> list[str]:
        """Prompts to be sent once more with all that they had: those of the open conversation behind those of others,
        each the oldest first."""
        here = [one.message for one in self._session.path if one.message.role == "user"]
        asked = [*reversed(await self._asked_elsewhere()), *here]
        return [Earlier(one.written, mentions_of(one), hung_on(one)) for one in asked]

    async def _asked_elsewhere(self) -> list[Message]:
        """What the store in use knows, which in private is memory: nothing on disk is read there."""
        from chatmodes.store import StoreError

        engine = self._engine
        try:
            return await read(engine.store.prompts, RECALLED) if engine.state == "ready" else []
        except StoreError as error:
            self._screen.tell(f"{error.message} {error.hint}", "warning")
            return []

    async def _regenerate(self, how: str) -> None:
        prompt = self.chosen("user")
        if prompt is None:
            self._screen.tell("There is nothing to answer again yet.")
            return
        mode = how if base.exists(how) else None
        model = how if how and mode is None else None
        if model is not None and (problem := await self._problem_of(model)):
            self._screen.tell(problem, "warning")
            return
        await self._answering.again(prompt, mode, model)

    async def _problem_of(self, model: str) -> str:
        """Why nothing can be asked of what was named; empty where it can."""
        if "/" not in model:
            named = f"There is no mode {one_line(model, 40)}: {', '.join(base.names())}."
            return f"{named} A model is named as PROVIDER/MODEL; /model lists them."
        return await self._engine.problem_of(model) if self._engine.state == "ready" else ""

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
            await self._conversations.step(message, by)

    async def _delete(self) -> None:
        from chatmodes.tui.dialogs.confirm import Confirm

        message = self.chosen("user") if self._transcript.cursor is None else self.chosen()
        if message is None:
            self._screen.tell("There is nothing to delete yet.")
            return
        transcript, before = self._transcript, self._transcript.cursor
        marked = next((id for id in projection.shown_as(message.id) if id in transcript.document), None)
        if marked is not None:  # in sight and marked, while it is asked about
            transcript.move_cursor(before if before and projection.message_of(before) == message.id else marked)
        text = _deleting(message, await self._filing.below(message))
        if await self._screen.ask(Confirm("Delete this message?", text, "Delete")):
            await self._filing.delete_message(message)
        elif before is None:
            transcript.move_cursor(None)

    def _copy(self) -> None:
        message = self.chosen() if self._transcript.cursor else self.chosen("assistant")
        text = self._text(message)
        if text:
            self._copying.copy(text)
        else:
            self._screen.tell("There is no answer to copy yet.")

    async def _code_of(self, action: Literal["copy_code", "save_code", "page_code"], name: str) -> None:
        message = self.chosen("assistant")
        id, text = (message.id if message else ""), self._text(message)
        match action:
            case "copy_code":
                self._code.copy(id, text)
            case "save_code":
                await self._code.save(id, text, name)
            case "page_code":
                await self._code.page(id, text)

    async def _open_details(self) -> None:
        """Fold or unfold what the chosen answer has behind it, or the prompt that the cursor is on."""
        chosen = self.chosen() if self._transcript.cursor else None
        if chosen is not None and chosen.message.role == "user":
            self._unfold_prompt(chosen)
            return
        message = self.chosen("assistant")
        if message is not None:
            await self._conversations.read_behind(message)
        if not self._turn_over(message):
            self._screen.tell("That answer has no reasoning, drafts or calls behind it.")

    def _unfold_prompt(self, message: StoredMessage) -> None:
        if not self._turn_over(message):
            self._screen.tell("That prompt is shown in full.")

    def _turn_over(self, message: StoredMessage | None) -> bool:
        """Fold what is open of a message, and open what is folded; False where there is nothing to fold."""
        transcript = self._transcript
        shown = [entry.block for entry in transcript.document.entries if entry.block.foldable and message]
        shown = [block for block in shown if message and projection.message_of(block.id) == message.id]
        for block in shown:
            transcript.set_folded(block.id, not block.folded)
        return bool(shown)

    def _quote(self) -> None:
        text = (self._transcript.screen.get_selected_text() or "") or self._text(self.chosen("assistant"))
        if not text:
            self._screen.tell("There is no answer to quote yet.")
            return
        self._composer.quote(text)
        self._composer.focus()

    def _text(self, message: StoredMessage | None) -> str:
        if message is None:
            return ""
        live = self._session.live.get(message.id)
        return live.view.answer_text if live else message.message.text


def _deleting(message: StoredMessage, below: int) -> str:
    """What a deletion takes, in the message's own first words."""
    who = "Your prompt" if message.message.role == "user" else "The answer"
    words = fitted(one_line(message.message.written, 200).strip(), QUOTED)
    quoted = f"“{words}”" if words else "without a text"
    more = {0: "Nothing follows it.", 1: "The message that follows it goes too."}.get(
        below, f"The {below:,} messages that follow it, in all branches, go too."
    )
    return f"{who} {quoted} is deleted. {more} {shown('undo')} brings it back for an hour."
