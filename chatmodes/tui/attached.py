"""An attachment in a few words: its name, what it is, and about what it takes of a model's window."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from chatmodes.tui import figures
from chatmodes.tui.names import one_line

if TYPE_CHECKING:
    from chatmodes.messages import File, Image
    from chatmodes.providers.calls import ImageLimits


def line(part: "File | Image", limits: "ImageLimits | None" = None) -> str:
    """`photo.jpg 1200×800, ~1.2k tokens`, by the model's rule where one is given."""
    from chatmodes.messages import Image

    size = f" {part.width}×{part.height}" if isinstance(part, Image) else ""
    return f"{one_line(part.name)}{size}, {about(tokens([part], limits))}"


def about(count: int) -> str:
    """Tokens that nobody has counted."""
    return f"~{figures.short(count)} token{'' if count == 1 else 's'}"


def tokens(parts: "Iterable[File | Image]", limits: "ImageLimits | None" = None) -> int:
    """About how many tokens parts take of a model's window."""
    from chatmodes.messages import Image
    from chatmodes.providers.calls import ImageLimits
    from chatmodes.providers.known.windows import estimate_text

    rule = limits or ImageLimits()
    return sum(
        rule.tokens(part.width, part.height) if isinstance(part, Image) else estimate_text(part.text) for part in parts
    )
