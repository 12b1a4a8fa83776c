"""The styles that lines are drawn with, as data: the widget fills them from the theme, tests take the plain ones."""

from dataclasses import dataclass, field

from rich.style import Style

_NULL = Style.null()


@dataclass(frozen=True)
class Palette:
    """Rich styles, each complete with its background. Bold, italic and strike are added to them where Markdown asks."""

    base: Style = _NULL
    dim: Style = field(default_factory=lambda: Style(dim=True))
    heading: Style = field(default_factory=lambda: Style(bold=True))
    heading_minor: Style = field(default_factory=lambda: Style(bold=True))
    code: Style = _NULL
    fence: Style = _NULL
    fence_label: Style = field(default_factory=lambda: Style(dim=True))
    action: Style = field(default_factory=lambda: Style(underline=True))
    link: Style = field(default_factory=lambda: Style(underline=True))
    quote: Style = field(default_factory=lambda: Style(italic=True))
    quote_bar: Style = _NULL
    marker: Style = _NULL
    rule: Style = field(default_factory=lambda: Style(dim=True))
    table_border: Style = field(default_factory=lambda: Style(dim=True))
    table_head: Style = field(default_factory=lambda: Style(bold=True))
    keyword: Style = _NULL
    string: Style = _NULL
    comment: Style = field(default_factory=lambda: Style(italic=True))
    number: Style = _NULL
    name: Style = _NULL
    inserted: Style = _NULL
    deleted: Style = _NULL


BOLD = Style(bold=True)
ITALIC = Style(italic=True)
STRIKE = Style(strike=True)
