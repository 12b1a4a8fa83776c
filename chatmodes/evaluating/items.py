"""The items of an evaluation, from JSON lines that people wrote by hand."""

import hashlib
from pathlib import Path

import msgspec

from chatmodes.settings import ConfigError


class Criterion(msgspec.Struct, frozen=True):
    """One line of a rubric: what to look for, and its points; negative ones are for what must not happen."""

    criterion: str
    points: float


class Item(msgspec.Struct, frozen=True):
    """One question, with the answer it should get or the rubric it is graded by."""

    input: str
    target: str = ""
    rubric: tuple[Criterion, ...] = ()
    id: str = ""

    @property
    def key(self) -> str:
        """What names the item in the journal, wherever it stands in the file."""
        return self.id or hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]


class _Line(msgspec.Struct):
    input: str
    target: str | int | float | None = None
    rubric: list[Criterion] = []
    id: str | int = ""


def load_items(path: Path) -> tuple[list[Item], list[str]]:
    """The usable items, and one sentence for each line that is none. Raises `ConfigError` when there is not one."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    items: list[Item] = []
    problems: list[str] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            items.append(_item(msgspec.json.decode(line, type=_Line, strict=True)))
        except (msgspec.DecodeError, ValueError) as error:
            problems.append(f"{path}, line {number}: {error}.")
    if not items:
        first = f" {problems[0]}" if problems else ""
        raise ConfigError(
            f"{path} holds no item.{first}",
            'A line is {"input": …, "target": …} or {"input": …, "rubric": [{"criterion": …, "points": …}]}.',
        )
    return items, problems


def _item(line: _Line) -> Item:
    if not line.input.strip():
        raise ValueError("the input is empty")
    if (line.target is None or not str(line.target).strip()) and not line.rubric:
        raise ValueError("it has neither a target nor a rubric")
    if line.rubric and not any(criterion.points > 0 for criterion in line.rubric):
        raise ValueError("its rubric has no criterion with positive points")
    target = "" if line.target is None else str(line.target)
    return Item(line.input, target, tuple(line.rubric), str(line.id))
