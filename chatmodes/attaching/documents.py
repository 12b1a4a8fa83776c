"""A PDF's text, for models that take no PDF as what it is.

PDFium is native code and the file a stranger's, so it is read in a process of its own with bounds on time and memory;
what goes wrong there is one sentence here.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_process
import msgspec

from chatmodes.attaching.errors import AttachError
from chatmodes.attaching.pictures import EDGE

if TYPE_CHECKING:
    import pypdfium2

SECONDS = 60.0
MEMORY = 2 * 1024**3
"""Bytes of address space that reading may take."""
PAGES = 500
"""Pages whose text is read; the PDF itself goes whole where a provider takes it."""
CHARACTERS = 1_000_000
SHOWN = 8
"""Pages without text that are drawn as pictures, the first ones."""


class Pages(msgspec.Struct, frozen=True):
    """What a PDF says."""

    count: int
    text: str
    """With a line before each page; empty where no page has text."""
    cut: bool = False
    """There is more than was read."""
    pictures: Sequence[bytes] = ()
    """The first pages as PNG, where there is no text."""


async def read_pdf(data: bytes, name: str) -> Pages:
    """Read a PDF. Raises `AttachError` for one that is encrypted, damaged, or takes too long."""
    try:
        with anyio.fail_after(SECONDS):
            found = await anyio.to_process.run_sync(pages_of, data, cancellable=True)
    except TimeoutError:
        raise AttachError(f"{name} took longer than {SECONDS:g} s to read; attach the pages that matter.") from None
    except anyio.BrokenWorkerProcess:
        raise AttachError(f"{name} could not be read: the reader gave up on it. Print it to a new PDF.") from None
    if isinstance(found, str):
        raise AttachError(f"{name} {found}")
    return found


def pages_of(data: bytes) -> "Pages | str":
    """The pages, or what is wrong as the end of a sentence. Runs in a process of its own."""
    import resource
    from contextlib import suppress

    with suppress(ValueError, OSError):  # a system that knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            return "is encrypted; save it without a password."
        return "is damaged or no PDF; print it to a new one."
    try:
        return _read(document)
    except MemoryError:
        return "needs too much memory to read; attach the pages that matter."
    finally:
        document.close()


def _read(document: "pypdfium2.PdfDocument") -> Pages:
    count = len(document)
    texts: list[str] = []
    room, cut = CHARACTERS, count > PAGES
    for at in range(min(count, PAGES)):
        text = _text(document, at)
        texts.append(f"[page {at + 1}]\n{text}" if text else "")
        room -= len(text)
        if room <= 0:
            cut = True
            break
    said = "\n\n".join(filter(None, texts))[:CHARACTERS]
    pictures = () if said else tuple(_drawn(document, at) for at in range(min(count, SHOWN)))
    return Pages(count, said, cut or (not said and count > SHOWN), pictures)


def _text(document: "pypdfium2.PdfDocument", at: int) -> str:
    page = document[at]
    try:
        return page.get_textpage().get_text_bounded().replace("\r\n", "\n").strip()
    finally:
        page.close()


def _drawn(document: "pypdfium2.PdfDocument", at: int) -> bytes:
    """A page as a picture of bearable size, however large the page says that it is."""
    import io

    page = document[at]
    try:
        scale = min(2.0, EDGE / max(page.get_width(), page.get_height(), 1.0))
        out = io.BytesIO()
        drawn: Any = page.render(scale=scale)  # pyright: ignore[reportArgumentType, reportUnknownVariableType] - any number
        drawn.to_pil().convert("RGB").save(out, "PNG")
        return out.getvalue()
    finally:
        page.close()
