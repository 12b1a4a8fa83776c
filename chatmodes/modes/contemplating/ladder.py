"""Below every step: what stands as an answer where no draft is complete."""

import re
from collections.abc import Sequence

from chatmodes import events as ev
from chatmodes.modes.answers.extract import short_answer
from chatmodes.modes.answers.terms import terms_of
from chatmodes.modes.contemplating.agree import Tally, Vote
from chatmodes.modes.draft import Draft

TAIL = 2_000
"""Characters from the end in which a loop is looked for."""
TURNS = 4
"""Times that a text says the same in a row before it counts as a loop."""
SHORTEST = 80
"""Characters that a loop covers at least: "ha ha ha ha" is none."""


def best_of_cut(drafts: Sequence[Draft], question: str = "") -> Draft:
    """Of drafts that broke off, the one that says most: one with the answer that most of them reached, else the longest
    that does not repeat itself."""
    tally = Tally()
    for draft in drafts:
        if answer := short_answer(draft.text, terms=terms_of(question), question=question):
            tally.add(Vote(draft.slot.agent, answer))
    sound = [draft for draft in drafts if not loops(draft.text)] or list(drafts)
    for cluster in tally.clusters:
        return min((draft for draft in drafts if draft.slot.agent in cluster.agents), key=lambda draft: len(draft.text))
    return max(sound, key=lambda draft: len(draft.text))


def loops(text: str) -> bool:
    """Whether a text ends in a loop: its end repeats with one period, numbers aside, as models do that found no end.

    The period is the shortest by the failure function of Knuth, Morris and Pratt (1977), over the text backwards: the
    repetition reaches to the end and begins anywhere.
    """
    tail = re.sub(r"\d+", "0", text.rstrip()[-TAIL:])[::-1]
    failure = [0] * len(tail)
    matched = 0
    for at in range(1, len(tail)):
        while matched and tail[at] != tail[matched]:
            matched = failure[matched - 1]
        if tail[at] == tail[matched]:
            matched += 1
        failure[at] = matched
        covered, period = at + 1, at + 1 - matched
        if covered >= max(SHORTEST, TURNS * period):
            return True
    return False


def failure_of(drafts: Sequence[Draft]) -> ev.Error:
    """One error for drafts of which none can stand: the most frequent kind."""
    errors = [draft.error for draft in drafts if draft.error]
    if not errors:
        return ev.Error("filtered", "Every draft was withheld by a content filter.", "Put the question differently.")
    kinds = [error.kind for error in errors]
    error = next(e for e in errors if e.kind == max(kinds, key=kinds.count))
    if len(drafts) == 1:
        return error
    message = f"All {len(drafts)} agents failed. {error.message}"
    return ev.Error(error.kind, message, error.hint, error.status, error.provider)
