"""Every text of our own themes can be read: 4.5:1 at least (WCAG AA), on every background it is used on."""

import pytest
from textual.color import Color
from textual.geometry import Region

from chatmodes.tui.host import themes
from tests.tui.chatting import MODEL, Chatting, chatting
from tests.tui.scripted import Scripted, says

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


EVERYTHING = """# Head

## Minor

Text with `code`, *stress*, **weight**, ~~struck~~ and [a link](https://example.org).

> quoted

1. first

| name | value |
|---|---|
| left | right |

```python
@named
def double(number: int) -> str:
    return "text" * 2  # said
```

```diff
-before
+after
@@ place
```
"""


def unreadable(chat: Chatting, within: Region | None = None) -> list[str]:
    """Words on the screen whose contrast with what is behind them is too little, with the contrast."""
    strips = chat.app.screen._compositor.render_strips(chat.app.size)  # pyright: ignore[reportPrivateUsage] - no public way
    if within is not None:
        strips = [strip.crop(within.x, within.right) for strip in strips[within.y : within.bottom]]
    found: list[str] = []
    for text, style, _ in (segment for strip in strips for segment in strip):
        if any(char.isalnum() for char in text):
            assert style is not None
            assert style.color is not None
            assert style.bgcolor is not None
            ink, ground = (Color.from_rich_color(one) for one in (style.color, style.bgcolor))
            if style.reverse:
                ink, ground = ground, ink
            if (ratio := contrast(ink.hex, ground.hex)) < 4.5:
                found.append(f"{text!r}: {ratio:.1f}")
    return found


@pytest.mark.anyio
@pytest.mark.parametrize(("first", "then"), [("chatmodes", "chatmodes-light"), ("chatmodes-light", "chatmodes")])
async def test_after_a_switch_old_and_new_answers_can_be_read(first: str, then: str) -> None:
    models = Scripted({MODEL: [says(EVERYTHING), says(EVERYTHING)]})
    flags = {"store": {"titles": False}, "tui": {"theme": first}}
    async with chatting(models, flags=flags, size=(110, 90)) as chat:
        await chat.send("old prompt")
        await chat.idle()
        await chat.type("typed")  # else the cursor stands on the placeholder's first letter
        assert not unreadable(chat)
        await chat.send(f"/theme {then}")
        ground = next(theme.background for theme in themes.THEMES if theme.name == then)
        assert ground is not None
        await chat.until(
            lambda: chat.screen.transcript.document.inks.answer.base.bgcolor == Color.parse(ground).rich_color
        )
        await chat.type("typed")
        assert not unreadable(chat)
        await chat.send("new prompt")
        await chat.idle()
        await chat.type("typed")
        assert chat.text().count("double") == 2
        assert not unreadable(chat)
        await chat.pilot.press("alt+up")
        await chat.until(lambda: "█" in chat.text())
        assert not unreadable(chat)


@pytest.mark.anyio
@pytest.mark.parametrize("theme", ["chatmodes", "chatmodes-light"])
async def test_what_opens_over_the_chat_and_what_stands_in_for_text_can_be_read(theme: str) -> None:
    models = Scripted({MODEL: [says("An answer.")]})
    flags = {"store": {"titles": False}, "tui": {"theme": theme, "reduced_motion": True}}  # a cursor that stays
    async with chatting(models, flags=flags, size=(110, 40)) as chat:
        await chat.sees("Ask anything", "Search conversations")
        assert not unreadable(chat), "placeholders, and the cursor on one"
        await chat.send("a prompt")
        await chat.idle()
        for keys, shown, focused in (
            (("alt+d",), "Delete this message?", None),
            (("alt+d", "right"), "Delete this message?", "yes"),
            (("f1",), "Commands", None),
            (("f3",), "Search all conversations", None),
            (("f4",), "Settings", None),
            (("f5",), "Branches of this conversation", None),
            (("ctrl+p",), "Choose a model", None),
        ):
            await chat.pilot.press(*keys)
            await chat.sees(shown)
            if focused:
                await chat.until(lambda: getattr(chat.app.focused, "id", "") == "yes")
            await chat.pilot.wait_for_animation()
            assert not unreadable(chat, chat.app.screen.children[0].region), keys
            await chat.pilot.press("escape")
            await chat.until(lambda: chat.screen.is_active)
