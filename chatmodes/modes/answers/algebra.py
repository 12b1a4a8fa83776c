"""Whether two formulas are the same answer, asked of math-verify in a process of its own.

A process, since sympy can be sent into hours of work or gigabytes by a short string (`9^9^9^9`), and only a process can
be stopped. The package is an extra (`chatmodes[eval]`) and takes 2 s to import: it is looked for without importing,
and loaded in the worker alone. Without it, formulas are the same only when their text is.
"""

import re
from collections.abc import Iterable
from importlib.util import find_spec
from itertools import combinations
from typing import Any, cast

import anyio
import anyio.to_process

from chatmodes.modes.answers.short import ShortAnswer, same

Pair = tuple[str, str]
LOADING = 60.0
"""Seconds for the worker to import sympy: two on an idle machine, over ten on a busy one."""
PATIENCE = 10.0
"""Seconds for all pairs of one look, once the worker is ready."""
MEMORY = 2 * 2**30
"""Bytes of address space for the worker."""
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


def _load() -> None:
    """Runs in the worker, which is kept for what follows."""
    import math_verify  # noqa: F401  # pyright: ignore[reportUnusedImport]


def _prove(pairs: list[Pair]) -> list[Pair]:
    """Runs in the worker."""
    import logging

    _limit_memory()
    logging.disable(logging.WARNING)  # math-verify warns at each call that the time limit is ours
    from math_verify import parse, verify

    def read(formula: str) -> list[Any]:
        no_timeout = cast("int", None)  # what its message asks for, and its annotation forgets
        return cast("list[Any]", parse(f"${_latex(formula)}$", parsing_timeout=no_timeout))

    equal: list[Pair] = []
    for a, b in pairs:
        left, right = read(a), read(b)
        if left and right and verify(left, right, timeout_seconds=None):
            equal.append((a, b))
    return equal


def _latex(formula: str) -> str:
    return re.sub(r"(?<!\\)\b(pi|log|ln|sin|cos|tan|exp)\b", r"\\\1", formula)


def _limit_memory() -> None:
    try:
        import resource
    except ImportError:  # Windows
        return
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, hard))
