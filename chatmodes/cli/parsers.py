"""argparse's parsers, whose errors are sentences, and a look into them for what describes the command line.

argparse itself prints the whole usage, names no option that was meant, and repeats values: one may be a key, and stderr
ends in logs. For most of this it has no public way.
"""

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn, cast

from chatmodes.settings import ConfigError

_NUMBERS = {int: "a whole number", float: "a number"}
_SENTENCES = (
    (re.compile(r"the following arguments are required: (.+)"), r"\1 is missing"),
    (re.compile(r"ambiguous option: ([^\s=]+)\S* could match (.+)"), r"\1 may be \2"),
    (re.compile(r"argument (\S+): not allowed with argument (\S+)"), r"\1 and \2 exclude each other"),
    (re.compile(r"argument (.+?): expected one argument"), r"\1 lacks its value"),
    (re.compile(r"argument (.+?): expected (\d+) arguments"), r"\1 takes \2 values"),
    (re.compile(r"argument (.+?): ignored explicit argument .*", re.DOTALL), r"\1 takes no value"),
    (re.compile(r"argument (.+)", re.DOTALL), r"\1"),
)
"""What argparse says, and how it is said here."""


class Parser(argparse.ArgumentParser):
    """A parser that raises `ConfigError` for wrong usage: what is wrong, and what was probably meant."""

    def parsed(self, words: Sequence[str], namespace: argparse.Namespace) -> argparse.Namespace:
        """What the words say, over what is in the namespace. Raises `ConfigError`, also for words that mean nothing."""
        args, rest = self.parse_known_args(list(words), namespace)
        if rest:
            _innermost(self, words)._refuse(rest)
        return args

    def _refuse(self, rest: Sequence[str]) -> NoReturn:
        unknown = next((word.partition("=")[0] for word in rest if word.startswith("-")), None)
        if unknown is not None:
            raise ConfigError(f"`{self.prog}` has no option {unknown}.", f"{self._option(unknown)}{self._help}")
        if any(action.dest == "prompt" for action in actions(self)):
            raise ConfigError("The prompt ends at its first word.", 'Put it in quotes: "What is 2+2?"')
        count = f"{len(rest)} word{'' if len(rest) == 1 else 's'}"
        raise ConfigError(f"`{self.prog}` has no use for {count} of the line.", self._help)

    def _option(self, unknown: str) -> str:
        """Which option was probably meant, by its name or by the value that it would have."""
        said = [action for action in actions(self) if action.option_strings and action.help != argparse.SUPPRESS]
        value = unknown.lstrip("-")
        for action in said:
            if action.choices is not None and value in action.choices:
                return f"Did you mean {action.option_strings[-1]} {value}? "
        return meant(unknown, [name for action in said for name in action.option_strings])

    @property
    def _help(self) -> str:
        return f"`{self.prog} --help` lists what it takes."

    def error(self, message: str) -> NoReturn:
        """Raise `ConfigError` for what argparse says is wrong."""
        for pattern, sentence in _SENTENCES:
            if found := pattern.fullmatch(message):
                message = found.expand(sentence)
                break
        raise ConfigError(f"{message}.", self._help)

    def _get_value(self, action: argparse.Action, arg_string: str) -> Any:
        try:
            return super()._get_value(action, arg_string)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType, reportAttributeAccessIssue]
        except argparse.ArgumentError as error:
            kind = _NUMBERS.get(cast("type", action.type))
            said = f"must be {kind}" if kind else error.message
            raise ConfigError(f"{_called(action)} {said}.", self._help) from error

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is None or value in action.choices:
            return
        choices = list(map(str, cast("Iterable[object]", action.choices)))
        listed = ", ".join(choices)
        if not isinstance(action, argparse._SubParsersAction):  # pyright: ignore[reportPrivateUsage]
            raise ConfigError(f"{_called(action)} must be one of {listed}.", meant(str(value), choices).strip())
        if len(str(value).split()) > 1 and "ask" in choices:
            raise ConfigError("A prompt follows a command.", 'Write `chatmodes ask "What is 2+2?"`.')
        said = f"`{self.prog}` has no command of that name."
        raise ConfigError(said, meant(str(value), choices) or f"The commands are {listed}.")


def meant(word: str, names: Sequence[str]) -> str:
    """A sentence that asks for the names that were probably meant, with a space behind it; empty where none is near."""
    from difflib import get_close_matches  # which nothing needs that is spelled right

    near = get_close_matches(word, names, 2, 0.7)
    return f"Did you mean {' or '.join(near)}? " if near else ""


def _called(action: argparse.Action) -> str:
    return "/".join(action.option_strings) or str(action.metavar or action.dest)


def _innermost(parser: Parser, words: Iterable[str]) -> Parser:
    """The parser of the command that the words name, or of that command's own."""
    for word in words:
        parser = cast("Parser", commands(parser).get(word, parser))
    return parser


def actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """A parser's options and arguments, without what chooses among its commands."""
    every = parser._actions  # pyright: ignore[reportPrivateUsage]
    return [action for action in every if not isinstance(action, argparse._SubParsersAction)]  # pyright: ignore[reportPrivateUsage]


def commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """The parsers of a parser's commands; empty where it has none."""
    for action in parser._actions:  # pyright: ignore[reportPrivateUsage]
        if isinstance(action, argparse._SubParsersAction):  # pyright: ignore[reportPrivateUsage]
            return dict(cast("dict[str, argparse.ArgumentParser]", action.choices))
    return {}
