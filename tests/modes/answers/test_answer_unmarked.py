"""A number that a draft ends with is its answer only where the question asks for one."""

import pytest

from chatmodes.modes.answers.voting import ballot


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("How many apples are left?", "He had 12 and ate 5, so 7 apples are left.", "7"),
        ("What is the total cost?", "Three at $4 make $12.", "$12"),
        ("What is 17 + 25?", "17 + 25 = 42.", "42"),
        ("How many apples are left?", "ANSWER: 7\nThat took 2 steps.", "7"),
        ("Tell me about 1969.", "In July 1969 people landed on the Moon.", None),
        ("How many apples are left?", "Some.", None),
        ("How long does it take?", "It takes 2 hours and 30 minutes.", "2.5 h"),
    ],
)
def test_the_last_number_answers_only_a_question_for_one(question: str, text: str, answer: str | None) -> None:
    found = ballot(question, text, asked=False).answer
    assert (found.display if found else None) == answer
