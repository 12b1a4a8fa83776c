"""Running the arms over the items: a bounded number at once, each answer written down as it comes."""

from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from statistics import fmean

import anyio
import anyio.to_thread
from msgspec.structs import replace

from chatmodes import events as ev
from chatmodes.attaching import AttachError
from chatmodes.evaluating import free_text
from chatmodes.evaluating import grading as rubrics
from chatmodes.evaluating.arms import MATCHED, Arm, majority_of
from chatmodes.evaluating.attachments import parts_of
from chatmodes.evaluating.choosing import Laid, laid_out
from chatmodes.evaluating.grader import GraderFailedError, grading
from chatmodes.evaluating.journal import Journal, Record
from chatmodes.evaluating.judging import judged
from chatmodes.evaluating.questions import Item
from chatmodes.evaluating.scoring import rubric_score, tag_scores
from chatmodes.folding import AgentView, RunView
from chatmodes.messages import user
from chatmodes.modes import base
from chatmodes.modes.ceiling import ceiling
from chatmodes.providers.calls import Models
from chatmodes.running import Running

Progress = Callable[[Arm, Record], None]
"""Told of each record as it is made or found."""


async def check(models: Models, arms: Sequence[Arm], grader: str | None, question: str) -> None:
    """Plan one run of every arm, so that what cannot be called is said before the first arm's answers are paid for.

    Raises `ProviderError` for a model that cannot be called, be it a panel's, a reconciler or the grader, and
    `ConfigError` for a prompt file that cannot serve.
    """
    wanted = set[str]().union(*(base.get(arm.mode).models(arm.settings, arm.model, None) for arm in arms))
    await models.prepare(wanted | {grader} if grader else wanted)
    for arm in arms:
        ceiling(models, arm.settings, arm.mode, arm.model, (user(question),))
    if grader:
        models.describe(grader)


async def evaluate(
    running: Running,
    items: Sequence[Item],
    arms: Sequence[Arm],
    journal: Journal,
    *,
    grader: str | None = None,
    endpoint: str = "",
    seed: int = 0,
    folder: Path | None = None,
    concurrency: int,
    progress: Progress,
) -> AsyncGenerator[tuple[Arm, list[Record]]]:
    """Answer every item in every arm, one arm after the other, and yield each arm's records in the items' order.

    Errors of single answers are recorded and do not end it.
    `endpoint` is the base URL where that was given by hand: a model's name alone does not say whose answers are kept.
    `seed` is of the order in which choices are laid out. `folder` is where the items' attachments lie.
    """
    for arm in arms:
        asking = _Asking(running, arm, journal, grader or arm.model, endpoint, seed, folder or Path())
        yield arm, await asking.all(items, concurrency, progress)


def matched(results: dict[Arm, list[Record]]) -> Arm | None:
    """The arm that spends Contemplating's tokens on more votes; None where Contemplating did not run.

    What is read counts as well as what is written, in the judge's calls and in the drafts, where servers told both.
    """
    for arm, records in results.items():
        if arm.name != "contemplating":
            continue
        counted = [record for record in records if record.tokens and record.draft_tokens]
        read = all(record.input_tokens is not None and record.draft_input_tokens is not None for record in counted)
        spent = [(record.tokens or 0) + ((record.input_tokens or 0) if read else 0) for record in counted]
        each = [(record.draft_tokens or 0) + ((record.draft_input_tokens or 0) if read else 0) for record in counted]
        if spent and each:
            k = min(64, max(1, round(fmean(spent) / fmean(each))))
            voting = majority_of(k, arm.settings, arm.model)
            return Arm(MATCHED, voting.mode, voting.model, voting.settings)
    return None


