"""Every text of our own themes can be read: 4.5:1 at least (WCAG AA), on every background it is used on."""

import pytest
from textual.color import Color

from chatmodes.tui.host import themes

TEXTS = [
    "text",
    "text-muted",
    "foreground",
    "text-primary",
    "text-secondary",
    "text-accent",
    "text-success",
    "text-warning",
    "text-error",
]
GROUNDS = ["background", "surface", "panel"]


def luminance(color: Color) -> float:
    def linear(value: int) -> float:
        part = value / 255
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.r) + 0.7152 * linear(color.g) + 0.0722 * linear(color.b)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(Color.parse(one)), luminance(Color.parse(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=lambda theme: theme.name)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("text", TEXTS)
def test_text_can_be_read(theme: themes.Theme, text: str, ground: str) -> None:
    colours = theme.to_color_system().generate()
    assert contrast(colours[text], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", [themes.DARK, themes.LIGHT], ids=lambda theme: theme.name)
def test_what_is_selected_can_be_read(theme: themes.Theme) -> None:
    colours = theme.to_color_system().generate()
    assert contrast(colours["background"], colours["primary"]) >= 4.5
    selection = Color.parse(colours["background"]).blend(Color.parse(colours["primary"]), 0.35)
    assert contrast(colours["text"], selection.hex) >= 4.5


def test_the_terminals_own_theme_names_no_colour_of_ours() -> None:
    colours = themes.TERMINAL.to_color_system().generate()
    for name in (*TEXTS, *GROUNDS, "primary", "border"):
        assert "ansi" in colours[name] or colours[name] == "transparent", name


def test_no_color_takes_the_terminals_own_theme() -> None:
    assert themes.chosen("chatmodes", {"NO_COLOR": "1"}) == "chatmodes-terminal"
    assert themes.ansi_color({"NO_COLOR": "1"}) is True
    assert themes.chosen("chatmodes-light", {"NO_COLOR": ""}) == "chatmodes-light"
    assert themes.ansi_color({}) is None
