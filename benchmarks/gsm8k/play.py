"""What the vote and its weights are worth: recorded drafts played to Contemplating as it is.

Every arm answers each item several times, each time with the next few of the item's chains, so that all arms have the
same drafts and differences are paired. Intervals are the bootstrap's over items.

    python -m benchmarks.gsm8k.play ../shared/data/gsm8k-drafts-0.5b.jsonl.gz
"""

import argparse
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import anyio

from benchmarks.gsm8k.drafts import Chain, Played, Recorded, load
from chatmodes import events as ev
from chatmodes.cli.table import table
from chatmodes.evaluating.arms import majority_of
from chatmodes.evaluating.scoring import correct, extract
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.settings import Contemplating, Settings, Timeouts

DRAWN = 15
"""Of an item's 16 chains, those that are handed out: three times five, and five times three."""
RESAMPLED = 2_000
MODEL = "recorded/model"
UNTIMED = Timeouts(first_token=0, idle=0, run=0)


@dataclass(frozen=True)
class Arm:
    """A way to answer, from chains of one temperature."""

    name: str
    temperature: str
    section: Contemplating
    logprobs: bool = False
    against: str = ""
    """The arm that it is compared with: the same drafts, counted."""


@dataclass
class Result:
    """An arm over all items: the share of its runs that were right, item by item, and the tokens of a run."""

    arm: Arm
    right: list[float] = field(default_factory=list[float])
    tokens: list[float] = field(default_factory=list[float])


def plain(agents: int) -> Contemplating:
    """The vote of so many drafts, each to its end and counted: evaluation's own maj@k."""
    return majority_of(agents, Settings(), MODEL).settings.contemplating


def arms() -> list[Arm]:
    """What is compared."""
    found: list[Arm] = []
    for temperature in ("0.3", "0.5", "0.7"):
        found.append(Arm(f"one chain at {temperature}", temperature, plain(1)))
        for agents in (3, 5) if temperature == "0.3" else (5,):
            votes = f"vote of {agents} at {temperature}"
            named = f"Contemplating, {agents} at {temperature}"
            found.append(Arm(votes, temperature, plain(agents), against=f"one chain at {temperature}"))
            found.append(Arm(named, temperature, Contemplating(agents=agents), against=votes))
            found.append(Arm(f"{named}, with logprobs", temperature, Contemplating(agents=agents), True, votes))
        if temperature == "0.3":
            sparing = Contemplating(agents=5, spend="tokens")
            found.append(
                Arm("Contemplating, 5 at 0.3, sparing tokens", temperature, sparing, against="vote of 5 at 0.3")
            )
    return found


async def answered(section: Contemplating, item: Recorded, chains: Sequence[Chain], logprobs: bool) -> tuple[bool, int]:
    """Whether the mode's answer is right, and the tokens that it took."""
    models = Played(chains, logprobs)
    settings = Settings(contemplating=section, timeouts=UNTIMED)
    ctx = RunContext("r", models, settings, MODEL, (user(item.input),), "", lambda _: None, seed=0)
    end = await conduct(base.get("contemplating"), ctx)
    answer = end.answer if isinstance(end, ev.RunFinished) else ""
    return correct(extract(answer, item.target), item.target), models.tokens


async def measure(items: Sequence[Recorded], every: Sequence[Arm], drawn: int = DRAWN) -> list[Result]:
    """Every arm over every item, with so many of the item's chains."""
    found = [Result(arm) for arm in every]
    for item in items:
        for result in found:
            chains, agents = item.drafts[result.arm.temperature], result.arm.section.agents
            runs = [
                await answered(result.arm.section, item, chains[at : at + agents], result.arm.logprobs)
                for at in range(0, drawn - agents + 1, agents)
            ]
            result.right.append(fmean(right for right, _ in runs))
            result.tokens.append(fmean(tokens for _, tokens in runs))
    return found


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95% bootstrap interval of a mean, over items."""
    chance = random.Random(0)
    means = sorted(fmean(chance.choices(values, k=len(values))) for _ in range(RESAMPLED))
    return means[RESAMPLED // 40], means[-RESAMPLED // 40 - 1]


def rows(found: Sequence[Result]) -> list[list[str]]:
    """The table: accuracy with its interval, the difference to the arm it is compared with with its own, tokens."""
    named = {result.arm.name: result for result in found}
    lines: list[list[str]] = []
    for result in found:
        low, high = interval(result.right)
        difference = ""
        if rival := named.get(result.arm.against):
            gains = [100 * (a - b) for a, b in zip(result.right, rival.right, strict=True)]
            worst, best = interval(gains)
            difference = f"{fmean(gains):+.1f} ({worst:+.1f} to {best:+.1f})"
        share, tokens = f"{fmean(result.right):.1%}", f"{fmean(result.tokens):,.0f}"
        lines.append([result.arm.name, share, f"{low:.1%} to {high:.1%}", difference, tokens])
    return lines


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("drafts", type=Path)
    parser.add_argument("--limit", type=int, metavar="N", help="the first N items only")
    parser.add_argument("--drawn", type=int, default=DRAWN, metavar="N", help="chains of an item that are handed out")
    parser.add_argument("--only", default="", metavar="TEXT", help="only arms whose name has this in it")
    args = parser.parse_args()
    items = load(args.drafts)[: args.limit]
    found = anyio.run(measure, items, [arm for arm in arms() if args.only in arm.name], args.drawn)
    print(f"{len(items)} items")
    print(table(["arm", "accuracy", "95%", "difference", "tokens"], rows(found), right=range(1, 5)))


if __name__ == "__main__":
    main()
