"""Text from outside is inert before it reaches a terminal."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.sanitize import clean, escape_controls, one_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\x1b]52;c;aGk=\x07", "]52;c;aGk="),
        ("\x9b31m", "31m"),
        ("a\u202eb", "ab"),
        ("line\r\nnext\ttab", "line\nnext\ttab"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("\udc80", "\ufffd"),
    ],
)
def test_controls_go_and_text_stays(text: str, shown: str) -> None:
    assert clean(text) == shown


@given(st.text(), st.integers(0, 50))
def test_chunks_clean_to_the_same(text: str, cut: int) -> None:
    assert clean(text[:cut]) + clean(text[cut:]) == clean(text)


@given(st.text())
def test_escaped_json_keeps_its_value(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    line = escape_controls(json.dumps(text, ensure_ascii=False))
    assert json.loads(line) == text
    assert not any(0x7F <= ord(c) <= 0x9F for c in line)


def test_one_line_is_short_and_flat() -> None:
    assert one_line("a\n\n b\t" + "x" * 500, 10) == "a b xxxxx…"
