"""The rows of a table as lines of JSON: GPQA, SimpleQA and MMLU are published as CSV, MGSM behind tabs.

A table is known by its first row, which names a question as lines do. MMLU's own files have no such row: each of
theirs is a question, its choices and a letter.
"""

import ast
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from chatmodes.evaluating.forms import QUESTIONS
from chatmodes.evaluating.questions import LETTERS

_BETWEEN = ",\t;"
_COUNTED = ("answer", "answer_index", "answer_idx", "label")
"""Columns in which digits beside a list of choices count these; a table does not tell them from text."""
_LISTS = ("choices", "options", "endings", "rubric", "rubrics", "tags", "example_tags", "attachments")
"""Columns whose cells may write out a list."""


def rows_of(text: str) -> list[tuple[str, bytes | str]] | None:
    """Where each row stands, and its JSON or what is wrong with it; None of what is no table."""
    first = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    for mark in _BETWEEN:
        try:
            names = [name.strip().lower() for name in next(csv.reader([first], delimiter=mark), list[str]())]
        except csv.Error:  # longer than any cell
            return None
        if len(names) > 1 and not set(QUESTIONS).isdisjoint(names):
            return list(_rows(text, mark, names, skipped=1))
        if len(names) > 3 and len(names[-1]) == 1 and names[-1].upper() in LETTERS[: len(names) - 2]:
            return list(_rows(text, mark, ["question", *LETTERS[: len(names) - 2], "answer"], skipped=0))
    return None


def _rows(text: str, mark: str, names: Sequence[str], *, skipped: int) -> Iterator[tuple[str, bytes | str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield f"line {line}", str(error)
            cells = []
        if cells is None:
            return
        if any(cells) and (skipped := skipped - 1) < 0:
            too_many = f"it has {len(cells)} cells, and the first row {len(names)}"
            yield f"line {line}", too_many if len(cells) > len(names) else msgspec.json.encode(_said(names, cells))
        line = reader.line_num + 1


def _said(names: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """What a row says; nothing of its empty cells."""
    said: dict[str, Any] = {
        name: _opened(cell) if name in _LISTS else cell
        for name, cell in zip(names, cells, strict=False)
        if cell.strip()
    }
    if any(isinstance(said.get(name), list) for name in ("choices", "options", "endings")):
        counted = {name: str(said.get(name, "")).strip() for name in _COUNTED}
        said |= {name: int(digits) for name, digits in counted.items() if re.fullmatch(r"\d{1,3}", digits)}
    return said


def _opened(cell: str) -> str | list[Any]:
    """The list that a cell writes out, in JSON or as Python prints one; else its text."""
    for read in (msgspec.json.decode, ast.literal_eval):
        try:
            return msgspec.convert(read(cell), list[Any])
        except (ValueError, SyntaxError, RecursionError, MemoryError):  # all that Python's own reader raises
            continue
    return cell
