"""Differences between answers: what the columns and the page colour."""

import itertools

from hypothesis import given
from hypothesis import strategies as st

from chatmodes.comparing.differences import align, paragraphs, word_diff

texts = st.text(st.sampled_from("ab c\n."), max_size=60)


@given(texts, texts)
def test_a_diff_holds_both_texts(left: str, right: str) -> None:
    spans = word_diff(left, right)
    assert "".join(s.text for s in spans if s.kind != "added") == left
    assert "".join(s.text for s in spans if s.kind != "removed") == right
    assert all(a.kind != b.kind for a, b in itertools.pairwise(spans))


def test_a_changed_word_is_the_only_difference() -> None:
    spans = word_diff("The answer is 41 apples.", "The answer is 42 apples.")
    assert [(s.kind, s.text) for s in spans if s.kind != "same"] == [("removed", "41"), ("added", "42")]


def test_long_texts_are_compared_line_by_line() -> None:
    lines = [f"line {n} of a text that goes on for a long while" for n in range(3000)]
    left = "\n".join(lines)
    lines[1500] = "line 1500 of a story that goes on for a long while"
    changed = [s for s in word_diff(left, "\n".join(lines)) if s.kind != "same"]
    assert [(s.kind, s.text) for s in changed] == [("removed", "text"), ("added", "story")]


def test_paragraphs_keep_fences_whole() -> None:
    text = "One.\n\n```python\na = 1\n\nb = 2\n```\n\nTwo\nlines."
    assert paragraphs(text) == ["One.", "```python\na = 1\n\nb = 2\n```", "Two\nlines."]


def test_alignment_finds_the_inserted_paragraph() -> None:
    left = ["The sky is blue.", "Grass is green because of chlorophyll."]
    right = ["The sky is blue today.", "A digression about nothing.", "Chlorophyll makes grass green."]
    assert align(left, right) == [(0, 0), (None, 1), (1, 2)]


@given(st.lists(texts, max_size=6), st.lists(texts, max_size=6))
def test_alignment_names_each_paragraph_once_and_in_order(left: list[str], right: list[str]) -> None:
    pairs = align(left, right)
    assert [i for i, _ in pairs if i is not None] == list(range(len(left)))
    assert [j for _, j in pairs if j is not None] == list(range(len(right)))


def test_paragraphs_are_the_same_by_their_words_whatever_order_and_case() -> None:
    assert align(["Red green"], ["GREEN red"]) == [(0, 0)]
    assert sorted(align(["red"], ["blue"]), key=str) == [(0, None), (None, 0)]
