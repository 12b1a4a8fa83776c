"""The corpus of answers that are the same and answers that are not (`answer_pairs.jsonl`).

Written from what is right in mathematics, units, money, dates, names and the languages, before the code was asked.
Where two answers may be equal and nothing tells, they are different.
"""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatmodes.modes.answers.short import read, same
from chatmodes.modes.answers.terms import terms_of

PAIRS = [
    json.loads(line) for line in Path(__file__).with_name("answer_pairs.jsonl").read_text(encoding="utf-8").splitlines()
]
KINDS = sorted({(pair["question"], pair["why"]) for pair in PAIRS})


def equal(question: str, a: str, b: str) -> bool:
    left, right = read(a, terms_of(question)), read(b, terms_of(question))
    return left is not None and right is not None and same(left, right)


@pytest.mark.parametrize(("question", "why"), KINDS, ids=[why for _, why in KINDS])
def test_answers_are_told_apart_as_the_corpus_says(question: str, why: str) -> None:
    pairs = [pair for pair in PAIRS if (pair["question"], pair["why"]) == (question, why)]
    wrong = [(p["a"], p["b"]) for p in pairs if equal(question, p["a"], p["b"]) is not p["same"]]
    assert not wrong


def test_sameness_does_not_depend_on_the_order_and_holds_of_everything_with_itself() -> None:
    for pair in PAIRS:
        question, a, b = pair["question"], pair["a"], pair["b"]
        assert equal(question, a, b) == equal(question, b, a), (a, b)
        assert equal(question, a, a), a
        assert equal(question, b, b), b


def test_what_is_shown_of_an_answer_reads_as_the_same_answer() -> None:
    wrong: list[tuple[str, str]] = []
    for text in {text for pair in PAIRS for text in (pair["a"], pair["b"])}:
        shown = read(text)
        again = read(shown.display) if shown else None
        if shown and not (again and same(shown, again)):
            wrong.append((text, shown.display))
    assert not wrong


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Il y a 5 pommes", "5"),
        ("Il y a 5 ans", "5 years before"),
        ("Há 5 maçãs", "5"),
        ("hace 5 grados", "5"),
        ("a 4-door sedan", "4"),
        ("5 or under", "5 or under"),
    ],
)
def test_what_is_there_is_not_shown_as_a_time(text: str, shown: str) -> None:
    found = read(text)
    assert found is not None
    assert found.display == shown


def test_the_corpus_is_as_wide_as_it_should_be() -> None:
    assert len(PAIRS) >= 600
    assert len({(p["question"], p["a"], p["b"]) for p in PAIRS}) == len(PAIRS)
    assert sum(p["same"] for p in PAIRS) >= 200
    assert sum(not p["same"] for p in PAIRS) >= 200


SYMBOLS = st.from_regex(r"[a-zA-Z]([0-9]|'|!)?([+*/^-][a-zA-Z0-9])?", fullmatch=True)


@given(SYMBOLS)
def test_a_sign_before_symbols_makes_another_answer(text: str) -> None:
    assert not equal("", text, f"-{text}")
    assert not equal("", f"({text}, 1)", f"(-{text}, 1)")


@given(st.integers(1, 10**30), st.sampled_from(["", "$", "€"]), st.sampled_from(["", " km", "%", "/7"]))
def test_a_sign_before_a_number_makes_another_answer(number: int, money: str, unit: str) -> None:
    shown = f"{money}{number}" if money else f"{number}{unit}"
    assert not equal("", shown, f"-{shown}")


@given(st.integers(-(10**40), 10**40), st.integers(-(10**40), 10**40))
def test_numbers_of_any_size_are_compared_to_the_last_digit(a: int, b: int) -> None:
    assert equal("", str(a), str(b)) == (a == b)
    assert equal("", f"{a:,}", str(a))
