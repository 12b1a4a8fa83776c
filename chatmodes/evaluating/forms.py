"""A line of a file as an item: our own form, and those in which benchmarks are published.

| published | its line |
|---|---|
| HealthBench | `prompt` as turns, `rubrics` with points and tags, `example_tags`, `prompt_id` |
| MMLU, MMLU-Pro | `question`, `choices` or `options`, `answer`: a letter, a number from 0 on, or the choice's text |
| SimpleQA | `problem` and `answer`, which is free text |

`attachments` of any of them are files in the items' folder. Other keys of a line say nothing here and are passed over:
files carry sources, categories and canaries.
"""

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import msgspec

from chatmodes.evaluating.attachments import looked_up
from chatmodes.evaluating.questions import LETTERS, Criterion, Item, Turn

_Question = str | list[Turn] | None
_Answer = str | int | float | None


class _Line(msgspec.Struct):
    input: _Question = None
    prompt: _Question = None
    question: _Question = None
    problem: str | None = None
    target: _Answer = None
    answer: _Answer = None
    rubric: list[Criterion] | None = None
    rubrics: list[Criterion] | None = None
    choices: list[str] = []
    options: list[str] = []
    example_tags: list[str] = []
    tags: list[str] = []
    attachments: list[str] = []
    judged: bool | None = None
    id: str | int = ""
    prompt_id: str = ""


def item_of(line: bytes, folder: Path) -> Item:
    """The item in a line of a file in `folder`, where its attachments lie.

    Raises `ValueError`, as msgspec's errors are, with what is wrong and no full stop.
    """
    said = msgspec.json.decode(line, type=_Line, strict=True)
    asked = next((each for each in (said.input, said.prompt, said.question, said.problem) if each is not None), "")
    system, before, question = _conversation(asked)
    rubric = tuple(said.rubric or said.rubrics or ())
    choices = tuple(said.choices or said.options)
    target = said.answer if said.target is None else said.target
    if (target is None or not str(target).strip()) and not rubric:
        raise ValueError("it has neither a target nor a rubric")
    if rubric and not any(criterion.points > 0 for criterion in rubric):
        raise ValueError("its rubric has no criterion with positive points")
    judged = said.judged if said.judged is not None else said.problem is not None and not choices
    return Item(
        question,
        "" if target is None else _right(target, choices) if choices else str(target),
        rubric,
        str(said.id) or said.prompt_id,
        before=before,
        system=system,
        tags=tuple(dict.fromkeys((*said.example_tags, *said.tags))),
        choices=choices,
        attachments=looked_up(said.attachments, folder) if said.attachments else (),
        judged=judged and not rubric and not choices,
    )


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


def _right(target: str | float, choices: tuple[str, ...]) -> str:
    """The choice that a target names: by its number, counted from 0, by its text, or by its letter."""
    if not 2 <= len(choices) <= len(LETTERS):
        raise ValueError(f"it has {len(choices)} choices; a question has from 2 to {len(LETTERS)}")
    plain = [plainly(choice) for choice in choices]
    if len(set(plain)) < len(plain) or "" in plain:
        raise ValueError("two of its choices are the same, or one is empty")
    if isinstance(target, int):
        at = target
    elif (text := plainly(str(target))) in plain:
        at = plain.index(text)
    else:
        letter = text.strip("() ").upper()
        at = LETTERS.find(letter) if len(letter) == 1 else -1
    if not 0 <= at < len(choices):
        raise ValueError(f"its target {target!r} is none of its choices")
    return choices[at]


def plainly(text: str) -> str:
    """A choice's text without what does not tell it from another."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split()).rstrip(".")
