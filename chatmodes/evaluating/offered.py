"""The choices that a line offers, and which of them is right, in the ways in which benchmarks write it.

| published | its choices | the right one |
|---|---|---|
| MMLU, MMLU-Pro | `choices` or `options`, a list | `answer`, `answer_index`: a letter, a number from 0, or the text |
| MMLU's tables | `A`, `B`, `C` and so on | `answer`: a letter |
| AQuA | `options`, each behind its letter | `correct`: a letter |
| MedQA | `options` by letters | `answer_idx` and `answer` |
| ARC, OpenBookQA, CommonsenseQA | `choices` with `label` and `text`, also in `question` | `answerKey`: a label |
| HellaSwag | `endings` | `label`: a number from 0 on |
| PIQA | `sol1`, `sol2` | `label`: a number from 0 on |
| WinoGrande | `option1`, `option2` | `answer`: 1 or 2 |
| TruthfulQA | `mc1_targets` | the label that is 1 |
| GPQA, SciQ | `Correct Answer` and `Incorrect Answer 1`, or `distractor1`, and so on | the first |
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import msgspec

from chatmodes.evaluating.questions import LETTERS

_Fields = Mapping[str, Any]

_LISTS = ("choices", "options", "endings")
_COLUMNS = (
    ("{}", LETTERS.lower(), LETTERS),
    ("option_{}", LETTERS.lower(), LETTERS),
    ("option{}", "123456789", "123456789"),
    ("sol{}", "123456789", ""),
)
"""Names of columns that hold a choice each, what stands in them one by one, and what the choices are called then."""
_WRONG = re.compile(r"(?:incorrect[ _]answer|distractor)[ _]?\d+")
_NAMING = ("target", "answer", "answerkey", "correct", "correct_answer", "correct answer")
"""Keys that name the right choice, by its label, its text or its number; the first that a line has counts."""
_COUNTING = ("answer_index", "answer_idx")
"""Keys that name it once more. Where they name another, the line is wrong, and nobody knows how."""
_LABELLED = r"\s*[(\[]?({})(?:[)\]:]\s*|\.\s+)(?=\S)"
"""A letter before a choice that is not of its text: `B) `, `(b) `, `B. `."""
_ALIKE = "two of its choices are the same, or one is empty"
_Said = str | int | float


class _Labelled(msgspec.Struct):
    text: _Said
    label: _Said


_Listed = list[_Said | _Labelled] | dict[str, _Said | list[_Said]]


class _Marked(msgspec.Struct):
    """TruthfulQA's choices: the label of the right one is 1."""

    choices: list[_Said]
    labels: list[int]


class _Choice(NamedTuple):
    text: str
    label: str = ""
    """What the line calls it; empty where it goes by its place."""


def offered(fields: _Fields) -> tuple[tuple[str, ...], str]:
    """The choices of a line, none where it offers none; and the right one, empty where it names none.

    `fields` have their keys in small letters. Raises `ValueError` with what is wrong and no full stop.
    """
    choices, right = _choices(fields)
    if not choices:
        return (), ""
    texts = tuple(choice.text for choice in choices)
    if not 2 <= len(choices) <= len(LETTERS):
        raise ValueError(f"it has {len(choices)} choices; a question has from 2 to {len(LETTERS)}")
    if "" in map(plainly, texts):
        raise ValueError(_ALIKE)
    if right is None:
        right = _named(fields, choices)
    if right is None:
        return texts, ""
    # PP, Pp and pp are three genotypes, but a letter alone is written either way.
    told_apart = [plain if len(plain := plainly(text)) == 1 else _as_written(text) for text in texts]
    if told_apart.count(told_apart[right]) > 1:
        raise ValueError(_ALIKE)
    return texts, texts[right]


def _choices(fields: _Fields) -> tuple[list[_Choice], int | None]:
    """The choices of a line, and the place of the right one where that is told by how they are written."""
    for key in _LISTS:
        if listed := fields.get(key):
            return _unlabelled(_listed(listed, key)), None
    nested = fields.get("question")
    if isinstance(nested, dict) and "choices" in nested:
        return _listed(cast("dict[str, Any]", nested)["choices"], "question.choices"), None
    if "mc1_targets" in fields:
        marked: _Marked = _typed(fields["mc1_targets"], _Marked, "mc1_targets")
        right = marked.labels.index(1) if marked.labels.count(1) == 1 else None
        return _listed(marked.choices, "mc1_targets.choices"), right
    first = fields.get("correct answer", fields.get("correct_answer"))
    wrong = [fields[key] for key in sorted(fields) if _WRONG.fullmatch(key)]
    wrong = wrong or _typed(fields.get("incorrect_answers", []), list[Any], "incorrect_answers")
    if first is not None and (wrong or "correct answer" in fields):
        return _listed([first, *(each for each in wrong if each != "")], "correct answer"), 0
    return _in_columns(fields), None


