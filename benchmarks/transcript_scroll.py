"""A key press and a scroll step, in conversations of 10 to 10,000 messages.

python benchmarks/transcript_scroll.py

Processor time of a key typed into the input below the transcript, of a scroll step of 3 rows through messages not
seen before and through messages seen already, and of opening the conversation, in a headless app at 120x40. The
yardstick of each is the same at 10 messages; budget for keys and steps: 1.2 x. The rows are taken in turns, the
median counts. Exit code 1 when over.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from textual import events

sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.transcript_texts import Bench, conversation

BUDGET = 1.2
SIZES = (10, 100, 1_000, 10_000)
ROUNDS = 5
STEPS = 40


async def each(step: Callable[[], None], settle: Callable[[], Awaitable[None]]) -> float:
    """Median milliseconds of a step with its layout and paint."""
    took: list[float] = []
    for _ in range(STEPS):
        start = time.process_time()
        step()
        await settle()
        took.append(time.process_time() - start)
    return statistics.median(took) * 1e3


async def measure(messages: int, figures: dict[str, list[float]]) -> None:
    blocks = conversation(messages)
    app = Bench()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        transcript = app.transcript

        async def settle() -> None:
            await pilot.pause(0)

        def key() -> None:
            app.post_message(events.Key("a", "a"))

        def up() -> None:
            if transcript.scroll_y < 3:
                transcript.scroll_end(animate=False)
            transcript.scroll_relative(y=-3, animate=False)

        def down() -> None:
            transcript.scroll_relative(y=3, animate=False)

        start = time.process_time()
        transcript.load(blocks)
        await settle()
        figures["open"].append((time.process_time() - start) * 1e3)
        app.query_one("Input").focus()
        await settle()
        figures["step, new"].append(await each(up, settle))
        figures["step, seen"].append(await each(down, settle))
        figures["key"].append(await each(key, settle))


def main() -> int:
    results = {size: {name: list[float]() for name in ("key", "step, seen", "step, new", "open")} for size in SIZES}
    for _ in range(ROUNDS):
        for size in SIZES:
            asyncio.run(measure(size, results[size]))
    over = False
    for name in ("key", "step, seen", "step, new", "open"):
        yard = statistics.median(results[SIZES[0]][name])
        for size in SIZES:
            value = statistics.median(results[size][name])
            wrong = name != "open" and value / yard > BUDGET
            over = over or wrong
            mark = "  OVER" if wrong else ""
            print(f"{name:12} {size:6,} messages {value:8.2f} ms = {value / yard:5.2f} x 10 messages{mark}")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
