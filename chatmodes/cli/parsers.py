"""A look into argparse's parsers, for what describes the command line: argparse itself has no public way."""

import argparse
from typing import cast


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
