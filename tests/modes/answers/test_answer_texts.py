"""The corpus of drafts and what each answers, or that it answers nothing short (`answer_texts.jsonl`)."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatmodes.modes.answers.extract import TAIL, short_answer
from chatmodes.modes.answers.short import read, same
from chatmodes.modes.answers.terms import terms_of
from chatmodes.modes.answers.voting import ballot

TEXTS = [
    json.loads(line) for line in Path(__file__).with_name("answer_texts.jsonl").read_text(encoding="utf-8").splitlines()
]


@pytest.mark.parametrize("why", sorted({text["why"] for text in TEXTS}))
def test_a_draft_answers_what_the_corpus_says(why: str) -> None:
    wrong: list[tuple[str, str | None]] = []
    for each in (text for text in TEXTS if text["why"] == why):
        found = ballot(each["question"], each["text"], asked=each["asked"]).answer
        wanted = read(each["reading"], terms_of(each["question"])) if each["reading"] else None
        assert (wanted is None) == (each["reading"] is None)
        if (found is None) != (wanted is None) or (found and wanted and not same(found, wanted)):
            wrong.append((each["text"], found.display if found else None))
    assert not wrong


def test_the_corpus_is_as_wide_as_it_should_be() -> None:
    assert len(TEXTS) >= 200
    assert sum(text["reading"] is None for text in TEXTS) >= 60


def test_what_prose_may_bring_is_said_by_the_caller() -> None:
    assert short_answer("So the answer is Paris.") is None
    found = short_answer("So the answer is Paris.", phrases=None)
    assert found is not None
    assert found.display == "Paris"


def steps(read_it: Callable[[str], object], piece: str) -> tuple[float, float]:
    """The processor time for a text of one megabyte over that for one of four times the part that is looked at."""
    import time

    def spent(text: str) -> float:
        best = 10.0
        for _ in range(3):
            began = time.process_time()
            read_it(text)
            best = min(best, time.process_time() - began)
        return best

    small = piece * (4 * TAIL // len(piece))
    large = piece * (50 * TAIL // len(piece))
    read_it(small)
    return spent(large), spent(small)


@pytest.mark.parametrize(
    "piece",
    [
        "ANSWER: 5\n",
        "the answer is 7. ",
        "1 234 ",
        "```\nANSWER: 5\n```\n",
        "\\boxed{",
        "a ",
        "答案",
        "(",
        "wait, no ",
        "<answer>",
    ],
)
def test_a_megabyte_takes_no_longer_than_its_end(piece: str) -> None:
    for question in ("How many are there?", ""):
        large, small = steps(lambda text, q=question: ballot(q, text, asked=False), piece)
        assert large < 4 * small + 0.05


def test_ten_thousand_numbers_are_read_for_their_last() -> None:
    found = ballot("How many are there?", " and ".join(map(str, range(10_000))), asked=False).answer
    assert found is not None
    assert found.display == "9999"
