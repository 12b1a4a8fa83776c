"""A prompt on its way out: its files attached, an edit told from a new prompt, the transcript at its end."""

from typing import TYPE_CHECKING

from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.ports import Notices
from chatmodes.tui.chat.session import Queued, Session
from chatmodes.tui.host.keymap import shown
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import Text


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
    ) -> None:
        self._session, self._notices = session, notices
        self._editing, self._answering, self._transcript = editing, answering, transcript
        self._conversations = conversations

    async def send(self, text: str, mode: str | None = None, mentions: tuple[str, ...] = ()) -> None:
        """Send a prompt from the open conversation's end, or as the edit of one; mentioned files are attached."""
        if self._editing.answer:
            await self._rewrite(text)
            return
        files = await self.attached(text, mentions)
        prompt = self._editing.edited(text) or Queued(text, conversation=self._session.conversation)
        prompt.mode, prompt.mentions, prompt.files = mode, mentions, files
        self._transcript.move_cursor(None)
        self._transcript.action_follow()
        await self._answering.send(prompt)

    async def _rewrite(self, text: str) -> None:
        """Keep an edited answer, where no run would write below the one before meanwhile."""
        if self._session.running:
            self._editing.go_on(text)
            self._notices.tell(f"An answer is under way. {shown('stop')} stops it.")
        elif (answer := self._editing.finish()) is not None:
            await self._conversations.rewrite(answer, text)

    async def attached(self, text: str, mentions: tuple[str, ...]) -> "tuple[Text, ...]":
        """The files that a prompt mentions, to be sent with it; what was not attached is said."""
        if "@" not in text:
            return ()
        from functools import partial

        from chatmodes.tui.composer.mentions import expand_mentions

        expanded = await read(partial(expand_mentions, text, mentions=mentions))
        for refusal in expanded.refused:
            self._notices.tell(refusal, "warning")
        return expanded.files
