"""Into a comparison and back: what is asked before it is sent, and where the chat goes on after it."""

import asyncio
from typing import TYPE_CHECKING

from chatmodes.sanitize import one_line
from chatmodes.tui.approving import Approving
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.copying import Copying
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.eyes import Eyes
from chatmodes.tui.chat.naming import Naming
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.sending import Sending
from chatmodes.tui.chat.session import Session
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import Message

Columns = list[tuple[str, str | None]]
"""Modes with their models; None takes the mode's own."""


class Comparing:
    """Opens comparisons over the chat, and goes on from what was picked."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        screen: Notifying,
        *,
        eyes: Eyes,
        conversations: Conversations,
        naming: Naming,
        copying: Copying,
        sending: Sending,
        editing: Editing,
        approving: Approving,
        transcript: Transcript,
        composer: Composer,
    ) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._eyes = eyes
        self._conversations, self._naming, self._copying = conversations, naming, copying
        self._sending, self._editing, self._approving = sending, editing, approving
        self._transcript, self._composer = transcript, composer

    async def compare(self, prompt: str, *, blind: bool = False) -> None:
        """A prompt through several modes and models, side by side: what is given, else what stands in the composer;
        else the chosen prompt, or the last."""
        if prompt:
            written = Composer.Submitted(prompt, attached=self._sending.hung())
            await self._new_prompt(written, "blind" if blind else "compare", blind=blind)
        elif self._editing.answer:
            self._screen.tell("An answer is being edited; send it with Enter, or leave it with Esc, before comparing.")
        elif self._composer.text.strip():
            await self._new_prompt(self._composer.take(), blind=blind)
        elif (asked := self._session.chosen(self._transcript.cursor, "user")) is not None:
            await self._stored_prompt(asked.id, blind=blind)
        else:
            self._screen.tell(f"Type the prompt behind it: /{'blind' if blind else 'compare'} PROMPT")

    async def _new_prompt(self, written: Composer.Submitted, command: str = "", *, blind: bool) -> None:
        """Ask a new prompt of several modes at the end of the open conversation, or in place of the one being edited;
        where it is not sent it comes back, behind the `command` that it was typed behind. Raises `StoreError`."""
        from chatmodes.messages import user

        session, prompt = self._session, written.text
        typed = f"/{command} {prompt}" if command else prompt
        files = await self._sending.attached(typed, written.mentions, written.attached)
        if files is None:
            return
        if not await self._ready():
            self._composer.give_back(typed, mentions=written.mentions, attached=written.attached)
            return
        chat = self._engine.chat
        edit = self._editing.edited(prompt)
        leaf = edit.parent if edit else session.leaf
        before = await read(chat.store.context, leaf) if leaf else []
        columns, bound, wanted = await self._foreseen(user(prompt, files), before)
        if not wanted:
            self._composer.give_back(typed, mentions=written.mentions, attached=written.attached)
            return
        before_it = session.conversation
        message = await chat.add_prompt(prompt, conversation=before_it, parent=leaf, files=files)
        stored = await read(chat.store.message, message)
        if before_it is None and stored is not None:
            session.conversation = stored.conversation
            await self._conversations.begun(stored.conversation)
        await self._conversations.save_draft()
        await self._run(message, columns, bound, blind=blind, leaf=None)

    async def _stored_prompt(self, message: str, *, blind: bool) -> None:
        """Ask a stored prompt again, of several modes. Its answers so far stay beside the new ones."""
        if not await self._ready():
            return
        chat = self._engine.chat
        stored = await read(chat.store.message, message)
        if stored is None:
            return
        before = await read(chat.store.context, stored.parent) if stored.parent else []
        columns, bound, wanted = await self._foreseen(stored.message, before)
        if wanted:
            await self._run(message, columns, bound, blind=blind, leaf=self._session.leaf)

    async def _ready(self) -> bool:
        await self._engine.settled.wait()
        if self._engine.state != "ready":
            self._screen.tell(f"{self._engine.problem} {self._engine.hint}", "error")
            return False
        if self._session.running:
            self._screen.tell(f"An answer is under way. {shown('stop')} stops it; then compare.")
            return False
        return True

    async def _foreseen(self, prompt: "Message", before: "list[Message]") -> tuple[Columns, float | None, bool]:
        """The columns, what they cost at most, and whether that is agreed to; no where one takes no pictures."""
        from chatmodes.comparing.foresee import foreseen
        from chatmodes.settings import ConfigError
        from chatmodes.tui.compare.asking import cost_question

        await self._engine.backend.warm_prices()
        settings = self._session.settings.compare
        columns: Columns = [(mode, self._session.model or None) for mode in settings.modes]
        if not all(self._eyes.see(prompt, mode, model or "") for mode, model in columns):
            return columns, None, False
        try:
            bound = foreseen(self._engine.chat, columns, [prompt], before)
        except ConfigError as error:
            self._screen.tell(f"{error} {error.hint}", "error")
            return columns, None, False
        if bound is not None and bound > settings.cost_limit:
            return columns, bound, bool(await self._screen.ask(cost_question(bound, settings.cost_limit)))
        return columns, bound, True

    async def _run(self, message: str, columns: Columns, bound: float | None, *, blind: bool, leaf: str | None) -> None:
        """Run it and come back; without a winner the chat goes back to `leaf`, or to an answer where that is None."""
        from chatmodes.tui.compare import captions
        from chatmodes.tui.compare.contest import Contest
        from chatmodes.tui.compare.screen import CompareScreen

        chat, session = self._engine.chat, self._session
        stored = await read(chat.store.message, message)
        assert stored is not None, "just stored"
        contest = Contest(
            self._engine, chat, stored.conversation, message, stored.message.text, blind, asking=self._approving.ask
        )
        contest.model, contest.topic = session.model, session.topic
        async with self._approving.held():
            await contest.begin(columns)
            compare = CompareScreen(contest, bound, self._screen, self._copying)
            closed = self._transcript.app.push_screen(compare, wait_for_dismiss=True)
        await asyncio.shield(closed)  # as Textual's own `push_screen_wait`: who waits may end before the screen does
        session.topic = contest.topic
        await contest.settled()
        if contest.winner is None:
            chosen = compare.chosen.column if compare.chosen else None
            await read(chat.store.set_leaf, stored.conversation, leaf or contest.best_to_go_on(chosen) or message)
        await self._conversations.open(stored.conversation)
        ended = contest.winner or next((column for column in contest.columns if column.view.answer_text), None)
        if ended is not None and ended.live is not None:
            self._naming.later(ended.live)
        if contest.winner is not None and not blind:
            self._screen.tell(f"Picked {one_line(captions.name(contest, contest.winner))}; the others stay beside it.")
