"""Modes and models by the names that people read, and any name fitted to the room there is.

Apart from the sentences about runs, since the first frame needs these alone.
"""

from rich.cells import cell_len, set_cell_size

from chatmodes.modes import base
from chatmodes.sanitize import clean


def mode_name(mode: str) -> str:
    """A mode as people read it, with its glyph, single-cell in every terminal font."""
    return f"{base.mark_of(mode)} {mode.capitalize()}"


def short_model(model: str) -> str:
    """A model's id without folders in the middle, for narrow places."""
    provider, _, name = model.partition("/")
    return f"{provider}/{name.rsplit('/', 1)[-1]}" if name else model


def one_line(text: str) -> str:
    """Text from outside on a single line."""
    return " ".join(clean(text).split())


def fitted(text: str, width: int) -> str:
    """The text in at most `width` cells, with an ellipsis where it was longer."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def model_name(model: str) -> str:
    """The last part of `provider/owner/name`, the part that tells models apart."""
    return one_line(model.rsplit("/", 1)[-1])
