"""What each way of choosing among drafts makes of the same drafts.

    python benchmarks/gsm8k/replay.py drafts.jsonl ITEMS.jsonl [--plot FILE]

Contemplating is run as it is, with models that play the answers `record.py` drew, piece by piece, five at a time: the
vote, its early stop and the choice are the product's, and only the tokens are not paid again. Its rivals weigh the same
drafts otherwise: by their tokens' probabilities, or by what `judge.py` had the model say of them. Which five of an
item's answers, and in what order, is drawn by chance several times and averaged, the same for all.

An arm is compared with the one that differs in nothing else, over the same items: the mean difference and its 95%
interval from 10,000 bootstrap resamples of the items.
"""

import argparse
import math
import random
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean

import anyio
import anyio.lowlevel

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.gsm8k.judge import lines
from benchmarks.gsm8k.record import MAX_TOKENS, WAYS, Drawn, read
from chatmodes import events as ev
from chatmodes.cli.table import table
from chatmodes.evaluating.items import Item, load_items
from chatmodes.evaluating.scoring import correct, extract
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.answers.voting import answer_to
from chatmodes.modes.contemplating.agree import Tally, Vote
from chatmodes.modes.context import RunContext
from chatmodes.modes.run import conduct
from chatmodes.providers.calls import Call, Chunk, Finished, ModelInfo, TextChunk
from chatmodes.settings import Contemplating, Settings, Timeouts

Pool = dict[str, list[Drawn]]
"""An item's answers by the way they were sampled."""
Weigh = Callable[[Drawn], float]
CHOICES = 8
"""Draws of an item's answers that every arm is averaged over."""
STEP = 8
"""Pieces that a played stream yields between two turns of the others."""
COUNTED, FIRST_FIVE = "five counted, a tie by chance", "the first five counted"
"""The mode breaks a tie for the draft that landed first, so weights are measured against a count that does not."""
WINDOW = 64
"""Tokens over which confidence is averaged: one doubtful step sinks a chain (DeepConf, arXiv 2508.15260)."""


@dataclass(frozen=True)
class Arm:
    """A way to answer: which of an item's answers it starts from, and what it does with them."""

    name: str
    ways: Callable[[random.Random], list[tuple[str, int]]]
    section: Contemplating | None = None
    """The mode's settings; None weighs the drafts with `weigh` in place of running the mode."""
    weigh: Weigh = lambda _: 1.0
    against: str = "maj@5"
    """The arm that differs in nothing else."""


def cool(count: int) -> Callable[[random.Random], list[tuple[str, int]]]:
    """So many of the cool answers."""
    return lambda chance: [("cool", at) for at in chance.sample(range(WAYS["cool"][1]), count)]


def first_five(_: random.Random) -> list[tuple[str, int]]:
    """Those that `judge.py` compared."""
    return [("cool", at) for at in range(5)]


def voting(agents: int) -> Contemplating:
    """The plain vote of all drafts."""
    return Contemplating(agents=agents, quorum=agents, reconcile="vote", max_tokens=MAX_TOKENS)


def arms(checked: dict[tuple[str, int], float], compared: dict[str, tuple[int, int, bool]]) -> list[Arm]:
    """What is compared; the first is what the others are measured against."""

    def checks(drawn: Drawn) -> float:
        return checked.get((drawn.item, drawn.number), 0.5) ** 4

    def duels(drawn: Drawn) -> float:
        _, second, turned = compared.get(drawn.item, (-1, -1, False))
        return 9.0 if turned and drawn.number == second else 1.0

    found = [
        Arm("maj@5", cool(5), voting(5)),
        Arm("one chain, greedy", lambda _: [("greedy", 0)], voting(1)),
        Arm("one chain at 0.3", cool(1), voting(1)),
        Arm("one chain at 0.8", lambda chance: [("hot", chance.randrange(WAYS["hot"][1]))], voting(1)),
        Arm("maj@3 at 0.8", lambda chance: [("hot", at) for at in chance.sample(range(3), 3)], voting(3)),
        Arm("maj@3", cool(3), voting(3)),
        Arm("maj@7", cool(7), voting(7)),
        Arm("Contemplating", cool(5), Contemplating(max_tokens=MAX_TOKENS)),
        Arm("a greedy draft among five", lambda chance: [("greedy", 0), *cool(4)(chance)], voting(5)),
        Arm(COUNTED, cool(5)),
        Arm("weighted by mean probability", cool(5), None, mean_probability, COUNTED),
        Arm("weighted by the weakest stretch", cool(5), None, weakest_stretch, COUNTED),
    ]
    if checked:
        found.append(Arm("weighted by the model's own check", cool(5), None, checks, COUNTED))
    if compared:
        found.append(Arm(FIRST_FIVE, first_five))
        found.append(Arm("its first two compared, both orders", first_five, None, duels, FIRST_FIVE))
    return found


