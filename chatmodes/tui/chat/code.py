"""The code blocks of an answer, taken along: to the clipboard, into a file, through a pager."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from chatmodes.tui.chat.copying import Copying, named
from chatmodes.tui.chat.ports import Notifying, Terminal
from chatmodes.tui.host.keymap import shown

if TYPE_CHECKING:
    from chatmodes.tui.markdown.code_blocks import CodeBlock


class Code:
    """Which block of an answer is meant: the last, or the one that was copied last."""

    def __init__(self, screen: Notifying, terminal: Terminal, copying: Copying) -> None:
        self._screen, self._terminal, self._copying = screen, terminal, copying
        self._taken: tuple[str, int] = ("", 0)
        """The answer whose code was copied last, and which block of it, from 1."""

    def forget(self) -> None:
        """Something else was done: begin with the last block again."""
        self._taken = ("", 0)

    def copy(self, message: str, text: str) -> None:
        """The answer's last code block; pressed again the one before, and round to the last."""
        blocks = self._blocks(text)
        if not blocks:
            return
        last, number = self._taken
        number = number - 1 if last == message and 1 < number <= len(blocks) else len(blocks)
        self._taken = message, number
        again = f"; {shown('copy_code')} again takes the one before" if number > 1 else ""
        of = f"Code block {number} of {len(blocks)}{again}." if len(blocks) > 1 else ""
        self._copying.copy(blocks[number - 1].text, of)

    async def save(self, message: str, text: str, name: str = "") -> None:
        """Write a block to a new file, whose name is asked for where none is given."""
        from chatmodes.tui.dialogs.ask import AskText

        block = self._meant(message, text)
        if block is None:
            return
        if not name:
            lines = block.text.count("\n") + 1
            about = f"{lines:,} {'line' if lines == 1 else 'lines'} of {block.language or 'text'}, in {Path.cwd()}"
            name = await self._screen.ask(AskText("Save the code block as", about, f"code{block.suffix}")) or ""
        if not name.strip():
            return

        def write(path: Path) -> None:
            with path.open("x", encoding="utf-8") as file:
                file.write(f"{block.text}\n")

        await self._copying.keep(named(name), write, "/code FILE")

    async def page(self, message: str, text: str) -> None:
        """Show a block in the user's pager."""
        from chatmodes.tui.host.pager import PagerError, page

        block = self._meant(message, text)
        if block is None:
            return
        try:
            await self._terminal.lend(lambda: page(block.text, block.suffix))
        except PagerError as error:
            self._screen.tell(str(error), "error")
        except SuspendNotSupported:
            self._screen.tell("A pager cannot be opened here: there is no terminal to give it.", "warning")

    def _meant(self, message: str, text: str) -> CodeBlock | None:
        blocks = self._blocks(text)
        last, number = self._taken
        return None if not blocks else blocks[number - 1 if last == message and number <= len(blocks) else -1]

    def _blocks(self, text: str) -> list[CodeBlock]:
        from chatmodes.tui.markdown.code_blocks import code_blocks

        blocks = code_blocks(text)
        if not blocks:
            self._screen.tell("There is no code block in that answer.")
        return blocks
