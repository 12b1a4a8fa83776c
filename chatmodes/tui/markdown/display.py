"""What is left out of clean text before it is drawn: harmless characters whose width terminals do not agree on."""

import re

from rich.cells import cell_len, split_text

from chatmodes.sanitize import clean

# Marks that take no cell: a flood of them on one letter ("Zalgo") covers other lines. A dozen is more than any
# script needs.
_FLOOD = re.compile(
    "([\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]{12})"
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0e31-\u0e3a\u0e47-\u0e4e\u1ab0-\u1aff"
    "\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f\U000e0100-\U000e01ef]+"
)
# Terminals disagree on the width of an emoji with a variation selector; without it all agree.
_SELECTORS = {0xFE0E: None, 0xFE0F: None}


def shown(text: str) -> str:
    """The text as it is drawn: what terminals measure differently is left out. Expects cleaned text."""
    if text.isascii():
        return text
    return _FLOOD.sub(r"\1", text.translate(_SELECTORS))


def inert(text: str) -> str:
    """Text that the parser gives: an entity such as `&#x202e;` has become the character itself by then."""
    return shown(clean(text)).expandtabs(4)


def head(text: str, cells: int) -> str:
    """The text's beginning that fits into `cells`. Rich's `split_text` raises IndexError for wide or joined characters
    that end before the place it is asked for."""
    return text if cell_len(text) <= cells else split_text(text, cells)[0]