def mean_probability(drawn: Drawn) -> float:
    """The geometric mean of the tokens' probabilities."""
    every = [p for _, probabilities in drawn.pieces for p in probabilities]
    return math.exp(fmean(every))


def weakest_stretch(drawn: Drawn) -> float:
    """The same of the most doubtful `WINDOW` tokens."""
    every = [p for _, probabilities in drawn.pieces for p in probabilities]
    size = min(WINDOW, len(every))
    return math.exp(min(fmean(every[at : at + size]) for at in range(len(every) - size + 1)))


@dataclass
class Played:
    """`calls.Models` that plays recorded answers."""

    drafts: Sequence[Drawn]
    started: int = 0
    tokens: int = 0
    """Generated so far: of a stream that was cut off, only what had come."""

    async def prepare(self, models: Iterable[str]) -> None:
        """Nothing has to be looked up."""

    def describe(self, model: str) -> ModelInfo:
        return ModelInfo(model=model, small=True, draft_temperature=0.3)

    def stream(self, call: Call) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        del call
        self.started += 1
        return aclosing(self._draft(self.drafts[self.started - 1]))

    async def _draft(self, drawn: Drawn) -> AsyncGenerator[Chunk]:
        for at, (text, probabilities) in enumerate(drawn.pieces):
            if at % STEP == 0:
                await anyio.lowlevel.checkpoint()
            self.tokens += len(probabilities)
            yield TextChunk(text, probabilities)
        yield Finished("length" if drawn.finish == "length" else "stop", ev.Usage(0, drawn.tokens, 0, 0), 0.0)


async def play(section: Contemplating, item: Item, drafts: list[Drawn], seed: int) -> tuple[bool, int]:
    """Whether the mode's answer is right, and the tokens it took."""
    models = Played(drafts)
    settings = Settings(contemplating=section, timeouts=Timeouts(first_token=0, idle=0, run=0))
    ctx = RunContext("r", models, settings, "local/model", (user(item.input),), "", lambda _: None, seed)
    end = await conduct(base.get("contemplating"), ctx)
    answer = end.answer if isinstance(end, ev.RunFinished) else ""
    return correct(extract(answer, item.target), item.target), models.tokens


def weighed(weigh: Weigh, item: Item, drafts: list[Drawn]) -> tuple[bool, int]:
    """The same of the heaviest answer, each draft's vote weighing what `weigh` says."""
    votes = Tally()
    for at, drawn in enumerate(drafts):
        if drawn.finish == "stop" and (answer := answer_to(item.input, drawn.text)):
            votes.add(Vote(str(at), answer, weigh(drawn)))
    agents = votes.clusters[0].agents if votes.clusters else ("0",)
    chosen = min((drafts[int(agent)] for agent in agents), key=lambda drawn: len(drawn.text))
    return correct(extract(chosen.text, item.target), item.target), sum(drawn.tokens for drawn in drafts)


@dataclass
class Result:
    """An arm over all items: the share of its draws that were right, item by item, and the tokens."""

    arm: Arm
    right: list[float] = field(default_factory=list[float])
    tokens: list[float] = field(default_factory=list[float])


async def measure(items: Sequence[Item], pools: dict[str, Pool], every: Sequence[Arm]) -> list[Result]:
    """Every arm over every item."""
    found = [Result(arm) for arm in every]
    for item in items:
        for result in found:
            outcomes: list[tuple[bool, int]] = []
            for draw in range(CHOICES):
                ways = result.arm.ways(random.Random(f"{item.key} {draw}"))
                drafts = [pools[item.key][way][at] for way, at in ways]
                section = result.arm.section
                outcomes.append(
                    await play(section, item, drafts, draw) if section else weighed(result.arm.weigh, item, drafts)
                )
            result.right.append(fmean(right for right, _ in outcomes))
            result.tokens.append(fmean(tokens for _, tokens in outcomes))
    return found


