"""Whether two formulas are the same answer, asked of math-verify in a process of its own.

A vote and an evaluation ask different things. A vote joins answers, and joins none that are not proved equal: numbers
exactly, however small. An evaluation grades as the benchmarks do, by math-verify's own reading of target and answer.

A process, since sympy can be sent into hours of work or gigabytes by a short string (`9^9^9^9`), and only a process can
be stopped. The package is an extra (`chatmodes[eval]`) and takes 2 s to import: it is looked for without importing,
and loaded in the worker alone. Without it, formulas are the same only when their text is.
"""

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from itertools import combinations

from chatmodes.modes.answers.forms import ShortAnswer
from chatmodes.modes.answers.short import same
from chatmodes.modes.answers.worker import asked

Pair = tuple[str, str]
PATIENCE = 10.0
"""Seconds for all pairs of one look, once the worker is ready."""
PATIENCE_EACH = 8.0
"""Seconds for one answer to be graded."""
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
    proved: list[list[str]] | None = await asked("prove", pairs, PATIENCE)
    return frozenset((left, right) for left, right in proved or ())


async def graded(pairs: Sequence[Pair]) -> list[bool | None]:
    """Of each target and answer whether math-verify finds them equal; None where it is not installed or found no end.

    An answer is a formula or a text that holds one. The order counts: a target may say less than the answer to it.
    """
    if not pairs or not available():
        return [None] * len(pairs)
    known: dict[Pair, bool | None] = {}
    for pair in dict.fromkeys(pairs):
        known[pair] = await asked("grade", [pair], PATIENCE_EACH)
    return [known[pair] for pair in pairs]
