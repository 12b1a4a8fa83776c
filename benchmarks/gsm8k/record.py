"""Draw answers of a local model to GSM8K items, each with its token probabilities, for `replay.py` to work on.

    python benchmarks/gsm8k/record.py MODEL.gguf ITEMS.jsonl --out drafts.jsonl [--limit 100] [--slots 16]

Every answer costs a small machine some six seconds, and a way of choosing among answers should be judged on the same
ones as its rivals. So they are drawn once, through the program's own gateway and server, item by item: what was drawn
before an interruption is kept, and the same command goes on.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import anyio
import msgspec

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from chatmodes.evaluating.items import Item, load_items
from chatmodes.messages import user
from chatmodes.providers.calls import Call, Finished, TextChunk
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import Local, Settings, Timeouts

MAX_TOKENS = 640
CONTEXT = 1536
"""Tokens for each slot: the longest item, its answer and room to spare."""
WAYS = {"greedy": (0.0, 1), "cool": (0.3, 7), "hot": (0.8, 3)}
"""How answers are sampled, and how many an item gets. 0.8 is llama.cpp's own temperature, 0.3 this program's for drafts
of a small model."""


class Drawn(msgspec.Struct, frozen=True):
    """One answer as it came."""

    item: str
    way: str
    number: int
    text: str
    finish: str
    tokens: int
    seconds: float
    pieces: tuple[tuple[str, tuple[float, ...]], ...]
    """The stream: each piece of text with the natural-log probabilities of its tokens, to three decimals."""


class Job(NamedTuple):
    item: Item
    way: str
    number: int


def read(path: Path) -> list[Drawn]:
    """What was drawn so far; a line that was cut by an interruption is no answer."""
    found: list[Drawn] = []
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            found.append(msgspec.json.decode(line, type=Drawn))
        except msgspec.DecodeError:
            continue
    return found


async def draw(gateway: Gateway, model: str, job: Job) -> Drawn:
    """One answer to the bare question, which is what small models are sent in every mode."""
    call = Call(
        model=model,
        messages=(user(job.item.input),),
        max_tokens=MAX_TOKENS,
        temperature=WAYS[job.way][0],
        logprobs=True,
    )
    began, pieces, end = time.monotonic(), list[tuple[str, tuple[float, ...]]](), None
    async with gateway.stream(call) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, TextChunk):
                pieces.append((chunk.text, tuple(round(p, 3) for p in chunk.logprobs)))
            elif isinstance(chunk, Finished):
                end = chunk
    assert end is not None
    assert end.usage.output_tokens is not None
    text = "".join(text for text, _ in pieces)
    seconds = round(time.monotonic() - began, 2)
    return Drawn(job.item.key, job.way, job.number, text, end.finish, end.usage.output_tokens, seconds, tuple(pieces))


async def record(args: argparse.Namespace) -> None:
    """Draw what is missing, an item's answers together."""
    settings = Settings(
        local=Local(gguf=str(args.model.resolve()), slots=args.slots, context=CONTEXT),
        timeouts=Timeouts(first_token=0, idle=0, run=0),
    )
    known = {(drawn.item, drawn.way, drawn.number) for drawn in read(args.out)}
    items = load_items(args.items)[0][: args.limit]
    every = (Job(item, way, at) for item in items for way, (_, count) in WAYS.items() for at in range(count))
    jobs = [job for job in every if (job.item.key, job.way, job.number) not in known]
    queue: Iterator[Job] = iter(jobs)
    done = 0
    async with open_gateway(settings) as gateway:
        model = gateway.default_model("instant")

        async def work() -> None:
            nonlocal done
            for job in queue:
                drawn = await draw(gateway, model, job)
                with args.out.open("ab") as out:
                    out.write(msgspec.json.encode(drawn) + b"\n")
                done += 1
                print(f"{done} of {len(jobs)} answers", file=sys.stderr, flush=True)

        async with anyio.create_task_group() as tasks:
            for _ in range(args.slots):
                tasks.start_soon(work)


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("items", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=100)
    parser.add_argument("--slots", type=int, default=16)
    anyio.run(record, parser.parse_args())


if __name__ == "__main__":
    main()
