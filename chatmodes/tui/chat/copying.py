"""What leaves the chat: copies to the clipboard, links to the browser, conversations to files."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from chatmodes.sanitize import one_line
from chatmodes.settings import expanded
from chatmodes.tui.chat.ports import Notifying, Terminal
from chatmodes.tui.chat.session import Session
from chatmodes.tui.engine import Engine
from chatmodes.tui.reading import read

if TYPE_CHECKING:
    from chatmodes.store import Store


class Copying:
    """Takes text along."""

    def __init__(self, session: Session, engine: Engine, screen: Notifying, terminal: Terminal) -> None:
        self._session, self._engine, self._screen, self._terminal = session, engine, screen, terminal

    def copy(self, text: str, what: str = "") -> None:
        """To the clipboard by every way there is; says "copied" only where something took it, then `what` it was."""
        self._screen.do(self._copy(text, what))

    async def _copy(self, text: str, what: str) -> None:
        from chatmodes.tui.host.clipboard import copy

        copied = await copy(text, self._terminal.write_to_terminal)
        self._screen.tell(
            f"{copied.message} {what}".rstrip(), "notice" if copied.confirmed or copied.sent else "warning"
        )

    async def open_link(self, url: str) -> None:
        """Ask before a model's link is opened; only http and https are."""
        from chatmodes.tui.dialogs.confirm import Confirm

        if not url.lower().startswith(("http://", "https://")):
            self._screen.tell(f"Only http and https links are opened, not {one_line(url, 80)}.", "warning")
        elif await self._screen.ask(Confirm("Open this link?", one_line(url, 2000), "Open")):
            self._terminal.open_url(url)

    async def export(self, text: str) -> None:
        """Write the open conversation to a file."""
        conversation = self._session.conversation
        if conversation is None:
            self._screen.tell("There is no conversation to export yet.")
            return
        form, name = _form(text)
        if form not in FORMS or not _fits(name, form):
            self._screen.tell(f"There is no export as {one_line(form or name, 40)}: {', '.join(FORMS)}.", "warning")
            return
        found = await read(self._engine.store.conversation, conversation)
        path = named(name).absolute() if name else _free(found.name if found else "", form)

        def write(path: Path) -> None:
            _write(self._engine.store, conversation, form, path)

        await self.keep(path, write, f"/export {form} FILE")

    async def keep(self, path: Path, write: Callable[[Path], None], command: str) -> None:
        """Have a new file written, in a thread, and say where it is or why there is none.

        `write` raises FileExistsError where the file is there already; `command` names another.
        """
        try:
            await read(write, path)
        except FileExistsError:
            self._screen.tell(f"{path} exists and stays as it is. Name another file: {command}", "warning")
        except OSError as error:
            self._screen.tell(f"{path} cannot be written: {error.strerror}.", "error")
        else:
            self._screen.tell(f"Written to {path}.")


FORMS = ("md", "json", "html")
_SUFFIXES = {".md": "md", ".markdown": "md", ".txt": "md", ".json": "json", ".html": "html", ".htm": "html"}


def _form(text: str) -> tuple[str, str]:
    """The format and the file's name that were typed; a format that there is not comes as it was typed."""
    first, _, rest = text.partition(" ")
    if first in FORMS:
        return first, rest.strip()
    suffix = Path(text).suffix.lower()
    if suffix:
        return _SUFFIXES.get(suffix, suffix.removeprefix(".")), text
    return (first, rest.strip()) if first else ("md", "")


def _fits(name: str, form: str) -> bool:
    suffix = Path(name).suffix.lower()
    return not suffix or _SUFFIXES.get(suffix) == form


def named(name: str) -> Path:
    """The file that a name means, `~` being the home folder."""
    return expanded(name.strip())


def _free(title: str, form: str) -> Path:
    """A file of today's that is called by its title, and that nobody has yet."""
    from chatmodes import exporting

    return exporting.free_path(Path.cwd(), exporting.file_name(title, date.today()), form)


def _write(store: "Store", conversation: str, form: str, path: Path) -> None:
    """Write an export to a new file. Blocks: call it in a thread."""
    from chatmodes import exporting
    from chatmodes.store.archive import dump
    from chatmodes.store.importing import to_json

    found = store.conversation(conversation)
    assert found is not None, "the open conversation"
    if form == "json":
        text = to_json((dump(store, conversation),)).decode()
    else:
        text = exporting.markdown(store, found) if form == "md" else exporting.page(store, found)
    exporting.save(path, text)