class _Asking:
    """One arm at work on all items."""

    def __init__(
        self, running: Running, arm: Arm, journal: Journal, grader: str, endpoint: str, seed: int, folder: Path
    ) -> None:
        self.running, self.arm, self.journal, self.grader, self.seed = running, arm, journal, grader, seed
        self._folder = folder
        self._fingerprint = arm.fingerprint(endpoint)
        self._by_rubric, self._by_target = (grading(grader, each.PROMPT) for each in (rubrics, free_text))

    async def all(self, items: Sequence[Item], concurrency: int, progress: Progress) -> list[Record]:
        """The records, in the items' order; at most `concurrency` runs at once."""
        records: dict[str, Record] = {}
        limiter = anyio.CapacityLimiter(concurrency)

        async def one(item: Item) -> None:
            async with limiter:
                records[item.key] = record = await self._record(item)
                progress(self.arm, record)

        async with anyio.create_task_group() as tasks:
            for item in items:
                tasks.start_soon(one, item)
        return [records[item.key] for item in items]

    async def _record(self, item: Item) -> Record:
        laid = laid_out(item, self.seed) if item.choices else None
        # What is asked of choices is the prompt's and the seed's as well.
        fingerprint = f"{self._fingerprint}-{laid.digest}" if laid else self._fingerprint
        record = self.journal.get(fingerprint, item.key)
        if record is None or (record.verdict and not item.judged):
            record = await self._answered(item, laid, fingerprint)
            await anyio.to_thread.run_sync(self.journal.add, record)
        if laid:
            record = replace(record, order=laid.order)
        wanted = self._by_rubric if item.rubric else self._by_target
        if not item.graded or record.error or record.graded == wanted:
            return record
        # Apart from the answer, which stays paid for whatever becomes of its grade.
        record = await self._graded(item, record, wanted)
        await anyio.to_thread.run_sync(self.journal.add, record)
        return record

    async def _answered(self, item: Item, laid: Laid | None, fingerprint: str) -> Record:
        arm, settings = self.arm, self.arm.settings
        if item.system:
            settings = replace(settings, system="\n\n".join(filter(None, (settings.system, item.system))))
        blank = Record(
            item=item.key,
            repeats=item.first if item.repeat else "",
            arm=arm.name,
            fingerprint=fingerprint,
            judged=item.judged,
            order=laid.order if laid else (),
        )
        try:
            files = await parts_of(item.attachments, self._folder)
        except AttachError as problem:
            return replace(blank, error=str(problem), tags=_nothing_by_tag(item))
        path = item.path(laid.asked if laid else "", files)
        view = await self.running.answer(path, mode=arm.mode, model=arm.model, settings=settings)
        end = view.end
        tokens, estimated = tokens_of(view)
        record = replace(
            blank,
            seconds=end.seconds if end and end.seconds is not None else view.now,
            tokens=tokens,
            estimated=estimated,
            input_tokens=read_by(view),
            cost=end.cost if end else None,
        )
        if not isinstance(end, ev.RunFinished):
            why = end.error.message if isinstance(end, ev.RunFailed) else "cancelled"
            return replace(record, error=why, tags=_nothing_by_tag(item))
        record = replace(record, answer=end.answer)
        if item.graded:
            return record
        record = await judged(record, view, item.target, item.input, laid)
        return replace(record, tags=dict.fromkeys(item.tags, float(bool(record.correct))))

    async def _graded(self, item: Item, record: Record, graded: str) -> Record:
        try:
            if item.rubric:
                found = await self._by_criteria(item, record)
            else:
                found = await self._by_its_target(item, record)
        except GraderFailedError as failure:
            return replace(record, error=f"The grader failed: {failure}", unread=True, tags={})
        # A reply that was no verdict is asked for again by the next session.
        return replace(found, graded=graded if found.met or found.verdict else "")

    async def _by_criteria(self, item: Item, record: Record) -> Record:
        met = await rubrics.grade(self.running, self.grader, item, record.answer)
        if met is None:
            return replace(record, met=(), score=None, tags={})
        tags = tag_scores(item.tags, item.rubric, met)
        return replace(record, met=tuple(met), score=rubric_score(item.rubric, met), tags=tags)

    async def _by_its_target(self, item: Item, record: Record) -> Record:
        verdict = await free_text.compare(self.running, self.grader, item, record.answer)
        right = None if verdict is None else verdict == "A"
        tags = {} if right is None else dict.fromkeys(item.tags, float(right))
        # What an earlier session without a grader read in the drafts is no longer how this item is judged.
        return replace(
            record,
            judged=True,
            verdict=verdict or "",
            correct=right,
            extracted=None,
            drafts=(),
            vote_right=None,
            tags=tags,
        )


def _nothing_by_tag(item: Item) -> dict[str, float]:
    """What a run that failed scores by each tag."""
    return (
        tag_scores(item.tags, item.rubric, [False] * len(item.rubric)) if item.rubric else dict.fromkeys(item.tags, 0.0)
    )


def read_by(view: RunView) -> int | None:
    """Tokens that all calls of a run have read; None where one was not counted."""
    counted = [agent.usage.input_tokens for agent in view.agents.values()]
    known = [tokens for tokens in counted if tokens is not None]
    return sum(known) if len(known) == len(counted) else None


def tokens_of(view: RunView) -> tuple[float | None, bool]:
    """Tokens a run generated, and whether some are reckoned.

    A server counts only what it ended itself. The tokens of a cancelled stream are reckoned from its characters, at
    the ratio of the run's own counted streams; without one of those they stay unknown.
    """
    counted = [(agent.usage.output_tokens, agent.characters) for agent in view.agents.values()]
    known = [(tokens, characters) for tokens, characters in counted if tokens is not None and characters]
    total = sum(tokens for tokens, _ in counted if tokens is not None)
    unknown = [agent for agent in view.agents.values() if _uncounted(agent)]
    if not unknown:
        # One that was cut off before its first piece has written next to nothing, and nobody knows how much.
        reckoned = any(agent.usage.estimated or agent.usage.output_tokens is None for agent in view.agents.values())
        return float(total), reckoned
    if not known:
        return None, False
    ratio = sum(tokens for tokens, _ in known) / sum(characters for _, characters in known)
    return total + ratio * sum(agent.characters for agent in unknown), True


def _uncounted(agent: AgentView) -> bool:
    return agent.usage.output_tokens is None and agent.characters > 0
