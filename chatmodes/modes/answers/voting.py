"""Which drafts may vote, and what for.

A vote settles a question without anyone reading the drafts again, so it is taken only from those who knew that they
voted. A model that was asked for the marker votes by it, and only where more than half of those asked gave an answer
by it: below that the question has no short answer, whatever numbers and phrases its drafts have in common. Models that
were not asked (small ones, see `unmarked.py`) vote by what the question asks for.
"""

from collections.abc import Sequence
from typing import NamedTuple

from chatmodes.modes.answers.extract import marked
from chatmodes.modes.answers.short import ShortAnswer
from chatmodes.modes.answers.terms import terms_of
from chatmodes.modes.answers.unmarked import unmarked


class Ballot(NamedTuple):
    """What one draft would vote for."""

    answer: ShortAnswer | None
    asked: bool
    """Its model was asked to mark the answer."""
    marked: bool
    """It gives an answer behind a mark."""


def ballot(question: str, text: str, *, asked: bool) -> Ballot:
    """One draft, read. Costs time in its length, so that each is read once; `counted` is cheap."""
    found = marked(text, terms=terms_of(question), question=question)
    if found and found.source == "mark":
        return Ballot(found.answer, asked, found.answer is not None)
    return Ballot(found.answer if found else None if asked else unmarked(question, text), asked, False)


def counted(ballots: Sequence[Ballot]) -> list[ShortAnswer | None]:
    """What each draft votes for, in their order; None where it has no vote.

    With too few marks no draft has one, those of models that were not asked included: what the others hold to be an
    open question is not settled by the weaker ones.
    """
    asked = [each for each in ballots if each.asked]
    if sum(each.marked for each in asked) * 2 <= len(asked) and asked:
        return [None] * len(ballots)
    return [each.answer for each in ballots]


def readings(question: str, texts: Sequence[str], asked: Sequence[bool]) -> list[ShortAnswer | None]:
    """What each of these drafts votes for; `asked` tells of each whether its model was asked for the marker."""
    return counted([ballot(question, text, asked=by) for text, by in zip(texts, asked, strict=True)])
