"""Models of known accuracy and speed: a seeded distribution of right, wrong and unusable answers.

What a question's right answer is comes from a sum or product in it, or from `ANSWERS` (text in the question -> answer).
The draw depends on the seed, the question and how often it was asked, so that drafts differ and a run repeats.
"""

import random
import re
from collections import Counter

from tests.fake.scenarios import Name, stream
from tests.fake.wire import Wire

ANSWERS: dict[str, str] = {}
_asked: Counter[str] = Counter()


async def answer(wire: Wire, name: Name) -> None:
    """Options: accuracy (0.7), seed (0), wrong (how many wrong answers share the rest, 3), refuse (a share that gives
    no short answer, 0), steps (sentences before the answer, 2), jitter (seconds added at most to ttft, 0), and the
    pacing options of every scenario."""
    question = wire.request.question
    key = f"{wire.request.model}|{question}"
    _asked[key] += 1
    rng = random.Random(f"{key}|{name.options.get('seed', '0')}|{_asked[key]}")
    right = solve(question)
    draw = rng.random()
    refuse = name.number("refuse", 0)
    if draw < refuse:
        text = "It cannot be said with what is given."
    elif draw < refuse + name.number("accuracy", 0.7):
        text = worked(right, rng, int(name.number("steps", 2)))
    else:
        text = worked(wrong(right, rng.randint(1, int(name.number("wrong", 3)))), rng, int(name.number("steps", 2)))
    name.options["ttft"] = str(name.number("ttft", 0) + rng.random() * name.number("jitter", 0))
    await stream(wire, name, text)


def reset() -> None:
    """Forget how often each question was asked."""
    _asked.clear()


def solve(question: str) -> str:
    for text, known in ANSWERS.items():
        if text in question:
            return known
    found = re.findall(r"(-?\d+)\s*([+*x×-])\s*(-?\d+)", question)
    if not found:
        return "42"
    a, sign, b = found[-1]
    return str({"+": int(a) + int(b), "-": int(a) - int(b)}.get(sign, int(a) * int(b)))


def wrong(right: str, which: int) -> str:
    return str(int(right) + 10 * which) if right.lstrip("-").isdigit() else f"{right}-{which}"


def worked(value: str, rng: random.Random, steps: int) -> str:
    first = rng.choice(["First I look at what is given.", "Start with the numbers.", "Take it slowly."])
    then = rng.choice(["Then I work it out.", "Put together, they give the result.", "Checking once more, it holds."])
    return " ".join(([first, then] * steps)[:steps]) + f"\n\nANSWER: {value}"
