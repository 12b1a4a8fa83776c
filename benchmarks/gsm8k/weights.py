"""What each way of weighing a vote is worth, over many draws of the recorded drafts, without running the mode.

Every draft is read once as the product reads it; then fives are drawn and counted in each way. Intervals are the
bootstrap's over items.

    python -m benchmarks.gsm8k.weights ../shared/data/gsm8k-drafts-0.5b.jsonl.gz --temperature 0.3
"""

import argparse
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import fmean
from typing import NamedTuple

from benchmarks.gsm8k.drafts import Chain, load
from benchmarks.gsm8k.play import interval
from chatmodes.cli.table import table
from chatmodes.evaluating.scoring import correct, extract
from chatmodes.modes.answers.voting import ballot
from chatmodes.modes.contemplating.agree import Tally, Vote
from chatmodes.modes.contemplating.weigh import Evidence, sound, weights

AGENTS, DRAWS = 5, 8


class Read(NamedTuple):
    """A chain as a vote sees it."""

    vote: Vote | None
    evidence: Evidence
    right: bool


Weigh = Callable[[Sequence[Evidence]], list[float]]


def by_arithmetic(false: float) -> Weigh:
    """Only false arithmetic counts less."""
    return lambda drafts: [false if draft.sound is False else 1.0 for draft in drafts]


def product(*, arithmetic: bool, probabilities: bool) -> Weigh:
    """The product's own weights, with the evidence that is named."""
    return lambda drafts: weights(
        [Evidence(d.model, d.sound if arithmetic else None, d.logprob if probabilities else None) for d in drafts], {}
    )


WAYS: dict[str, Weigh] = {
    "false arithmetic counts half": by_arithmetic(0.5),
    "a tenth": by_arithmetic(0.1),
    "the product's arithmetic": product(arithmetic=True, probabilities=False),
    "exp(z) of the mean log-probability": product(arithmetic=False, probabilities=True),
    "both": product(arithmetic=True, probabilities=True),
}


def read(question: str, target: str, chain: Chain, agent: str) -> Read:
    """One chain, read as the product reads a small model's draft."""
    answer = ballot(question, chain.text, asked=False).answer if chain.finish == "stop" else None
    evidence = Evidence("recorded", sound(chain.text, answer), chain.logprob)
    vote = Vote(agent, answer) if answer else None
    return Read(vote, evidence, correct(extract(chain.text, target), target))


def voted(drafts: Sequence[Read], weigh: Weigh) -> bool:
    """Whether the heaviest cluster's first draft is right."""
    weighed = zip(drafts, weigh([draft.evidence for draft in drafts]), strict=True)
    clusters = Tally([Vote(d.vote.agent, d.vote.answer, weight) for d, weight in weighed if d.vote]).clusters
    chosen = clusters[0].agents[0] if clusters else ""
    return next((draft.right for draft in drafts if draft.vote and draft.vote.agent == chosen), False)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("drafts", type=Path)
    parser.add_argument("--temperature", default="0.3", choices=["0.3", "0.5", "0.7"])
    parser.add_argument("--every", type=int, default=1, metavar="N", help="one item in N")
    args = parser.parse_args()
    shown: Counter[str] = Counter()
    right: Counter[str] = Counter()
    results: dict[str, list[float]] = {name: [] for name in ("counted", *WAYS)}
    for at, item in enumerate(load(args.drafts)[:: args.every]):
        chains = [read(item.input, item.target, c, f"a{i}") for i, c in enumerate(item.drafts[args.temperature])]
        for chain in chains:
            kind = {True: "arithmetic leads to the answer", False: "false arithmetic", None: "neither"}
            shown[kind[chain.evidence.sound]] += 1
            right[kind[chain.evidence.sound]] += chain.right
        draws = [random.Random(f"{at}/{draw}").sample(chains, AGENTS) for draw in range(DRAWS)]
        for name in results:
            weigh = WAYS.get(name, by_arithmetic(1.0))
            results[name].append(100 * fmean(voted(drafts, weigh) for drafts in draws))
    for kind, count in shown.items():
        print(f"{kind}: {count / shown.total():.0%} of {shown.total():,} chains, {right[kind] / count:.1%} right")
    lines: list[list[str]] = []
    for name, values in results.items():
        gains = [a - b for a, b in zip(values, results["counted"], strict=True)]
        low, high = interval(gains)
        gain = "" if name == "counted" else f"{fmean(gains):+.1f} ({low:+.1f} to {high:+.1f})"
        lines.append([name, f"{fmean(values):.1f}%", gain])
    print(table(["weight", "right", "gain"], lines, right=(1, 2)))


if __name__ == "__main__":
    main()
