"""The transcript's part of the stylesheet, and its component classes read into `Inks`."""

from dataclasses import replace

from rich.style import Style
from textual.widget import Widget

from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.transcript.inks import Inks

_PARTS = (
    "dim heading heading-minor code fence fence-label action link quote quote-bar marker rule table-border table-head"
    " keyword string comment number name inserted deleted user reasoning accent success warning error cursor match"
    " match-current"
).split()

COMPONENTS = frozenset(f"transcript--{part}" for part in _PARTS)

RULES = """
    & > .transcript--dim { color: $text-muted; }
    & > .transcript--heading { color: $text-primary; text-style: bold; }
    & > .transcript--heading-minor { color: $foreground; text-style: bold; }
    & > .transcript--code { color: $text-accent; background: $boost; }
    & > .transcript--fence { background: $surface; }
    & > .transcript--fence-label { color: $text-muted; background: $surface; }
    & > .transcript--action { color: $text-accent; background: $surface; }
    & > .transcript--link { color: $text-primary; text-style: underline; }
    & > .transcript--quote { color: $text-muted; text-style: italic; }
    & > .transcript--quote-bar { color: $secondary; }
    & > .transcript--marker { color: $text-primary; }
    & > .transcript--rule { color: $foreground 30%; }
    & > .transcript--table-border { color: $foreground 35%; }
    & > .transcript--table-head { color: $foreground; text-style: bold; }
    & > .transcript--keyword { color: $text-primary; background: $surface; }
    & > .transcript--string { color: $text-success; background: $surface; }
    & > .transcript--comment { color: $text-muted; background: $surface; text-style: italic; }
    & > .transcript--number { color: $text-warning; background: $surface; }
    & > .transcript--name { color: $text-accent; background: $surface; }
    & > .transcript--inserted { color: $text-success; background: $surface; }
    & > .transcript--deleted { color: $text-error; background: $surface; }
    & > .transcript--user { background: $panel; }
    & > .transcript--reasoning { color: $text-muted; }
    & > .transcript--accent { color: $text-accent; }
    & > .transcript--success { color: $text-success; }
    & > .transcript--warning { color: $text-warning; }
    & > .transcript--error { color: $text-error; }
    & > .transcript--cursor { color: $text-accent; background: $primary 14%; }
    & > .transcript--match { background: $warning-muted; color: $text-warning; }
    & > .transcript--match-current { background: $warning; color: $background; text-style: bold; }

    /* The terminal's own colours have no half tones: an attribute stands in for them. */
    &:ansi > .transcript--dim, &:ansi > .transcript--reasoning, &:ansi > .transcript--rule,
    &:ansi > .transcript--table-border, &:ansi > .transcript--fence-label, &:ansi > .transcript--comment {
        text-style: dim;
    }
    &:ansi > .transcript--cursor { background: ansi_default; }
    &:ansi > .transcript--match { background: ansi_yellow; color: ansi_black; }
    &:ansi > .transcript--match-current { background: ansi_bright_yellow; color: ansi_black; text-style: bold; }
"""
"""For every widget that draws Markdown: what its component classes look like."""

CSS = f"""
TranscriptView {{
    width: 1fr;
    height: 1fr;
    overflow-x: hidden;
    overflow-y: scroll;
    background: $background;
    color: $foreground;
    scrollbar-size-vertical: 1;
    scrollbar-gutter: stable;
    scrollbar-color: $foreground 25%;
    scrollbar-color-hover: $foreground 40%;
    scrollbar-color-active: $foreground 50%;
    scrollbar-background: $background;
    scrollbar-background-hover: $background;
    scrollbar-background-active: $background;
{RULES}
}}
"""


def inks_of(widget: Widget) -> Inks:
    """The present theme's inks. Needs a mounted widget."""
    base = widget.rich_style
    styles = {part: widget.get_component_rich_style(f"transcript--{part}") for part in _PARTS}

    def part(name: str) -> Style:
        return styles[name]

    answer = Palette(
        base=base,
        dim=part("dim"),
        heading=part("heading"),
        heading_minor=part("heading-minor"),
        code=part("code"),
        fence=part("fence"),
        fence_label=part("fence-label"),
        action=part("action"),
        link=part("link"),
        quote=part("quote"),
        quote_bar=part("quote-bar"),
        marker=part("marker"),
        rule=part("rule"),
        table_border=part("table-border"),
        table_head=part("table-head"),
        keyword=part("keyword"),
        string=part("string"),
        comment=part("comment"),
        number=part("number"),
        name=part("name"),
        inserted=part("inserted"),
        deleted=part("deleted"),
    )
    return Inks(
        answer=answer,
        palettes={
            "user": replace(answer, base=part("user")),
            "reasoning": replace(answer, base=part("reasoning")),
            "error": replace(answer, base=part("error")),
            "warning": replace(answer, base=part("warning")),
            "success": replace(answer, base=part("success")),
            "notice": replace(answer, base=part("dim")),
        },
        accent=part("accent"),
        success=part("success"),
        warning=part("warning"),
        error=part("error"),
        cursor=part("cursor"),
        match=_overlay(part("match")),
        match_current=_overlay(part("match-current")),
        selection=_selection(widget),
        hover=Style(bold=True, underline=True),
    )


def _selection(widget: Widget) -> Style:
    """Textual's selection: a background, and a colour only where the theme gives one (most keep the text's own)."""
    if widget.app.no_color:
        return Style(reverse=True)
    styles = widget.screen.get_component_styles("screen--selection")
    background = widget.background_colors[1] + styles.background
    return Style(bgcolor=background.rich_color, color=styles.color.rich_color if styles.color.a else None)


def _overlay(style: Style) -> Style:
    """With a sign that is no colour: NO_COLOR leaves only attributes to see a match by."""
    return style + Style(underline=True)
