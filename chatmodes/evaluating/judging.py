"""Whether an answer, its drafts and their vote are the target.

Apart from `scoring.py`, which is pure: what only algebra can tell is asked of a process, as Contemplating's vote asks
it. An evaluation that counts `(x+1)^2` as wrong where the vote counts it with `x^2+2x+1` measures its own reading.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from chatmodes.evaluating.journal import Draft, Record
from chatmodes.evaluating.scoring import correct, extract
from chatmodes.folding import RunView
from chatmodes.modes.answers.algebra import Pair, equal_pairs, undecided
from chatmodes.modes.answers.short import ShortAnswer, read


async def judged(record: Record, view: RunView, target: str) -> Record:
    """The record of a finished run with what is right in it."""
    agents = [agent for agent in view.agents.values() if agent.role == "draft" and agent.state == "finished"]
    clusters = view.agreement.clusters if view.agreement else ()
    answer = extract(record.answer, target)
    drafted = [extract("".join(agent.text), target) for agent in agents]
    voted = read(clusters[0].answer) if clusters else None
    equal = await _equal([answer, voted, *drafted], target)
    return replace(
        record,
        extracted=answer.display if answer else None,
        correct=_right(answer, target, equal),
        drafts=tuple(
            Draft(
                agent=agent.agent,
                answer=draft.display if draft else None,
                right=_right(draft, target, equal),
                tokens=agent.usage.output_tokens,
            )
            for agent, draft in zip(agents, drafted, strict=True)
        ),
        vote_right=_right(voted, target, equal) if clusters else None,
    )


async def _equal(answers: Iterable[ShortAnswer | None], target: str) -> frozenset[str]:
    """Which of the answers, by their `display`, algebra finds equal to the target."""
    wanted = read(target)
    if wanted is None:
        return frozenset()
    pairs: list[Pair] = []
    for answer in {answer.display: answer for answer in answers if answer}.values():
        pairs += undecided([wanted, answer])
    return frozenset(shown for _, shown in await equal_pairs(pairs))


def _right(answer: ShortAnswer | None, target: str, equal: frozenset[str]) -> bool:
    return correct(answer, target) or (answer is not None and answer.display in equal)
