"""What runs in the process of its own: formulas read and compared by math-verify, which nothing else here imports."""

import json
import os
import re
import sys
from contextlib import suppress
from importlib import import_module
from typing import Any, cast

Pair = tuple[str, str]
MEMORY = 2 * 2**30
"""Bytes of address space."""
TAIL = 4000
"""Characters from the end of an answer that are graded."""


def serve() -> None:
    """Answer each line of stdin, a task and its pairs in JSON, with a line on stdout, until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin.buffer:
        task, pairs = json.loads(line)
        found: object = None
        if task == "load":
            _load()
        elif task == "prove":
            found = _prove(pairs)
        else:
            found = _grade(pairs[0])
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _load() -> None:
    """Import what takes long, and bound the memory."""
    import logging

    import math_verify  # noqa: F401  # pyright: ignore[reportUnusedImport]

    logging.disable(logging.WARNING)  # math-verify warns at each call that the time limit is ours
    _limit_memory()


def _prove(pairs: list[Pair]) -> list[Pair]:
    """Those of the pairs that are equal."""
    equal: list[Pair] = []
    for a, b in pairs:
        left, right = _parsed(f"${_latex(a)}$"), _parsed(f"${_latex(b)}$")
        if left and right and _verified(left, right) and _exactly(left[0], right[0]):
            equal.append((a, b))
    return equal


def _grade(pair: Pair) -> bool:
    """Whether an answer is its target."""
    target, answer = pair
    gold, found = _read(target), _read(answer[-TAIL:])
    return bool(gold and found) and _verified(gold, found)


def _read(text: str) -> list[Any]:
    """As math-verify reads it; a bare formula is put between the signs without which it sees none."""
    if any(sign in text for sign in _DELIMITERS) or _PLAIN.fullmatch(text) or len(text) > LONGEST_BARE:
        return _parsed(text)
    return _parsed(f"${_latex(text)}$") or _parsed(text)


def _parsed(text: str) -> list[Any]:
    from math_verify import ExprExtractionConfig, LatexExtractionConfig, parse

    no_timeout = cast("int", None)  # what its message asks for, and its annotation forgets
    forms = (LatexExtractionConfig(boxed_match_priority=0), ExprExtractionConfig())
    return cast("list[Any]", parse(text, forms, parsing_timeout=no_timeout))


def _verified(gold: list[Any], found: list[Any]) -> bool:
    from math_verify import verify

    return bool(verify(gold, found, timeout_seconds=None))


def _exactly(left: Any, right: Any) -> bool:
    """Whether what was found equal to a number of digits is so to the last: 1/2004! is not 1/2006!."""
    sympy = cast("Any", import_module("sympy"))
    if left == right:
        return True
    if isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr):
        difference: Any = sympy.simplify(left - right)
        return bool(difference == 0) or (not difference.is_number and bool(left.equals(right)))
    if not isinstance(left, sympy.Basic) or not isinstance(right, sympy.Basic):
        return False
    if left.atoms(sympy.Float) | right.atoms(sympy.Float):
        return False
    return all(abs(each.p) + each.q <= EXACT for each in left.atoms(sympy.Rational) | right.atoms(sympy.Rational))


EXACT = 10**12
"""Numerators and denominators beyond it are told apart by no rounded comparison."""
_DELIMITERS = ("$", r"\(", r"\[", r"\boxed")
_PLAIN = re.compile(r"[-+]?[\d.,]*\d(?:/\d+)?\s?%?")
LONGEST_BARE = 200
"""Characters of a formula that stands alone; what is longer is a text."""


def _latex(formula: str) -> str:
    return re.sub(r"(?<!\\)\b(pi|log|ln|sin|cos|tan|exp)\b", r"\\\1", formula)


def _limit_memory() -> None:
    import resource

    with suppress(ValueError, OSError):  # macOS takes no such limit
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