def interval(values: Sequence[float]) -> tuple[float, float]:
    """The 95% bootstrap interval of a mean, over items."""
    chance = random.Random(0)
    means = sorted(fmean(chance.choices(values, k=len(values))) for _ in range(10_000))
    return means[250], means[9749]


def rows(found: Sequence[Result], pools: dict[str, Pool], items: Sequence[Item]) -> list[list[str]]:
    """The table: accuracy with its interval, the difference to the plain vote with its own, tokens an item."""
    lines: list[list[str]] = []
    for result in found:
        low, high = interval(result.right)
        rival = next(other for other in found if other.arm.name == result.arm.against)
        gains = [100 * (a - b) for a, b in zip(result.right, rival.right, strict=True)]
        worst, best = interval(gains)
        difference = "" if result is rival else f"{fmean(gains):+.1f} ({worst:+.1f} to {best:+.1f})"
        share, tokens = f"{fmean(result.right):.1%}", f"{fmean(result.tokens):,.0f}"
        lines.append([result.arm.name, share, f"{low:.0%}–{high:.0%}", difference, tokens])
    held = [float(any(_right(drawn, item) for drawn in pools[item.key]["cool"][:5])) for item in items]
    lines.append(["right among five, whoever finds it", f"{fmean(held):.1%}", "", "", ""])
    return lines


def _right(drawn: Drawn, item: Item) -> bool:
    return correct(extract(drawn.text, item.target), item.target)


def complete(path: Path, items: Sequence[Item]) -> tuple[list[Item], dict[str, Pool]]:
    """The items whose answers are all there, and the answers."""
    pools: dict[str, Pool] = defaultdict(lambda: defaultdict(list))
    for drawn in sorted(read(path), key=lambda drawn: drawn.number):
        pools[drawn.item][drawn.way].append(drawn)
    whole = [i for i in items if all(len(pools[i.key][way]) == count for way, (_, count) in WAYS.items())]
    return whole, pools


def judged(path: Path) -> tuple[dict[tuple[str, int], float], dict[str, tuple[int, int, bool]]]:
    """What `judge.py` found: P(correct) of drafts, and of which pairs the second won in both orders."""
    checks, duels = (lines(path.with_suffix(f".{name}.jsonl")) for name in ("checked", "compared"))
    return (
        {(item, number): yes for item, number, yes in checks},
        {item: (a, b, one[1] > one[0] and two[0] > two[1]) for item, a, b, one, two in duels},
    )


def picture(found: Sequence[Result], path: Path) -> None:
    """Accuracy over tokens an item."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5), layout="constrained")
    axes = figure.subplots()
    # What is weighed otherwise spends the same tokens as maj@5 and would lie over it; the table has those.
    for at, result in enumerate(one for one in found if one.arm.section):
        share = fmean(result.right)
        low, high = interval(result.right)
        spread = [[100 * (share - low)], [100 * (high - share)]]
        tokens = fmean(result.tokens) + 12 * (at % 3 - 1)  # side by side where they coincide
        axes.errorbar([tokens], [100 * share], yerr=spread, fmt="os^vDP*Xd"[at % 9], capsize=3, label=result.arm.name)
    axes.set_xlabel("tokens an item")
    axes.set_ylabel("accuracy, %, with 95% intervals")
    axes.grid(alpha=0.3)
    figure.legend(loc="outside right upper", fontsize=8)
    figure.savefig(path, dpi=150)


async def replay(args: argparse.Namespace) -> None:
    """Measure and tell."""
    items, pools = complete(args.drafts, load_items(args.items)[0])
    found = await measure(items, pools, arms(*judged(args.drafts)))
    print(f"{len(items)} items")
    print(table(["arm", "accuracy", "95%", "difference", "tokens"], rows(found, pools, items), right=range(1, 5)))
    if args.plot:
        picture(found, args.plot)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("drafts", type=Path)
    parser.add_argument("items", type=Path)
    parser.add_argument("--plot", type=Path, metavar="FILE", help="a picture, PNG or SVG")
    anyio.run(replay, parser.parse_args())


if __name__ == "__main__":
    main()
