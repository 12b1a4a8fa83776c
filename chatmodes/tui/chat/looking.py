"""Pictures looked at: those of a message, or those that hang on the prompt being written."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatmodes.tui import attached
from chatmodes.tui.chat.ports import Notifying
from chatmodes.tui.chat.session import Session
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.engine import Engine
from chatmodes.tui.painting import projection
from chatmodes.tui.reading import read
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.messages import Image


class Looking:
    """Opens the viewer."""

    def __init__(
        self, session: Session, engine: Engine, screen: Notifying, *, transcript: Transcript, composer: Composer
    ) -> None:
        self._session, self._engine, self._screen = session, engine, screen
        self._transcript, self._composer = transcript, composer

    async def look(self) -> None:
        """The pictures of the chosen message; with none chosen those of the prompt being written, or the last ones."""
        from chatmodes.messages import Image
        from chatmodes.providers.pictures import pictures_of

        chosen = self._session.chosen(self._transcript.cursor) if self._transcript.cursor else None
        found: list[Image] = []
        if chosen is None:
            hung = (part for each in self._composer.shelf.attachments for part in each.parts)
            found = [part for part in hung if isinstance(part, Image)]
        for one in [chosen] if chosen else reversed(self._session.path):
            found = found or list(pictures_of([one.message]))
        if found:
            await self._show(found)
        else:
            self._screen.tell("There is no picture here to look at.")

    async def open(self, block: str) -> None:
        """The picture of a line in the transcript, and from there the others of its message."""
        from chatmodes.messages import Image
        from chatmodes.providers.pictures import pictures_of

        message = self._session.find(projection.message_of(block))
        if message is not None:
            parts = [part for part in message.message.parts if not projection.is_written(part)]
            before = parts[: projection.number_of(block)]
            await self._show(pictures_of([message.message]), sum(isinstance(part, Image) for part in before))

    async def _show(self, pictures: "Iterable[Image]", at: int = 0) -> None:
        from chatmodes.tui.pictures.viewer import PictureViewer, Shown

        shown: list[Shown] = []
        for picture in pictures:
            content = picture.content or await read(self._engine.store.attachment_data, picture.hash) or b""
            shown.append(Shown(attached.line(picture), content))
        await self._screen.ask(PictureViewer(shown, at))
