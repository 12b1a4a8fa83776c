"""The program's own colours, and the one that has none of its own.

`chatmodes` and `chatmodes-light` set every text colour outright: Textual derives the missing ones by blending, which
gives 3.0:1 for muted text. Here each pair that carries text keeps 4.5:1 (WCAG AA), which a test computes.
`chatmodes-terminal` draws with the terminal's own sixteen colours on its own background.

The app registers `THEMES`, starts with `chosen(settings.tui.theme)` and is constructed with
`App(ansi_color=ansi_color())`, so that NO_COLOR leaves the terminal's two colours and text attributes only.
"""

import os
from collections.abc import Mapping

from textual.theme import Theme


def _own(
    name: str, *, dark: bool, background: str, surface: str, panel: str, text: str, muted: str, colours: dict[str, str]
) -> Theme:
    named = {f"text-{role}": colour for role, colour in colours.items()}
    return Theme(
        name=name,
        dark=dark,
        background=background,
        surface=surface,
        panel=panel,
        foreground=text,
        primary=colours["primary"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        success=colours["success"],
        warning=colours["warning"],
        error=colours["error"],
        variables={
            "text": text,
            "text-muted": muted,
            "text-disabled": muted,
            "foreground-muted": muted,
            "border": colours["primary"],
            "border-blurred": panel,
            "input-cursor-background": text,
            "input-cursor-foreground": background,
            "input-selection-background": f"{colours['primary']} 35%",
            "screen-selection-background": f"{colours['primary']} 35%",
            "block-cursor-background": colours["primary"],
            "block-cursor-foreground": background,
            "button-color-foreground": background,
            "footer-key-foreground": colours["primary"],
            "scrollbar": muted,
            "scrollbar-hover": text,
            "scrollbar-active": colours["primary"],
            "scrollbar-background": background,
            "scrollbar-background-hover": background,
            "scrollbar-background-active": background,
            "scrollbar-corner-color": background,
            **named,
        },
    )


DARK = _own(
    "chatmodes",
    dark=True,
    background="#14161b",
    surface="#1b1e25",
    panel="#262a34",
    text="#e4e6eb",
    muted="#a3a9b6",
    colours={
        "primary": "#82aaff",
        "secondary": "#c4a0ff",
        "accent": "#f0b866",
        "success": "#8fd19e",
        "warning": "#f0b866",
        "error": "#ff8a93",
    },
)

LIGHT = _own(
    "chatmodes-light",
    dark=False,
    background="#fcfcfa",
    surface="#f3f3f0",
    panel="#e7e7e2",
    text="#1d2127",
    muted="#545b66",
    colours={
        "primary": "#0b50b8",
        "secondary": "#6a2bc4",
        "accent": "#7d4a00",
        "success": "#0f6130",
        "warning": "#7d4a00",
        "error": "#ad1f26",
    },
)

TERMINAL = Theme(
    name="chatmodes-terminal",
    ansi=True,
    primary="ansi_blue",
    secondary="ansi_magenta",
    accent="ansi_yellow",
    success="ansi_green",
    warning="ansi_yellow",
    error="ansi_red",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        # Dim text of the terminal's own: it knows whether its background is light.
        "text-muted": "ansi_default 60%",
        "text-disabled": "ansi_default 60%",
        "border-blurred": "ansi_bright_black",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
    },
)

THEMES: tuple[Theme, ...] = (DARK, LIGHT, TERMINAL)


def no_color(environ: Mapping[str, str] = os.environ) -> bool:
    """True where the user asked for no colour: NO_COLOR present and not empty (no-color.org)."""
    return bool(environ.get("NO_COLOR"))


def ansi_color(environ: Mapping[str, str] = os.environ) -> bool | None:
    """What `App(ansi_color=…)` takes: with NO_COLOR, Textual's filter then strips colour instead of making greys."""
    return True if no_color(environ) else None


def chosen(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The theme to start with: the terminal's own under NO_COLOR, otherwise the one asked for."""
    return TERMINAL.name if no_color(environ) else name or DARK.name
