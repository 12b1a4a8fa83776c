"""The items of an evaluation, from JSON lines: what people wrote by hand, and what benchmarks publish (`forms.py`)."""

import codecs
from pathlib import Path

import msgspec
from msgspec.structs import replace

from chatmodes.evaluating.forms import item_of
from chatmodes.evaluating.questions import Criterion, Item
from chatmodes.settings import ConfigError

__all__ = ["Criterion", "Item", "load_items"]


def load_items(path: Path, *, judged: bool = False) -> tuple[list[Item], list[str]]:
    """The usable items, and one sentence for each line that is none. Raises `ConfigError` when there is not one.

    A line that repeats another is none: a second answer to it would be paid for and could not be told from the first.
    `judged` says that every target without choices is free text, which a grader compares.
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
            item = item_of(line, path.parent)
        except (msgspec.DecodeError, ValueError) as error:
            problems.append(f"{path}, line {number}: {error}.")
            continue
        if judged and item.target and not item.choices:
            item = replace(item, judged=True)
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
