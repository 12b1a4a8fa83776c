"""A PDF's text, for models that take no PDF as what it is; `apart` reads it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from chatmodes.attaching.errors import AttachError
from chatmodes.attaching.pictures import EDGE

if TYPE_CHECKING:
    import pypdfium2

SECONDS = 60.0
"""That reading may take."""
PAGES = 500
"""Pages whose text is read; the PDF itself goes whole where a provider takes it."""
CHARACTERS = 1_000_000
SHOWN = 8
"""Pages without text that are drawn as pictures, the first ones."""


class Pages(msgspec.Struct, frozen=True, tag="pages"):
    """What a PDF says."""

    count: int
    text: str
    """With a line before each page; empty where no page has text."""
    cut: bool = False
    """There is more than was read."""
    pictures: Sequence[bytes] = ()
    """The first pages as PNG, where there is no text."""


def pages_of(data: bytes, name: str) -> Pages:
    """The pages. Raises `AttachError` for a PDF that is encrypted or damaged."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise AttachError(f"{name} is encrypted; save it without a password.") from error
        raise AttachError(f"{name} is damaged or no PDF; print it to a new one.") from error
    try:
        return _read(document)
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
