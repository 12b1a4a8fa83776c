"""From a prompt to its answer on the screen: sending, queueing, drawing frames, stopping."""

import asyncio
import time
from typing import TYPE_CHECKING

from chatmodes import events as ev
from chatmodes.settings import ConfigError
from chatmodes.tui.agents.panes import AgentPanes
from chatmodes.tui.approving import Approving
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.eyes import Eyes
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.naming import Naming
from chatmodes.tui.chat.ports import Frames, Notifying, Terminal
from chatmodes.tui.chat.session import Chosen, Queued, Session
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine
from chatmodes.tui.host import keymap
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.painting import run_text
from chatmodes.tui.painting.conversation import ConversationPainter
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import Message
    from chatmodes.store.records import StoredMessage

FRAME = 0.1
"""Seconds between two frames of a stream: 100 ms cost 30% less processor time than 50, and nobody reads faster."""
SLOW_FRAME = 0.15
"""With more than three panes."""
STOPPED = "stopped by you"


class Answering:
    """What is under way on a chat screen."""

    def __init__(
        self,
        session: Session,
        engine: Engine,
        screen: Notifying,
        terminal: Terminal,
        frames: Frames,
        *,
        eyes: Eyes,
        display: Display,
        painter: ConversationPainter,
        conversations: Conversations,
        approving: Approving,
        listing: Listing,
        naming: Naming,
        transcript: Transcript,
        composer: Composer,
        panes: AgentPanes,
    ) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._terminal, self._frames = terminal, frames
        self._display, self._painter, self._conversations = display, painter, conversations
        self._approving = approving
        self._listing, self._naming = listing, naming
        self._transcript, self._composer, self._panes = transcript, composer, panes
        self._eyes = eyes
        self._next_frame = 0.0
        self._unsaved = False
        self._starting = asyncio.Lock()
        """Held from the look whether a conversation is free until its run can be seen: a second prompt that looked in
        between would begin a conversation of its own, or a branch that hides the first."""

    # Sending

    async def send(self, queued: Queued) -> None:
        """Send a prompt, or let it wait for its turn where it can be seen."""
        if self._engine.state == "failed":
            self._give_back(queued)
            self._screen.tell(f"{self._engine.problem} {self._engine.hint}", "error")
            return
        self._session.queue.append(queued)
        if self._engine.state != "ready" or queued.conversation in self._session.busy:
            self._display.show_waiting()
        else:
            await self.pump()

    async def pump(self) -> None:
        """Start every waiting prompt whose turn has come."""
        if self._engine.state != "ready":
            return
        session = self._session
        async with self._starting:
            for queued in list(session.queue):
                # Typed before its conversation was made: it goes where the one before it went.
                queued.conversation = queued.conversation or session.conversation
                if queued in session.queue and queued.conversation not in session.busy:
                    session.queue.remove(queued)
                    await self._start(queued)
        self._display.show_waiting()

    async def _start(self, queued: Queued) -> None:
        """Store a prompt and ask for its answer. A store that fails is said, and the prompt goes back."""
        from chatmodes.messages import user
        from chatmodes.store import StoreError

        engine, session = self._engine, self._session
        try:
            parent = queued.parent if queued.sibling else await self._leaf(queued)
            chosen = queued.chosen or session.chosen_now
            mode, model = queued.mode or chosen.mode, queued.model or chosen.model
            asked = user(queued.text, queued.files)
            if not self._eyes.see(asked, mode, model) or not await self._affordable(asked, parent, mode, model):
                self._give_back(queued)
                return
            prompt = await engine.chat.add_prompt(
                queued.text, conversation=queued.conversation, parent=parent, files=queued.files
            )
            stored = await read(engine.store.message, prompt)
        except StoreError as error:
            # Another conversation's prompt is not moved to the end of the open one.
            if queued.conversation != session.conversation:
                self._screen.tell(f"{error.message} {error.hint}", "error")
            elif await self._conversations.leave_disk(error):
                queued.conversation, queued.sibling = session.conversation, False
                await self._start(queued)
                return
            self._give_back(queued)
            return
        if stored is None:
            return
        if session.conversation == queued.conversation:
            session.conversation = stored.conversation
        await self._kept_as_sent(stored.conversation, began=queued.conversation is None)
        await self._answer(prompt, stored.conversation, mode, model, chosen)

    async def _kept_as_sent(self, conversation: str, *, began: bool) -> None:
        """A prompt is stored: no draft brings it back. A store that fails is said; the answer comes all the same."""
        from chatmodes.store import StoreError

        try:
            if began:
                await self._conversations.begun(conversation)
            if conversation == self._session.conversation:
                await self._conversations.save_draft()
        except StoreError as error:
            self._screen.tell(f"{error.message} {error.hint}", "warning")

    async def _leaf(self, queued: Queued) -> str | None:
        if queued.conversation is None:
            return None
        if queued.conversation == self._session.conversation and not self._session.outdated:
            return self._session.leaf
        return await self._engine.chat.leaf(queued.conversation)

    async def again(self, prompt: "StoredMessage", mode: str | None, model: str | None) -> None:
        """Ask for another answer to a stored prompt, where nothing is under way."""
        async with self._starting:
            if prompt.conversation in self._session.busy:
                self._screen.tell(f"An answer is under way. {keymap.shown('stop')} stops it.")
            else:
                asked, parent, chosen = prompt.message, prompt.parent, self._session.chosen_now
                mode, model = mode or chosen.mode, model or chosen.model
                if self._eyes.see(asked, mode, model) and await self._affordable(asked, parent, mode, model):
                    await self._answer(prompt.id, prompt.conversation, mode, model, chosen)

    async def _affordable(self, asked: "Message", parent: str | None, mode: str, model: str) -> bool:
        """Whether an answer cannot cost more than the limit, or the user says yes to that."""
        from chatmodes.comparing.foresee import above_limit
        from chatmodes.tui.compare.asking import cost_question

        chat = self._engine.chat
        limit = chat.settings.cost_limit
        columns = [(mode, model or None)]
        before = await read(chat.store.context, parent) if parent else []
        try:
            warm = self._engine.backend.warm_prices
            bound = await above_limit(chat, columns, [asked], before, limit=limit, warm=warm)
        except ConfigError:
            return True  # the run says it, in its place
        return bound is None or bool(await self._screen.ask(cost_question(bound, limit, "cost_limit")))

    async def _answer(self, prompt: str, conversation: str, mode: str, model: str, chosen: Chosen) -> None:
        from chatmodes.providers.calls import ProviderError
        from chatmodes.store import StoreError

        session = self._session
        try:
            run = await self._engine.chat.answer(
                prompt, mode=mode, model=model or None, settings=chosen.settings, asks=True
            )
        except (ConfigError, StoreError) as error:
            await self._conversations.reload()
            self._painter.note("unsent", f"{error} {error.hint}", "error")
            return
        except ProviderError as error:
            await self._conversations.reload()
            self._painter.note("unsent", run_text.error_text(error.error), "error")
            return
        live = LiveRun(run, conversation, self._engine.store)
        session.live[run.message] = live
        self._engine.tasks.start_soon(live.read, self._ended, self._approving.ask)
        if conversation == session.conversation:
            await self._conversations.reload()
        self._display.show_empty(False)
        self._frames.frames_wanted()
        asked = session.find(prompt)
        self._terminal.announce_start(asked.message.written if asked else "")
        self._listing.refresh()

    # Frames

    def frame(self) -> None:
        """Draw what came since the last frame, where a frame is due."""
        now = time.monotonic()
        if now < self._next_frame:
            return
        running = self._session.running
        panes = max((len(live.view.drafts) for live in running), default=0)
        self._next_frame = now + (SLOW_FRAME if panes > 3 else FRAME) - 0.01
        for live in running:
            if live.changed:
                live.changed = False
                self._painter.update(live)
            if live.view.drafts:
                self._panes.update(live.view, live.now)
                if self._transcript.size:  # laid out already
                    self._panes.offer(self._transcript.blank_rows)
            self._tell_unsaved(live)
        self._display.show_status()

    def _tell_unsaved(self, live: LiveRun) -> None:
        unsaved = live.run.unsaved
        if unsaved is not None and not self._unsaved:
            self._screen.tell(f"{unsaved.message} {unsaved.hint}", "warning")
        self._unsaved = unsaved is not None

    # Ends

    def _ended(self, live: LiveRun) -> None:
        # Called from the engine's task: widgets are touched from the screen's own.
        self._screen.call_later(lambda: self._screen.do(self._finish(live), group="finish"))

    async def _finish(self, live: LiveRun) -> None:
        from chatmodes.store import StoreError

        session = self._session
        try:
            stored = await read(live.store.message, live.message)
        except StoreError:
            stored = None
        # From here to the drawing nothing waits: a conversation opened in between would be drawn twice.
        session.live.pop(live.message, None)
        session.views[live.message] = live.view
        if live.conversation == session.conversation:
            self._painter.finish(live, stored)
            self._panes.clear()
            session.path = [stored if stored and one.id == live.message else one for one in session.path]
            self._tell_unsaved(live)
        self._terminal.announce_end(live.view, live.now)
        self._display.show_status()
        if not live.stopped:
            await self.pump()
        self._listing.refresh()
        if isinstance(live.view.end, ev.RunFinished):
            self._naming.later(live)

    @property
    def under_way(self) -> bool:
        """Whether `stop` would stop anything."""
        return bool(self._session.live or self._session.queue)

    def stop(self) -> bool:
        """Cancel everything under way, waits and waiting prompts included; False where there was nothing.

        What came stays in the transcript, and prompts that were not sent go back into the composer.
        """
        for live in self._session.live.values():
            live.stop(STOPPED)
        return self.take_back() or bool(self._session.live)

    def take_back(self) -> bool:
        """Put the prompts that wait back into the composer; False where there were none."""
        waiting = list(self._session.queue)
        self._session.queue.clear()
        if waiting:
            self._give_back(*waiting)
            self._display.show_waiting()
        return bool(waiting)

    def _give_back(self, *unsent: Queued) -> None:
        """Put prompts back into the composer so that sending them again does the same, in their mode and with their
        files."""
        mentions = {mention for queued in unsent for mention in queued.mentions}
        attached = [attachment for queued in unsent for attachment in queued.attached]
        self._composer.give_back(*(queued.typed for queued in unsent), mentions=mentions, attached=attached)
