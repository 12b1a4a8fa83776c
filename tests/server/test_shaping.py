"""What a client is shown of an answer, however its pieces are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.server.shaping import Shape


def shaped(pieces: list[str], stops: tuple[str, ...] = (), *, alone: bool = False) -> tuple[str, str, bool]:
    shape = Shape(stops, alone=alone)
    shown = "".join(shape.feed(piece) for piece in pieces)
    text, beside = shape.rest()
    return shown + text, beside, shape.stopped


def cuts(text: str) -> st.SearchStrategy[list[str]]:
    """The text in pieces, in any way."""
    places = st.sets(st.integers(0, len(text))).map(lambda found: sorted({0, len(text), *found}))
    return places.map(lambda at: [text[a:b] for a, b in pairwise(at)])


@given(st.text("ab#\n", max_size=30).flatmap(cuts), st.lists(st.text("ab#\n", min_size=1, max_size=4), max_size=3))
def test_an_answer_ends_before_its_first_stop_wherever_it_is_cut(pieces: list[str], stops: list[str]) -> None:
    text = "".join(pieces)
    ends = [at for stop in stops if (at := text.find(stop)) >= 0]
    shown, _, stopped = shaped(pieces, tuple(stops))
    assert stopped == bool(ends)
    # The stop that is complete first ends the answer; a longer one may have begun before it.
    first = next((at for at in range(len(text) + 1) if any(text[:at].endswith(stop) for stop in stops)), len(text))
    assert text.startswith(shown)
    assert len(shown) < first if stopped else shown == text
    assert not any(stop in shown for stop in stops)


VALUE = '{"a": "b}\\" ```", "c": [1, {"d": null}]}'


@pytest.mark.parametrize(
    ("before", "after", "beside"),
    [
        ("", "", ""),
        (" \n", "\n", ""),
        ("```json\n", "\n```", ""),
        ("```\n", "\n```\n", ""),
        ("```json\r\n", "\r\n```", ""),
        ("```json\n", "\n```\nI hope this helps.", "I hope this helps."),
        ("", " That is all.", "That is all."),
        ("Here it is:\n```json\n", "\n```", "Here it is:"),
        ("See [1]: ", "", "See [1]:"),
        ("It is {no value}, but ", " is.", "It is {no value}, but  is."),
    ],
)
def test_json_stands_alone_and_what_stood_around_it_is_told_apart(before: str, after: str, beside: str) -> None:
    text = f"{before}{VALUE}{after}"
    for size in (1, 2, 3, 7, len(text)):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert shaped(pieces, alone=True) == (VALUE, beside, False)


def test_json_streams_while_it_comes() -> None:
    shape = Shape(alone=True)
    assert [shape.feed(piece) for piece in ("```", "json\n", '{"a"', ": 1", "}\n``", "`")] == [
        "", "", '{"a"', ": 1", "}", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["I will not.", "", "{half a value", "[Note] that it is not so.", '{"a": tru}', "```\n"]
)
def test_what_has_no_json_in_it_is_shown_as_it_is(text: str) -> None:
    for size in (1, 4, 100):
        pieces = [text[at : at + size] for at in range(0, len(text), size)]
        assert shaped(pieces, alone=True) == (text, "", False)


def test_deep_nesting_costs_no_answer() -> None:
    text = "See " + "[" * 5000
    assert shaped([text], alone=True) == (text, "", False)