def _in_columns(fields: _Fields) -> list[_Choice]:
    for name, marks, labels in _COLUMNS:
        found = [fields.get(name.format(mark)) for mark in marks]
        count = found.index(None) if None in found else len(found)
        if count >= 2 and all(isinstance(each, _Said) for each in found[:count]):
            called = labels[:count] or [""] * count
            return [_Choice(str(each).strip(), label) for each, label in zip(found, called, strict=False)]
    return []


def _typed(said: object, wanted: object, key: str) -> Any:
    """What stands under a key, of the wanted type. Raises `ValueError`."""
    try:
        return msgspec.convert(said, type=cast("Any", wanted))
    except msgspec.ValidationError as error:
        where = "" if "`$" in str(error) else f" - at `$.{key}`"
        raise ValueError(str(error).replace("`$", f"`$.{key}") + where) from error


def _listed(said: object, key: str) -> list[_Choice]:
    """The choices of a list of texts, of labels with texts, of a text by each label, or of a list by either."""
    read: _Listed = _typed(said, _Listed, key)
    if isinstance(read, dict):
        texts, labels = read.get("text"), read.get("label")
        if isinstance(texts, list) and isinstance(labels, list):
            if len(texts) != len(labels):
                raise ValueError(f"its {key} have {len(texts)} texts and {len(labels)} labels")
            return [_Choice(str(text).strip(), str(label)) for text, label in zip(texts, labels, strict=True)]
        return [_Choice(str(text).strip(), label) for label, text in read.items()]
    return [
        _Choice(str(each.text).strip(), str(each.label)) if isinstance(each, _Labelled) else _Choice(str(each).strip())
        for each in read
    ]


def _unlabelled(choices: list[_Choice]) -> list[_Choice]:
    """Choices without the letters that stand before all of their texts: they are laid out behind letters anew."""
    found: list[_Choice] = []
    for letter, choice in zip(LETTERS, choices, strict=False):
        label = re.match(_LABELLED.format(letter), choice.text, re.IGNORECASE)
        if not label:
            return choices
        found.append(_Choice(choice.text[label.end() :], letter))
    return found if len(found) == len(choices) else choices


def _named(fields: _Fields, choices: Sequence[_Choice]) -> int | None:
    """The place of the choice that a line names as the right one; None where it names none."""
    naming = next((key for key in _NAMING if fields.get(key, "") != ""), None)
    keys = [key for key in (naming, *_COUNTING) if key and fields.get(key, "") != ""]
    if not keys and fields.get("label", "") != "":
        keys = ["label"]
    found = {key: _place(_said(fields, key), choices, key) for key in keys}
    if len(set(found.values())) > 1:
        raise ValueError(f"its {' and its '.join(found)} name different choices")
    return next(iter(found.values()), None)


def _said(fields: _Fields, key: str) -> object:
    """What a key names; digits are a number where it can be nothing else."""
    said = fields[key]
    is_number = key in (*_COUNTING, "label") and isinstance(said, str) and re.fullmatch(r"\d{1,3}", said)
    return int(said) if is_number else said


def _place(said: object, choices: Sequence[_Choice], key: str) -> int:
    """Where the choice stands that is named by its label, its text, its number from 0 on, or its letter.

    A number counts the choices first, as benchmarks' `answer` does; under our own key it is first what a choice says.
    """
    read: _Said | tuple[_Said] = _typed(said, _Said | tuple[_Said], key)
    target = read[0] if isinstance(read, tuple) else read
    texts = [choice.text for choice in choices]
    number = int(target) if isinstance(target, int) or (isinstance(target, float) and target.is_integer()) else -1
    said_so = places(str(target), texts) or (places(str(number), texts) if number >= 0 else [])
    by_text = said_so[0] if len(said_so) == 1 else -1
    label = plainly(str(number) if number >= 0 else str(target))
    by_label = next((at for at, choice in enumerate(choices) if choice.label and plainly(choice.label) == label), -1)
    ways = (by_text, number) if key == "target" else (number, by_text)
    at = next((at for at in (by_label, *ways, _lettered(str(target), texts)) if 0 <= at < len(choices)), -1)
    if at < 0 and len({_as_written(texts[place]) for place in said_so}) == 1:
        raise ValueError(_ALIKE)
    if at < 0:
        raise ValueError(f"its target {target!r} is none of its choices")
    return at


def _lettered(target: str, texts: Sequence[str]) -> int:
    """The place that a target names by a letter, `B` or `(b)`, which may stand before the choice's text; or -1."""
    letter = plainly(target).strip("()[]:. ").upper()
    if len(letter) == 1:
        return LETTERS.find(letter)
    for at, (each, text) in enumerate(zip(LETTERS, texts, strict=False)):
        label = re.match(_LABELLED.format(each), target, re.IGNORECASE)
        if label and plainly(target[label.end() :]) == plainly(text):
            return at
    return -1


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
