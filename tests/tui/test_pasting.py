"""A paste is one text, whatever it holds and however the reads cut it."""

import pytest
from textual._xterm_parser import XTermParser
from textual.events import Key, Paste

from chatmodes.tui.host.pasting import PastingParser

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
