"""A paste is one text, whatever it holds and however the reads cut it."""

import sys

import pytest
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.events import Key, Paste

from chatmodes.tui.host.hangup import LOSING, outlive_the_terminal
from chatmodes.tui.host.pasting import UNGUARDED, PastingParser, keep_pastes_inert

LOG = "\x1b[31mred\x1b[0m \x07 \x1b]0;title\x07\n\x11 line two\x1b\x1b"
TYPED = f"a\x1b[200~{LOG}\x1b[201~b"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 6, 7, 1000])
def test_escapes_in_a_paste_are_no_keys(size: int) -> None:
    parser = PastingParser(XTermParser())
    events = [event for at in range(0, len(TYPED), size) for event in parser.feed(TYPED[at : at + size])]
    before, paste, after = events
    assert isinstance(paste, Paste)
    assert paste.text == LOG.replace("\x1b", "")
    assert isinstance(before, Key)
    assert isinstance(after, Key)
    assert (before.key, after.key) == ("a", "b")


def test_keys_and_a_second_paste_are_read_as_ever() -> None:
    parser = PastingParser(XTermParser())
    events = [*parser.feed("\x1b[200~one\x1b[201~\x1b[A"), *parser.feed("\x1b[200~two\x1b[201~")]
    assert [
        event.key if isinstance(event, Key) else event.text for event in events if isinstance(event, Key | Paste)
    ] == [
        "one",
        "up",
        "two",
    ]
    assert list(parser.feed("")) == []


def test_this_textual_has_what_pastes_and_hangups_are_guarded_by(monkeypatch: pytest.MonkeyPatch) -> None:
    app: App[None] = App()
    driver = sys.modules[app.driver_class.__module__]
    for name in ("XTermParser", "WriterThread"):
        monkeypatch.setattr(driver, name, getattr(driver, name))  # put back afterwards
    assert keep_pastes_inert(app) == outlive_the_terminal(app) == ""


def test_a_textual_without_those_names_starts_and_says_what_does_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    app: App[None] = App()
    driver = sys.modules[app.driver_class.__module__]
    for name in ("XTermParser", "WriterThread"):
        monkeypatch.delattr(driver, name)
    assert keep_pastes_inert(app) == UNGUARDED
    assert outlive_the_terminal(app) == LOSING
