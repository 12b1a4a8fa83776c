"""Contemplating's wall time against its critical path: the slowest agent waited for, plus the reconciler.

    python benchmarks/contemplating_wall.py [--runs 5]

Agents of unequal speed answer from the loopback server. The yardstick is taken in the same process, from the same
server: each model that is on the critical path is called alone through the same gateway, and the path is the slowest of
the agents waited for plus the helpers' calls. Budget: at most 1.03 times that.

- vote: five agents of one answer, of which the fastest three decide; the two slow ones must not be waited for.
- merge: five open drafts, all waited for (a mixed panel), then distilled and reconciled.
"""

import argparse
import math
import statistics
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from chatmodes import events as ev
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import Call
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import Contemplating, Settings
from tests.fake import Fake

BUDGET = 1.03


def agents(text: str, speeds: Iterable[tuple[float, float]]) -> tuple[str, ...]:
    """Models that say `text`, each after its own time to the first token and at its own rate."""
    return tuple(f"endpoint/say:{text},ttft={ttft},tps={tps}" for ttft, tps in speeds)


SPEEDS = [(0.3, 20), (0.5, 14), (0.8, 10), (1.5, 5), (2.0, 4)]
JUDGE = "endpoint/lorem:tokens=60,ttft=0.3,tps=60"
WORDS = "It takes a while to say all of this word by word so that the stream has a length of its own"


async def alone(gateway: Gateway, model: str) -> float:
    """Seconds of one call, with nothing else under way."""
    began = time.monotonic()
    async with gateway.stream(Call(model=model, messages=(user("Why?"),), max_tokens=4096)) as chunks:
        async for _ in chunks:
            pass
    return time.monotonic() - began


async def together(gateway: Gateway, settings: Settings, model: str) -> tuple[float, ev.Terminal]:
    """Seconds of a whole run."""
    ctx = RunContext("r1", gateway, settings, model, (user("Why?"),), "", lambda _: None, 1)
    began = time.monotonic()
    end = await conduct(base.get("contemplating"), ctx)
    return time.monotonic() - began, end


async def measure(url: str, runs: int) -> list[tuple[str, float, float]]:
    """For each case its name, the median critical path and the median wall time."""
    vote = agents(f"{WORDS}\nANSWER: 42", SPEEDS)
    essays = agents(WORDS, SPEEDS)
    cases = [
        ("vote", vote[:3], 0, Contemplating(panel=vote)),
        ("merge", essays, 2, Contemplating(panel=essays, grace=60)),
    ]
    results: list[tuple[str, float, float]] = []
    for name, waited_for, helpers, section in cases:
        settings = Settings(contemplating=section)
        async with open_gateway(settings, url) as gateway:
            # Imports and first connections belong to neither side.
            await alone(gateway, JUDGE)
            await together(gateway, Settings(contemplating=Contemplating(agents=2)), "endpoint/say:ANSWER: 42")
            path, wall = list[float](), list[float]()
            for _ in range(runs):
                drafts = [await alone(gateway, model) for model in waited_for]
                path.append(max(drafts) + sum([await alone(gateway, JUDGE) for _ in range(helpers)]))
                seconds, end = await together(gateway, settings, JUDGE)
                assert isinstance(end, ev.RunFinished), end
                wall.append(seconds)
        results.append((name, statistics.median(path), statistics.median(wall)))
    return results


def main() -> int:
    parser = argparse.ArgumentParser(description="Contemplating's wall time over its critical path.")
    parser.add_argument("--runs", type=int, default=5)
    runs: int = parser.parse_args().runs
    worst = -math.inf
    with Fake() as fake:
        for name, path, wall in anyio.run(measure, fake.url, runs):
            ratio = wall / path
            worst = max(worst, ratio)
            print(f"{name:6} critical path {path:.3f} s, wall {wall:.3f} s, ratio {ratio:.3f} (budget {BUDGET})")
    return 0 if worst <= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
