"""Reasoning and answer told apart, however the stream is cut into pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.modes.splitting import SHORT, Splitter

LONG = "Step one is this. " * 20


def split(*pieces: str) -> tuple[str, str]:
    splitter = Splitter()
    parts = [part for piece in pieces for part in splitter.feed(piece)] + splitter.flush()
    assert all(text for _, text in parts)
    return tuple("".join(text for kind, text in parts if kind == wanted) for wanted in ("reasoning", "answer"))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("text", "reasoning", "answer"),
    [
        ("<think>a</think>b", "a", "b"),
        ("\n<Thinking>\na\n</Thinking>\n\nb\nc", "\na\n", "b\nc"),
        ("<think>a", "a", ""),
        ("a</think>b", "a", "b"),
        ("Short.", "", "Short."),
        ("", "", ""),
        ("<", "", "<"),
        ("<b>bold</b>", "", "<b>bold</b>"),
        (f"{LONG}\nAnswer: 42", LONG, "42"),
        (f"{LONG}\n### Final answer:\n\n42", LONG, "42"),
        (f"{LONG}\nThe answer is 42", f"{LONG}\nThe answer is 42", ""),
        (f"{LONG}so the answer: 42 fits", f"{LONG}so the answer: 42 fits", ""),
        (f"{LONG}<think>more</think>42", f"{LONG}more", "42"),
        ("<think>a</think>Use <think> tags: </think>", "a", "Use <think> tags: </think>"),
        ("Answer: Paris", "", "Paris"),
        ("a\nb\nc", "a\nb\nc", ""),
    ],
)
def test_where_the_answer_begins(text: str, reasoning: str, answer: str) -> None:
    assert split(text) == (reasoning, answer)
    assert split(*text) == (reasoning, answer)


PARTS = st.sampled_from(
    [
        "<think>",
        "</think>",
        "<thinking>",
        "</thinking>",
        "\n",
        "Answer:",
        "Answer",
        "：",
        "**Final Answer:** ",
        "the  ",
        " " * 7,
        "\t",
        "\u2028",
        "**",
        "x" * 50,
        "a b ",
        "<",
        "</",
    ]
)


@given(st.lists(PARTS, max_size=12).map("".join), st.data())
def test_the_cuts_between_pieces_do_not_matter(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert split(*pieces) == split(*text)


@given(st.text(max_size=400))
def test_no_text_is_lost(text: str) -> None:
    reasoning, answer = split(*text)
    if "<" not in text and "nswer" not in text.lower():
        assert (reasoning + answer).strip() == text.strip()


def test_blanks_before_everything_are_not_held() -> None:
    splitter = Splitter()
    assert [part for _ in range(5000) for part in splitter.feed("\n ")] == []
    assert splitter.native() == []
    assert split(*["\n"] * 5000, "Paris.") == ("", "Paris.")


def test_little_is_held_back() -> None:
    splitter = Splitter()
    sent = sum(len(text) for piece in ["word "] * 200 for _, text in splitter.feed(piece))
    assert sent > 1000 - 40
    assert SHORT < 1000
