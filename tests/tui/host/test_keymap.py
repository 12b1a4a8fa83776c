"""Keys: what an action's key is called, and which lines of the settings clash."""

import pytest
from textual.binding import Binding

from chatmodes.tui.chat.keys import BINDINGS
from chatmodes.tui.host import keymap

PLACES = [
    ("", [Binding("ctrl+q", "quit", id="quit")]),
    ("chat", [Binding("f2", "model", id="model")]),
    ("chat/composer", [Binding("ctrl+j", "newline", id="composer.newline")]),
    ("chat/transcript", [Binding("enter,space", "fold", id="transcript.fold")]),
    ("comparison", [Binding("m", "maximise", id="compare.maximise")]),
]


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("ctrl+r", "Ctrl+R"),
        ("escape", "Esc"),
        ("f1", "F1"),
        ("shift+enter", "Shift+Enter"),
        ("alt+left", "Alt+←"),
        ("ctrl+pageup", "Ctrl+PgUp"),
        ("n", "n"),
        ("question_mark", "?"),
    ],
)
def test_a_key_is_called_what_stands_on_it(key: str, name: str) -> None:
    assert keymap.display(key) == name


@pytest.mark.parametrize(
    ("own", "clash"),
    [
        ({"composer.newline": "enter"}, False),  # the transcript has it only while it has the focus
        ({"compare.maximise": "f2"}, False),
        ({"composer.newline": "f2"}, True),
        ({"transcript.fold": "ctrl+q"}, True),
        ({"compare.maximise": "ctrl+q"}, True),
        ({"composer.newline": "ctrl+l", "model": "ctrl+l"}, True),
    ],
)
def test_only_keys_that_are_active_at_once_clash(own: dict[str, str], clash: bool) -> None:
    good, problems = keymap.check(own, PLACES)
    assert good == own
    assert bool(problems) == clash


def test_the_key_shown_is_the_one_in_use() -> None:
    keymap.learn("chat", BINDINGS)
    keymap.use({"model": "ctrl+m,f5"})
    assert keymap.shown("model") == "Ctrl+M"
    keymap.use({})
    assert keymap.shown("model") == "F2"
