"""The theme's colours as styles: one palette for each tone a block can have."""

from dataclasses import dataclass, field

from rich.style import Style

from chatmodes.tui.markdown.palette import BOLD, Palette
from chatmodes.tui.transcript.blocks import Tone


@dataclass(frozen=True)
class Gutter:
    """The two cells before a block's lines: a sign on the first row and one on the rows below, beside the colour."""

    first: str
    rest: str
    style: Style


_NULL = Style.null()
_REVERSE = Style(reverse=True)


@dataclass(frozen=True)
class Inks:
    """Everything that a transcript is drawn with. The defaults are colourless, for tests of the layout."""

    answer: Palette = field(default_factory=Palette)
    palettes: dict[str, Palette] = field(default_factory=dict[str, Palette])
    """For tones that are not drawn as an answer is."""
    accent: Style = _NULL
    success: Style = _NULL
    warning: Style = _NULL
    error: Style = _NULL
    cursor: Style = _NULL
    match: Style = _REVERSE
    match_current: Style = _REVERSE
    selection: Style = _REVERSE
    hover: Style = BOLD

    def palette(self, tone: Tone) -> Palette:
        """What a block's text is drawn with."""
        return self.palettes.get(tone, self.answer)

    def head(self, tone: Tone) -> Style:
        """What a block's head is drawn with."""
        return self.palettes[tone].base + BOLD if tone == "user" and tone in self.palettes else self.answer.dim

    def gutter(self, tone: Tone) -> Gutter:
        """What stands before a block's lines."""
        match tone:
            case "user":
                return Gutter("▌ ", "▌ ", self.accent)
            case "error":
                return Gutter("✗ ", "  ", self.error)
            case "warning":
                return Gutter("▲ ", "  ", self.warning)
            case "success":
                return Gutter("✓ ", "  ", self.success)
            case "notice":
                return Gutter("· ", "  ", self.answer.dim)
            case "reasoning":
                return Gutter("  ", "┆ ", self.answer.dim)
            case _:
                return Gutter("  ", "  ", self.answer.base)
