"""A line of a file as an item: our own form, and those in which benchmarks are published.

| published | its line |
|---|---|
| HealthBench | `prompt` as turns, `rubrics` with points and tags, `example_tags`, `prompt_id` |
| MMLU, MMLU-Pro | `question`, `choices` or `options`, `answer`: a letter, a number from 0 on, or the choice's text |
| GPQA | `Question`, `Correct Answer`, `Incorrect Answer 1` to `3` |
| GSM8K | `question`, and `answer` whose last line is `#### ` and the number |
| AIME, MATH | `problem` and `answer`, which is a number or a formula, or beside a `solution` |
| SimpleQA | `problem` and `answer`, which is free text |

`attachments` of any of them are files in the items' folder. Other keys of a line say nothing here and are passed over:
files carry sources, categories and canaries. A key that is null is not there: so tables are written to JSON.
"""

import math
import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec

from chatmodes.evaluating.attachments import looked_up
from chatmodes.evaluating.questions import LETTERS, Criterion, Item, Turn
from chatmodes.evaluating.scoring import may_be_formula

_Question = str | list[Turn]
_Answer = str | int | float
_FINAL = "####"
"""What begins GSM8K's last line, behind how the answer is come to."""


class _Line(msgspec.Struct):
    input: _Question = ""
    prompt: _Question = ""
    question: _Question = ""
    problem: str = ""
    target: _Answer | None = None
    answer: _Answer | None = None
    rubric: list[Criterion] = []
    rubrics: list[Criterion] = []
    choices: list[_Answer] = []
    options: list[_Answer] = []
    example_tags: list[str] = []
    tags: list[str] = []
    attachments: list[str] = []
    judged: bool | None = None
    id: str | int = ""
    prompt_id: str | int = ""


def item_of(line: bytes, folder: Path) -> Item:
    """The item in a line of a file in `folder`, where its attachments lie.

    Raises `ValueError`, as msgspec's errors are, with what is wrong and no full stop.
    """
    fields = _fields(line)
    said = msgspec.json.decode(msgspec.json.encode(fields), type=_Line, strict=True)
    system, before, question = _conversation(said.input or said.prompt or said.question or said.problem)
    rubric = tuple(said.rubric or said.rubrics)
    choices = tuple(str(choice).strip() for choice in said.choices or said.options)
    target = _target(said, choices)
    if not target and not rubric:
        raise ValueError("it has neither a target nor a rubric")
    _check(rubric)
    judged = _is_free_text(fields, said, target) if said.judged is None else said.judged
    return Item(
        question,
        target,
        rubric,
        str(said.id) or str(said.prompt_id),
        before=before,
        system=system,
        tags=tuple(dict.fromkeys((*said.example_tags, *said.tags))),
        choices=choices,
        attachments=looked_up(said.attachments, folder) if said.attachments else (),
        judged=judged and not rubric and not choices,
    )


def _fields(line: bytes) -> dict[str, msgspec.Raw]:
    """What a line says, by keys in small letters, without nulls, GPQA's choices under the names of the others."""
    read = msgspec.json.decode(line, type=dict[str, msgspec.Raw])
    fields = {key.lower(): value for key, value in read.items()} | read
    fields = {key: value for key, value in fields.items() if bytes(value) != b"null"}
    if right := fields.get("correct answer"):
        wrong = [fields[key] for key in sorted(fields) if key.startswith("incorrect answer ")]
        fields |= {"choices": msgspec.Raw(msgspec.json.encode([right, *wrong])), "target": right}
    return fields


def _check(rubric: Sequence[Criterion]) -> None:
    if rubric and not any(criterion.points > 0 for criterion in rubric):
        raise ValueError("its rubric has no criterion with positive points")
    if not math.isfinite(sum(abs(criterion.points) for criterion in rubric)):
        raise ValueError("the points of its rubric are beyond all numbers")
    if any(not criterion.criterion.strip() for criterion in rubric):
        raise ValueError("a criterion of its rubric is empty")


def _is_free_text(fields: dict[str, msgspec.Raw], said: _Line, target: str) -> bool:
    """Whether a line is SimpleQA's. Mathematics comes with a `problem` as well, and is not for a model to judge."""
    if not said.problem or "solution" in fields:
        return False
    return not {"metadata", "answer_type"}.isdisjoint(fields) or not may_be_formula(target, said.problem)


def _conversation(asked: str | Sequence[Turn]) -> tuple[str, tuple[Turn, ...], str]:
    """What the system is told, the turns before the question, and the question."""
    turns = [Turn("user", asked)] if isinstance(asked, str) else list(asked)
    system = turns.pop(0).content if turns and turns[0].role in ("system", "developer") else ""
    *before, last = turns or [Turn("user", "")]
    if strange := [turn.role for turn in (*before, last) if turn.role not in ("user", "assistant")]:
        raise ValueError(f"a turn has the role {strange[0]!r}; it must be user or assistant")
    if last.role != "user":
        raise ValueError("its last turn is not the user's")
    if not last.content.strip():
        raise ValueError("the input is empty")
    return system, tuple(before), last.content


def _target(said: _Line, choices: tuple[str, ...]) -> str:
    """What an answer should come to; empty where the line does not say."""
    target = said.answer if said.target is None else said.target
    if target is None or not str(target).strip():
        return ""
    if choices:
        return _right(target, choices, numbered=said.target is None)
    last = str(target).rstrip().rpartition("\n")[2]
    return last.removeprefix(_FINAL).strip() or last if last.startswith(_FINAL) else str(target)


def _right(target: _Answer, choices: tuple[str, ...], *, numbered: bool) -> str:
    """The choice that a target names: by its text, by its number, counted from 0, or by its letter.

    A number is one of the choices first where it counts them, as benchmarks' `answer` does (`numbered`), and else what
    a choice says.
    """
    if not 2 <= len(choices) <= len(LETTERS):
        raise ValueError(f"it has {len(choices)} choices; a question has from 2 to {len(LETTERS)}")
    # PP, Pp and pp are three genotypes, but a letter alone is written either way.
    told_apart = {plain if len(plain := plainly(choice)) == 1 else _as_written(choice) for choice in choices}
    if len(told_apart) < len(choices) or "" in told_apart:
        raise ValueError("two of its choices are the same, or one is empty")
    number = int(target) if isinstance(target, int) or (isinstance(target, float) and target.is_integer()) else -1
    letter = plainly(str(target)).strip("() ").upper()
    named = places(str(target), choices) or (places(str(number), choices) if number >= 0 else [])
    by_text = named[0] if len(named) == 1 else -1
    by_letter = LETTERS.find(letter) if len(letter) == 1 else -1
    ways = (number, by_text, by_letter) if numbered else (by_text, number, by_letter)
    at = next((way for way in ways if 0 <= way < len(choices)), -1)
    if at < 0:
        raise ValueError(f"its target {target!r} is none of its choices")
    return choices[at]


def places(text: str, choices: Sequence[str]) -> list[int]:
    """Where a text stands among the choices: word for word, or in other letters where it stands nowhere so."""
    for read in (_as_written, plainly):
        if found := [at for at, choice in enumerate(choices) if read(choice) == read(text)]:
            return found
    return []


def _as_written(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).rstrip(".")


def plainly(text: str) -> str:
    """A choice's text without what hardly tells it from another."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".")
