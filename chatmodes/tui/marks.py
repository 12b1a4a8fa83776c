"""Names of the modes as people read them. Apart from the other words, since the first frame needs these alone."""

MODE_MARKS = {"instant": "▷", "thinking": "◇", "contemplating": "◈", "auto": "◌"}
"""A glyph beside each mode's name, single-cell in every terminal font."""


def mode_name(mode: str) -> str:
    """A mode as people read it, with its glyph."""
    return f"{MODE_MARKS.get(mode, '·')} {mode.capitalize()}"
