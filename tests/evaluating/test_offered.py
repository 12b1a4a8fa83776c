"""Lines of benchmarks as they are published: their choices, and the other spellings of what a line says."""

import json
from pathlib import Path
from typing import Any

import pytest

from chatmodes.evaluating.forms import item_of
from chatmodes.evaluating.grading import conversation_with
from chatmodes.evaluating.questions import Item, Turn

GASES = ["oxygen", "argon", "helium", "neon"]
BY_LABELS = {"text": GASES, "label": ["A", "B", "C", "D"]}


def read(line: dict[str, Any]) -> Item:
    """The item of a line."""
    return item_of(json.dumps(line).encode(), Path())


@pytest.mark.parametrize(
    "line",
    [
        pytest.param({"question": "q", "options": GASES, "answer_index": 2}, id="MMLU-Pro by number alone"),
        pytest.param({"question": "q", "options": GASES, "answer": "C", "answer_index": 2}, id="MMLU-Pro"),
        pytest.param(dict(zip(["Question", *"ABCD", "Answer"], ["q", *GASES, "C"], strict=True)), id="MMLU's table"),
        pytest.param({"id": "x", "question": "q", "choices": BY_LABELS, "answerKey": "C"}, id="ARC"),
        pytest.param(
            {"question": "q", "choices": {"text": GASES, "label": ["1", "2", "3", "4"]}, "answerKey": "3"},
            id="ARC by numbers",
        ),
        pytest.param(
            {
                "question": {
                    "stem": "q",
                    "choices": [{"text": t, "label": each} for t, each in zip(GASES, "ABCD", strict=True)],
                },
                "answerKey": "C",
            },
            id="ARC's own",
        ),
        pytest.param({"question_stem": "q", "choices": BY_LABELS, "answerKey": "C"}, id="OpenBookQA"),
        pytest.param({"ctx": "q", "ctx_a": "q", "endings": GASES, "label": "2", "ind": 4}, id="HellaSwag"),
        pytest.param({"ctx": "q", "endings": GASES, "label": 2}, id="HellaSwag by a number"),
        pytest.param(
            {
                "question": "q",
                "options": dict(zip("ABCD", GASES, strict=True)),
                "answer_idx": "C",
                "answer": "helium",
            },
            id="MedQA",
        ),
        pytest.param({"question": "q", "options": ["A)oxygen", "B)argon", "C)helium"], "correct": "C"}, id="AQuA"),
        pytest.param({"question": "q", "options": ["(a) oxygen", "(b) helium"], "answer": "(b) helium"}, id="(b)"),
        pytest.param({"question": "q", "choices": GASES, "answer": "C. helium"}, id="letter and text"),
        pytest.param({"question": "q", "choices": GASES, "answer": [2]}, id="list of one"),
        pytest.param({"question": "q", "mc1_targets": {"choices": GASES, "labels": [0, 0, 1, 0]}}, id="TruthfulQA"),
        pytest.param({"sentence": "q", "option1": "argon", "option2": "helium", "answer": "2"}, id="WinoGrande"),
        pytest.param({"goal": "q", "sol1": "argon", "sol2": "helium", "label": 1}, id="PIQA"),
        pytest.param(
            {"question": "q", "distractor1": "argon", "distractor2": "neon", "correct_answer": "helium"}, id="SciQ"
        ),
        pytest.param(
            {"Question": "q", "Correct Answer": "helium", "Incorrect Answer 1": "neon", "Incorrect Answer 2": ""},
            id="GPQA with fewer",
        ),
        pytest.param({"question": "q", "choices": ["argon", "helium", "argon"], "answer": "B"}, id="two wrong alike"),
    ],
)
def test_choices_are_read_as_they_are_published(line: dict[str, Any]) -> None:
    item = read(line)
    assert (item.input, item.target, item.judged) == ("q", "helium", False)
    assert item.choices.count("helium") == 1
    assert set(item.choices) <= set(GASES)
    assert len(item.choices) > 1


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (
            {"options": GASES, "answer": "A", "answer_index": 2},
            "its answer and its answer_index name different choices",
        ),
        ({"options": {"A": "x", "B": "y"}, "answer_idx": "A", "answer": "y"}, "name different choices"),
        ({"choices": BY_LABELS, "answerKey": "E"}, "its target 'E' is none of its choices"),
        ({"endings": GASES, "label": "4"}, "none of its choices"),
        ({"endings": GASES, "label": ""}, "neither a target nor a rubric"),  # HellaSwag's test split
        ({"choices": ["argon", "helium", "argon"], "answer": "argon"}, "the same"),
        ({"choices": ["argon", "helium", "argon"], "answer": "C"}, "the same"),
        ({"choices": "argon", "answer": "argon"}, r"got `str` - at `\$\.choices`"),
        ({"options": [True, False], "answer": 0}, r"got `bool` - at `\$\.options\[0\]`"),
        ({"options": GASES, "answer": True}, r"got `bool` - at `\$\.answer`"),
        ({"correct_answer": "argon", "incorrect_answers": 1}, r"got `int` - at `\$\.incorrect_answers`"),
        ({"choices": {"text": GASES, "label": ["A"]}, "answerKey": "A"}, "4 texts and 1 labels"),
        ({"Correct Answer": "", "Incorrect Answer 1": "argon", "Incorrect Answer 2": "neon"}, "one is empty"),
        ({"choices": GASES, "answer": "2"}, "none of its choices"),  # counted from 0, or from 1
    ],
)
def test_a_right_choice_that_is_not_told_is_not_guessed(line: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read({"question": "q", **line})


@pytest.mark.parametrize(
    ("line", "target"),
    [
        ({"problem": "q", "solution": r"So $\boxed{1}$, or $\boxed{\frac{3}{\sqrt{2}}}$."}, r"\frac{3}{\sqrt{2}}"),
        ({"problem": "q", "solution": r"It is \fbox{7}.", "level": "Level 5"}, "7"),
        ({"problem": "q", "solution": r"Thus $\boxed 3.$"}, "3"),
        ({"question": "q", "answer": "9*2=18 #### 18\r\n"}, "18"),
        ({"question": "q", "answer": None, "answer_number": 18}, "18"),
        ({"question": "q", "answer": "#### "}, "#### "),
    ],
)
def test_a_target_is_found_where_the_benchmark_has_it(line: dict[str, Any], target: str) -> None:
    item = read(line)
    assert (item.target, item.judged) == (target, False)


def test_a_solution_without_a_box_is_no_target() -> None:
    with pytest.raises(ValueError, match="neither a target nor a rubric"):
        read({"problem": "q", "solution": "It is seven."})


def test_what_a_question_is_about_comes_before_it() -> None:
    assert read({"Body": "Ada has 3.", "Question": "How many?", "Answer": "3"}).input == "Ada has 3.\n\nHow many?"
    assert read({"passage": "It rained.", "question": "Did it?", "answer": "yes"}).input == "It rained.\n\nDid it?"
    ours = {"input": "Did it?", "target": "yes", "context": "chapter 3"}  # a key that is passed over
    assert read(ours).input == "Did it?"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"prompt": [{"role": "user", "content": 1}], "target": 1}, r"at `\$\.prompt\[0\]\.content`"),
        ({"prompt": "q", "rubrics": [{"criterion": "c", "points": "5"}]}, r"at `\$\.rubrics\[0\]\.points`"),
        ({"question": "q", "answer": True}, r"at `\$\.answer`"),
    ],
)
def test_what_is_of_another_type_is_named_as_the_line_names_it(line: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        read(line)


def test_instructions_of_several_turns_are_sent_as_one_and_graded_as_they_were_written() -> None:
    told = [{"role": "system", "content": "Be brief."}, {"role": "developer", "content": "Say du."}]
    item = read({"prompt": [*told, {"role": "user", "content": "1+1?"}], "target": 2})
    assert (item.system, item.input, item.before) == ("Be brief.\n\nSay du.", "1+1?", ())
    assert item.instructions == (Turn("system", "Be brief."), Turn("developer", "Say du."))
    assert conversation_with(item, "2") == "system: Be brief.\n\ndeveloper: Say du.\n\nuser: 1+1?\n\nassistant: 2"


def test_what_a_table_writes_for_nothing_is_nothing() -> None:
    rubric = {"criterion": "c", "points": 1, "tags": None}
    assert read({"prompt": "q", "rubrics": [rubric], "example_tags": None}).rubric[0].tags == ()
    assert item_of(b'{"input": "q", "target": 1, "Explanation": NaN}', Path()).target == "1"
    assert item_of(rb'{"input": "q \ud83d", "target": 1}', Path()).input == "q ?"
    for infinite in ("Infinity", "1e400"):
        with pytest.raises(ValueError, match=r"malformed|out of range"):
            item_of(f'{{"input": "q", "target": {infinite}}}'.encode(), Path())
