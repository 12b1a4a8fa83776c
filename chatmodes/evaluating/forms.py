"""A line of a file as an item: our own form, and those in which benchmarks are published.

| published | its line |
|---|---|
| HealthBench | `prompt` as turns, `rubrics` with points and tags, `example_tags`, `prompt_id` |
| multiple choice | a question with choices, in one of many ways (`offered.py`) |
| GSM8K | `question`, and `answer` whose last line ends with `#### ` and the number |
| AIME, MATH | `problem` and `answer`, a number or a formula; or a `solution` that has it in `\\boxed{}` |
| SimpleQA | `problem` and `answer`, which is free text |

`attachments` of any of them are files in the items' folder. Other keys of a line say nothing here and are passed over:
files carry sources, categories and canaries. A key that is null is not there: so tables are written to JSON.
"""

import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import msgspec

from chatmodes.evaluating.attachments import looked_up
from chatmodes.evaluating.lenient import mended
from chatmodes.evaluating.offered import offered
from chatmodes.evaluating.questions import Criterion, Item, Turn
from chatmodes.evaluating.scoring import may_be_formula
from chatmodes.modes.answers.extract import last_boxed

_Question = str | list[Turn]
_Answer = str | int | float
QUESTIONS = ("input", "prompt", "question", "problem", "question_stem", "ctx", "goal", "sentence")
"""Keys of what is asked; the first that a line has counts."""
_ABOUT = ("passage", "article", "context", "body")
"""Keys of a text that the question is about, which comes before it."""
_ANSWERS = ("target", "answer", "answer_number")
_FINAL = "####"
"""What comes before GSM8K's number, behind how it is come to."""
_BARE_BOX = re.compile(r"\\(?:boxed|fbox)\s+([^\s{}$.,;]+)")


class _Line(msgspec.Struct):
    asked: _Question = ""
    target: _Answer | None = None
    rubric: list[Criterion] = []
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
    choices, right = offered(fields)
    said = _typed(fields, has_choices=bool(choices))
    instructions, before, question = _conversation(said.asked)
    target = right or _target(said, fields)
    rubric = tuple(said.rubric)
    if not target and not rubric:
        raise ValueError("it has neither a target nor a rubric")
    _check(rubric)
    judged = _is_free_text(fields, target, question) if said.judged is None else said.judged
    return Item(
        question,
        target,
        rubric,
        str(said.id) or str(said.prompt_id),
        before=before,
        instructions=instructions,
        tags=tuple(dict.fromkeys((*said.example_tags, *said.tags))),
        choices=choices,
        attachments=looked_up(said.attachments, folder) if said.attachments else (),
        judged=judged and not rubric and not choices,
    )


def _fields(line: bytes) -> dict[str, Any]:
    """What a line says, by keys in small letters, without nulls."""
    read = _without_nulls(_decoded(line))
    return {key.lower(): value for key, value in read.items()} | read


def _decoded(line: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(line, type=dict[str, Any])
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError as error:
        try:
            return msgspec.json.decode(mended(line), type=dict[str, Any])
        except ValueError:
            raise error from None


def _without_nulls(said: Any) -> Any:
    if isinstance(said, dict):
        named = cast("dict[str, Any]", said)
        return {key: _without_nulls(value) for key, value in named.items() if value is not None}
    return [_without_nulls(each) for each in cast("list[Any]", said)] if isinstance(said, list) else said


def _typed(fields: dict[str, Any], *, has_choices: bool) -> _Line:
    """The fields under our names and of our types."""
    asked = _first(fields, QUESTIONS)
    target = "" if has_choices else _first(fields, _ANSWERS)
    rubric = _first(fields, ("rubric", "rubrics"))
    sources = {"asked": asked, "target": target, "rubric": rubric}
    named = fields | {name: fields[key] for name, key in sources.items() if key}
    question = named.get("asked")
    if isinstance(question, dict) and "stem" in question:
        named["asked"] = question["stem"]
    elif isinstance(question, str) and asked != "input":
        named["asked"] = "\n\n".join([*(text for key in _ABOUT if isinstance(text := fields.get(key), str)), question])
    if has_choices:
        named.pop("target", None)
    try:
        return msgspec.convert(named, type=_Line, strict=True)
    except msgspec.ValidationError as error:
        told = re.sub(r"(?<=`\$\.)\w+", lambda name: sources.get(name[0]) or name[0], str(error))
        raise ValueError(told) from error


def _first(fields: dict[str, Any], keys: Sequence[str]) -> str:
    """The first of the keys under which something stands; else none."""
    return next((key for key in keys if fields.get(key, "") not in ("", [])), "")


def _check(rubric: Sequence[Criterion]) -> None:
    if rubric and not any(criterion.points > 0 for criterion in rubric):
        raise ValueError("its rubric has no criterion with positive points")
    if not math.isfinite(sum(abs(criterion.points) for criterion in rubric)):
        raise ValueError("the points of its rubric are beyond all numbers")
    if any(not criterion.criterion.strip() for criterion in rubric):
        raise ValueError("a criterion of its rubric is empty")


def _is_free_text(fields: dict[str, Any], target: str, question: str) -> bool:
    """Whether a line is SimpleQA's. Mathematics comes with a `problem` as well, and is not for a model to judge."""
    if not fields.get("problem") or "solution" in fields:
        return False
    return not {"metadata", "answer_type"}.isdisjoint(fields) or not may_be_formula(target, question)


def _conversation(asked: str | Sequence[Turn]) -> tuple[tuple[Turn, ...], tuple[Turn, ...], str]:
    """What the system is told, the turns before the question, and the question."""
    turns = [Turn("user", asked)] if isinstance(asked, str) else list(asked)
    told = next((at for at, turn in enumerate(turns) if turn.role not in ("system", "developer")), len(turns))
    *before, last = turns[told:] or [Turn("user", "")]
    if strange := [turn.role for turn in (*before, last) if turn.role not in ("user", "assistant")]:
        raise ValueError(f"a turn has the role {strange[0]!r}; behind the system's it must be user or assistant")
    if last.role != "user":
        raise ValueError("its last turn is not the user's")
    if not last.content.strip():
        raise ValueError("the input is empty")
    return tuple(turns[:told]), tuple(before), last.content


def _target(said: _Line, fields: dict[str, Any]) -> str:
    """What an answer should come to; empty where the line does not say."""
    if said.target is None:
        solution = fields.get("solution")
        return _boxed(solution) if isinstance(solution, str) else ""
    target = str(said.target)
    final = target.rstrip().rpartition("\n")[2].rpartition(_FINAL)
    return final[2].strip() if final[1] and final[2].strip() else target


def _boxed(solution: str) -> str:
    """What a solution ends in a box; of one character, TeX needs no braces."""
    bare = _BARE_BOX.findall(solution)
    return last_boxed(solution) or (bare[-1] if bare else "")
