"""A prompt on its way out: its files attached, an edit told from a new prompt, the transcript at its end."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.ports import Notices
from chatmodes.tui.chat.session import Chosen, Queued, Session
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.composer.shelf import Attachment
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import File, Image, Text

    Files = tuple[Text | File | Image, ...]

SOON = 0.5
"""Seconds that reading files may take without a word."""


class Sending:
    """What Enter comes to."""

    def __init__(
        self,
        session: Session,
        notices: Notices,
        *,
        editing: Editing,
        answering: Answering,
        conversations: Conversations,
        transcript: Transcript,
        composer: Composer,
    ) -> None:
        self._session, self._notices = session, notices
        self._editing, self._answering, self._transcript = editing, answering, transcript
        self._conversations, self._composer = conversations, composer
        self.by_hand: tuple[str, ...] = ()
        """The paths that were typed in the command being run; they are those of the prompt it sends."""
        self._turn = asyncio.Lock()
        """Prompts go out in the order in which they were sent, however long the files of one take."""
        self._refused: tuple[str, frozenset[str]] = ("", frozenset())
        """The prompt that came back last, and why: sent once more as it is, it goes without those files."""

    async def send(
        self,
        text: str,
        mode: str | None = None,
        mentions: tuple[str, ...] | None = None,
        attached: Iterable[Attachment] | None = None,
        *,
        chosen: Chosen | None = None,
        once: str = "",
    ) -> None:
        """Send a prompt from the open conversation's end, or as the edit of one, with the files that it mentions and
        what is attached: what was typed in a command and what hangs on the composer, where those are None.

        `chosen` is what this one is sent with in place of the conversation's own choice, `once` how that was typed.
        """
        if self._editing.answer:
            await self._rewrite(text)
            return
        if mentions is None:
            mentions, self.by_hand = self.by_hand, ()
        hung = self.hung() if attached is None else tuple(attached)
        typed = Queued(text, mode, once=once).typed
        here, then = self._session.conversation, self._session.chosen_now
        async with self._turn:
            files = await self.attached(typed, mentions, hung)
            if files is None:
                return
            queued = self._editing.edited(text) or Queued(text, conversation=here or self._session.conversation)
            queued.mode, queued.mentions, queued.files, queued.attached = mode, mentions, files, hung
            elsewhere = queued.conversation != self._session.conversation  # opened while its files were read
            queued.chosen, queued.once = chosen or (then if elsewhere else None), once
            self._transcript.move_cursor(None)
            self._transcript.action_follow()
            await self._answering.send(queued)

    def hung(self) -> tuple[Attachment, ...]:
        """Take what hangs on the composer, to be sent by who calls."""
        return self._composer.shelf.take()

    async def _rewrite(self, text: str) -> None:
        """Keep an edited answer, where no run would write below the one before meanwhile."""
        if self._session.running:
            self._editing.go_on(text)
            self._notices.tell(f"An answer is under way. {shown('stop')} stops it.")
        elif (answer := self._editing.finish()) is not None:
            await self._conversations.rewrite(answer, text)

    async def attached(self, typed: str, mentions: tuple[str, ...], hung: "tuple[Attachment, ...]") -> "Files | None":
        """The files that go out with a prompt. None where one cannot be attached: it is said, and what was `typed` is
        in the composer again, to be sent without it by the same key."""
        if not hung and "@" not in typed:
            return ()
        slow = "Reading what is attached; the prompt is sent when it is ready."
        saying = asyncio.get_running_loop().call_later(SOON, self._notices.tell, slow)
        try:
            files, refused = await self._read(typed, mentions, hung)
        finally:
            saying.cancel()
        if (self._refused[0] == typed and refused <= self._refused[1]) or not refused:
            self._refused = ("", frozenset())
            return files
        self._refused = (typed, refused)
        again = f"{shown('composer.send')} sends the prompt without."
        self._notices.tell(f"{' '.join(sorted(refused))} {again}", "warning")
        self._composer.give_back(typed, mentions=mentions, attached=hung)
        return None

    async def _read(
        self, text: str, mentions: tuple[str, ...], hung: "tuple[Attachment, ...]"
    ) -> "tuple[Files, frozenset[str]]":
        """What is ready to be sent, and a sentence for each thing that is not."""
        await read(_imports)  # in a thread: in the loop a key press would wait
        from chatmodes.attaching import MOST
        from chatmodes.tui.composer.expanding import expand_mentions

        for attachment in hung:
            await attachment.wait()
        refused = {attachment.problem for attachment in hung if attachment.problem}
        expanded = await expand_mentions(text, mentions=mentions)
        if expanded.passed_over:
            self._notices.tell(expanded.passed_over, "warning")
        files = (*expanded.parts, *(part for attachment in hung for part in attachment.parts))
        if len(mentions) + len(hung) > MOST:
            refused.add(f"{len(mentions) + len(hung)} files are too many for one prompt; attach {MOST} at most.")
            files = files[:MOST]
        return files, frozenset({*refused, *expanded.refused})


def _imports() -> None:
    from chatmodes.tui.composer import expanding

    del expanding
