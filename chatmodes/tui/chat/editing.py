"""Editing a message: it stands in the composer until it is sent as another branch, or given up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chatmodes.tui.chat.session import Queued, Session
from chatmodes.tui.composer.composer import Composer, Draft
from chatmodes.tui.composer.mentions import mentions_in, mentions_of
from chatmodes.tui.composer.shelf import attachments_of

if TYPE_CHECKING:
    from chatmodes.messages import File, Image, Message
    from chatmodes.store.records import StoredMessage


class Editing:
    """Which message is edited is in the session; here is what becomes of the composer."""

    def __init__(self, session: Session, composer: Composer) -> None:
        self._session, self._composer = session, composer
        self._before = Draft()
        """What stood in the composer before the edit."""

    def begin(self, message: StoredMessage) -> None:
        """Put a message into the composer; what stood there comes back afterwards."""
        asked = message.message
        before = self._composer.replace(asked.written, mentions_of(asked), attachments_of(hung_on(asked)))
        if self._session.editing is None:
            self._before = before
        self._session.editing = message

    def edited(self, text: str) -> Queued | None:
        """The edited prompt as a sibling of the one it replaces; None where none is being edited."""
        message = self.finish()
        return Queued(text, None, None, message.conversation, message.parent, sibling=True) if message else None

    @property
    def answer(self) -> bool:
        """Whether it is an answer that is edited, which nothing is to answer."""
        return self._session.editing is not None and self._session.editing.message.role == "assistant"

    def finish(self) -> StoredMessage | None:
        """End the edit: what was being typed before comes back. Gives the message it was of, None where that is none
        of the open conversation."""
        message, self._session.editing = self._session.editing, None
        if message is None:
            return None
        before = self._before
        self._composer.give_back(before.text, mentions=_typed_in(before), attached=before.attached)
        return message if message.conversation == self._session.conversation else None

    def go_on(self, text: str) -> None:
        """The edit could not be kept: it stands in the composer again."""
        self._composer.replace(text)

    def give_up(self) -> None:
        """Leave the prompt as it is; what was being typed before comes back."""
        self._session.editing = None
        self._composer.replace(self._before.text, _typed_in(self._before), self._before.attached)

    def unsent(self, text: str) -> str:
        """What a draft of the composer's `text` has to keep: the prompt before an edit too, which comes back."""
        begun = self._session.editing
        if begun is None:
            return text
        edit = "" if text == begun.message.written else text
        return "\n\n".join(filter(None, (self._composer.unfolded(self._before.text), edit)))

    def put_aside(self) -> None:
        """Before the composer gets another conversation's draft: a begun edit goes below what was typed before it."""
        begun, edit = self._session.editing, self._composer.text
        if begun is None:
            return
        self.give_up()
        if edit != begun.message.written:
            self._composer.give_back(edit)


def hung_on(message: Message) -> tuple[File | Image, ...]:
    """What was attached to a prompt apart from the files that its text mentions."""
    return tuple(part for part in message.attached if not part.mentioned)


def _typed_in(draft: Draft) -> tuple[str, ...]:
    """The paths in a draft that were mentioned by hand."""
    return mentions_in(draft.text, draft.by_hand)
