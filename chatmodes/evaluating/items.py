"""The items of an evaluation, from JSON lines that people wrote by hand."""

import codecs
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
        """What names the item in the journal, wherever it stands in the file.

        Its content is in it beside its id: an item that was edited is another one, and an old answer none of its own.
        """
        content = hashlib.sha256(msgspec.json.encode(self)).hexdigest()[:16]
        return f"{self.id}-{content}" if self.id else content


class _Line(msgspec.Struct):
    input: str
    target: str | int | float | None = None
    rubric: list[Criterion] = []
    id: str | int = ""


def load_items(path: Path) -> tuple[list[Item], list[str]]:
    """The usable items, and one sentence for each line that is none. Raises `ConfigError` when there is not one.

    A line that repeats another is none: a second answer to it would be paid for and could not be told from the first.
    """
    try:
        # Windows' editors begin a UTF-8 file with a mark that JSON does not know.
        lines = path.read_bytes().removeprefix(codecs.BOM_UTF8).splitlines()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    items: list[Item] = []
    problems: list[str] = []
    lines_of: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            item = _item(msgspec.json.decode(line, type=_Line, strict=True))
        except (msgspec.DecodeError, ValueError) as error:
            problems.append(f"{path}, line {number}: {error}.")
        else:
            if (before := lines_of.setdefault(item.key, number)) == number:
                items.append(item)
            else:
                said = f"It repeats line {before}, which is answered once; an id of its own makes it another item."
                problems.append(f"{path}, line {number}: {said}")
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
