"""Whether an answer, its drafts and their vote are the target.

Apart from `scoring.py`, which is pure: where the target is a formula, math-verify's own reading of both decides, in a
process of its own, as the published figures of such benchmarks do. Words, options, dates and measures are ours to read.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from chatmodes.evaluating.choosing import Laid
from chatmodes.evaluating.journal import Draft, Record
from chatmodes.evaluating.scoring import correct, extract, formula_in, is_formula, may_be_formula
from chatmodes.folding import RunView
from chatmodes.modes.answers.algebra import graded
from chatmodes.modes.answers.short import ShortAnswer, read


async def judged(record: Record, view: RunView, target: str, question: str = "", laid: Laid | None = None) -> Record:
    """The record of a finished run with what is right in it, read as the `question` has it; of choices that were
    `laid` out, by their letters."""
    agents = [agent for agent in view.agents.values() if agent.role == "draft" and agent.state == "finished"]
    clusters = view.agreement.clusters if view.agreement else ()
    texts = [record.answer, *("".join(agent.text) for agent in agents)]
    voted = read(clusters[0].answer) if clusters else None
    if laid:
        shown = [*(laid.letter(text) for text in texts), laid.letter_of(voted) if voted else None]
        right = [letter == laid.right for letter in shown]
    else:
        answers = [*(extract(text, target, question) for text in texts), voted]
        shown = [answer.display if answer else None for answer in answers]
        right = await _right(answers, [*texts, clusters[0].answer if clusters else ""], target, question)
    return replace(
        record,
        extracted=shown[0],
        correct=right[0],
        drafts=tuple(
            Draft(
                agent=agent.agent,
                answer=draft,
                right=is_right,
                tokens=agent.usage.output_tokens,
                input_tokens=agent.usage.input_tokens,
            )
            for agent, draft, is_right in zip(agents, shown[1:-1], right[1:-1], strict=True)
        ),
        vote_right=right[-1] if clusters else None,
    )


async def _right(answers: Sequence[ShortAnswer | None], texts: Sequence[str], target: str, question: str) -> list[bool]:
    """Of each answer, read from the text beside it, whether it is the target.

    A formula is math-verify's to grade, and ours where that is not installed or found no end. Where the target is a
    plain number or list, it is shown what we do not read as one, since it calculates.
    """
    ours = [correct(answer, target, question) for answer in answers]
    if not may_be_formula(target, question):
        return ours
    decides = is_formula(target, question)
    calculates = [
        not is_right and (answer is None or answer.kind != "number")
        for answer, is_right in zip(answers, ours, strict=True)
    ]
    asked = [at for at, text in enumerate(texts) if text.strip() and (decides or calculates[at])]
    verdicts = await graded([(target, formula_in(texts[at])) for at in asked])
    for at, verdict in zip(asked, verdicts, strict=True):
        if verdict is not None:
            ours[at] = verdict
    return ours
