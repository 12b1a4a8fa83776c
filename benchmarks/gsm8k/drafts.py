"""The recorded drafts, and models that play them.

`gsm8k-drafts-0.5b.jsonl.gz` has 659 items of GSM8K's test split with 16 chains of Qwen2.5-Coder-0.5B-Instruct at each
of three temperatures; its README says how they were drawn. Played, they are the program's own runs: what is measured is
the code that people use, and every arm has the same drafts.
"""

import gzip
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass
from pathlib import Path

import anyio.lowlevel
import msgspec

from chatmodes import events as ev
from chatmodes.providers.calls import Call, Chunk, Finished, ModelInfo, TextChunk

PIECE = 8
"""Tokens that a played stream yields before the others have their turn: all write at the same speed."""


class Chain(msgspec.Struct, frozen=True):
    """One recorded answer."""

    text: str
    tokens: int
    finish: str
    logprob: float
    """Mean natural-log probability of its tokens."""


class Recorded(msgspec.Struct, frozen=True):
    """An item with its answers, those of each temperature in the order in which they were drawn."""

    input: str
    target: str
    greedy: Chain
    drafts: dict[str, list[Chain]]


def load(path: Path) -> list[Recorded]:
    """All items of the file."""
    decoder = msgspec.json.Decoder(Recorded)
    with gzip.open(path) as lines:
        return [decoder.decode(line) for line in lines]


@dataclass
class Played:
    """`calls.Models` that answers each call with the next of some chains."""

    chains: Sequence[Chain]
    logprobs: bool = False
    """Token probabilities come, as from llama.cpp and vLLM."""
    started: int = 0
    tokens: int = 0
    """Generated so far: of a stream that was cut off, only what had come."""

    async def prepare(self, models: Iterable[str]) -> None:
        """Nothing has to be looked up."""

    def describe(self, model: str) -> ModelInfo:
        """A small model: it is asked for no form of the answer, and merges nothing."""
        return ModelInfo(model=model, small=True, draft_temperature=0.3, logprobs=self.logprobs)

    def stream(self, call: Call) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """The next chain, whatever is asked."""
        self.started += 1
        return aclosing(self._play(self.chains[self.started - 1], call.logprobs))

    async def _play(self, chain: Chain, logprobs: bool) -> AsyncGenerator[Chunk]:
        for text, tokens in pieces(chain):
            await anyio.lowlevel.checkpoint()
            self.tokens += tokens
            yield TextChunk(text, (chain.logprob,) * tokens if logprobs else ())
        yield Finished("length" if chain.finish == "length" else "stop", ev.Usage(0, chain.tokens, 0, 0), 0.0)


def pieces(chain: Chain) -> list[tuple[str, int]]:
    """A chain's text cut into pieces of `PIECE` tokens, by their share of its characters."""
    count = max(1, -(-chain.tokens // PIECE))
    size = -(-len(chain.text) // count)
    sizes = [min(PIECE, chain.tokens - at * PIECE) for at in range(count)]
    return [(chain.text[at * size : (at + 1) * size], tokens) for at, tokens in enumerate(sizes)]
