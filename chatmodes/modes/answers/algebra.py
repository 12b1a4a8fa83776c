"""Whether two formulas are the same answer, asked of math-verify in a process of its own.

A vote and an evaluation ask different things. A vote joins answers, and joins none that are not proved equal: numbers
exactly, however small. An evaluation grades as the benchmarks do, by math-verify's own reading of target and answer.

A process, since sympy can be sent into hours of work or gigabytes by a short string (`9^9^9^9`), and only a process can
be stopped. The package is an extra (`chatmodes[eval]`) and takes 2 s to import: it is looked for without importing,
and loaded in the worker alone. Without it, formulas are the same only when their text is.
"""

import re
from collections.abc import Iterable, Sequence
from importlib import import_module
from importlib.util import find_spec
from itertools import combinations
from typing import Any, cast

import anyio
import anyio.to_process

from chatmodes.modes.answers.forms import ShortAnswer
from chatmodes.modes.answers.short import same

Pair = tuple[str, str]
LOADING = 60.0
"""Seconds for the worker to import sympy: two on an idle machine, over ten on a busy one."""
PATIENCE = 10.0
"""Seconds for all pairs of one look, once the worker is ready."""
MEMORY = 2 * 2**30
"""Bytes of address space for the worker."""
PATIENCE_EACH = 8.0
"""Seconds for one answer to be graded."""
TAIL = 4000
"""Characters from the end of an answer that are graded."""
MOST_PAIRS = 40
"""At 60 ms a pair these take less than PATIENCE."""


def available() -> bool:
    """Whether math-verify is installed; nothing is imported."""
    return find_spec("math_verify") is not None


def undecided(answers: Iterable[ShortAnswer]) -> list[Pair]:
    """The pairs that only algebra can tell apart, by their `display`.

    An equation is compared with equations only: math-verify takes the 5 of `3x - y = 5` for its value.
    """
    kinds = ("algebra", "number", "list")
    candidates = {a.display: a for a in answers if a.kind in kinds and len(a.display) <= 80}
    pairs = [
        (a.display, b.display)
        for a, b in combinations(candidates.values(), 2)
        if "algebra" in (a.kind, b.kind) and ("=" in a.display) == ("=" in b.display) and not same(a, b)
    ]
    return pairs[:MOST_PAIRS]


async def equal_pairs(pairs: list[Pair]) -> frozenset[Pair]:
    """Those of `pairs` that are equal. Never fails, and never takes longer than its two limits: what is not proved is
    not equal."""
    if not pairs or not available():
        return frozenset()
    try:
        with anyio.move_on_after(LOADING):
            await anyio.to_process.run_sync(_load, cancellable=True)
            with anyio.move_on_after(PATIENCE):
                return frozenset(await anyio.to_process.run_sync(_prove, pairs, cancellable=True))
    except anyio.BrokenWorkerProcess:  # killed by its memory limit, or it could not be started
        return frozenset()
    return frozenset()


async def graded(pairs: Sequence[Pair]) -> list[bool | None]:
    """Of each target and answer whether math-verify finds them equal; None where it is not installed or found no end.

    An answer is a formula or a text that holds one. The order counts: a target may say less than the answer to it.
    """
    if not pairs or not available():
        return [None] * len(pairs)
    known: dict[Pair, bool | None] = {}
    for pair in dict.fromkeys(pairs):
        known[pair] = await _graded(pair)
    return [known[pair] for pair in pairs]


async def _graded(pair: Pair) -> bool | None:
    try:
        with anyio.move_on_after(LOADING):
            await anyio.to_process.run_sync(_load, cancellable=True)
            with anyio.move_on_after(PATIENCE_EACH):
                return await anyio.to_process.run_sync(_grade, pair, cancellable=True)
    except anyio.BrokenWorkerProcess:  # killed by its memory limit, or it could not be started
        return None
    return None


def _load() -> None:
    """Runs in the worker, which is kept for what follows."""
    import logging

    import math_verify  # noqa: F401  # pyright: ignore[reportUnusedImport]

    logging.disable(logging.WARNING)  # math-verify warns at each call that the time limit is ours
    _limit_memory()


def _prove(pairs: list[Pair]) -> list[Pair]:
    """Runs in the worker."""
    equal: list[Pair] = []
    for a, b in pairs:
        left, right = _parsed(f"${_latex(a)}$"), _parsed(f"${_latex(b)}$")
        if left and right and _verified(left, right) and _exactly(left[0], right[0]):
            equal.append((a, b))
    return equal


def _grade(pair: Pair) -> bool:
    """Runs in the worker."""
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
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
