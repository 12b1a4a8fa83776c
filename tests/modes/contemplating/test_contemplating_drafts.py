"""Recorded drafts of a small model, played to the mode: its weights beat the plain count of the same drafts.

The recordings are not part of the repository (`tests/recordings.py`): without them there is no such test.
"""

from statistics import fmean

import anyio
import pytest

from benchmarks.gsm8k.drafts import load
from benchmarks.gsm8k.play import Arm, measure, plain
from chatmodes.settings import Contemplating
from tests.recordings import recording

DRAFTS = recording("gsm8k-drafts-0.5b.jsonl.gz")
EVERY = 12
"""One item in so many is played, with five chains each: some seconds."""

if DRAFTS is not None:
    ITEMS = load(DRAFTS)[::EVERY]

    @pytest.mark.timeout(400)  # a minute and a half beside a busy machine's other work
    def test_contemplating_beats_the_plain_vote_of_the_same_five_at_no_more_tokens() -> None:
        vote = Arm("vote", "0.3", plain(5))
        weighed = [Arm("Contemplating", "0.3", Contemplating(agents=5), logprobs) for logprobs in (False, True)]
        counted, *found = anyio.run(measure, ITEMS, [vote, *weighed], 5)
        for result in found:
            assert fmean(result.right) > fmean(counted.right)
            assert fmean(result.tokens) <= fmean(counted.tokens)
