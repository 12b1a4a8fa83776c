"""Rules of what may run: `TOOL`, or `TOOL:PATTERN` for some of its calls. A no wins over every yes.

`*` and `?` stand for any text and any character, in both parts. What the pattern is compared with is the tool's own to
say: a command, an address, a path; for other tools it is the arguments as JSON.
"""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError


class Rule(NamedTuple):
    """Calls of a tool; all of them where the pattern is empty."""

    tool: str
    pattern: str = ""

    def __str__(self) -> str:
        return f"{self.tool}:{self.pattern}" if self.pattern else self.tool


def parsed(text: str) -> Rule:
    """A rule as it is written. Raises `ConfigError`."""
    tool, colon, pattern = text.strip().partition(":")
    if not tool or (colon and not pattern):
        raise ConfigError(
            f"{one_line(text, 80)!r} is no rule.", 'A rule is TOOL or TOOL:PATTERN, as in "run:git status".'
        )
    return Rule(tool, pattern)


def named(rules: Iterable[Rule], tool: str, subjects: Sequence[str]) -> Rule | None:
    """The first rule that a call falls under: any of its subjects may fit the pattern."""
    for rule in rules:
        if fnmatchcase(tool, rule.tool) and (not rule.pattern or any(fnmatchcase(s, rule.pattern) for s in subjects)):
            return rule
    return None
