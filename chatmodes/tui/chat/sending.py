"""A prompt on its way out: its files attached, an edit told from a new prompt, the transcript at its end."""

from typing import TYPE_CHECKING

from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.ports import Notices
from chatmodes.tui.chat.session import Queued, Session
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import Text


class Sending:
    """What Enter comes to."""

    def __init__(
        self, session: Session, notices: Notices, *, editing: Editing, answering: Answering, transcript: Transcript
    ) -> None:
        self._session, self._notices = session, notices
        self._editing, self._answering, self._transcript = editing, answering, transcript

    async def send(self, text: str, mode: str | None = None, mentions: tuple[str, ...] = ()) -> None:
        """Send a prompt from the open conversation's end, or as the edit of one; mentioned files are attached."""
        files = await self._attached(text, mentions) if "@" in text else ()
        prompt = self._editing.edited(text) or Queued(text, conversation=self._session.conversation)
        prompt.mode, prompt.mentions, prompt.files = mode, mentions, files
        self._transcript.move_cursor(None)
        self._transcript.action_follow()
        await self._answering.send(prompt)

    async def _attached(self, text: str, mentions: tuple[str, ...]) -> "tuple[Text, ...]":
        """The files that a prompt mentions, to be sent with it; what was not attached is said."""
        from functools import partial

        from chatmodes.tui.composer.mentions import expand_mentions

        expanded = await read(partial(expand_mentions, text, mentions=mentions))
        for refusal in expanded.refused:
            self._notices.tell(refusal, "warning")
        return expanded.files
