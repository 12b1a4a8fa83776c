"""A stream of 200,000 tokens on screen: a token's cost at the start and at the end, and how many are shown a second.

python benchmarks/transcript_stream.py [--tokens N]

The whole widget runs in a headless app at 120x40, each token given by itself as a mode gives it, one flush every
2,000 tokens (a tenth of a second at 20,000 a second). Budgets: the last tenth costs at most 1.3 x the first, and at
least 20,000 tokens are shown a second. Yardstick: Textual's own `MarkdownStream` on the first 2,000 tokens. Exit code
1 when over.
"""

import argparse
import asyncio
import statistics
import sys
import time
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.transcript_texts import TOKEN, Bench, streams
from chatmodes.tui.transcript import answer

FLAT, RATE = 1.3, 20_000
FLUSH = 2_000
SIZE = (120, 40)


class Stock(App[None]):
    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Markdown()


async def stock(text: str) -> float:
    """Tokens a second of Textual's own."""
    app = Stock()
    async with app.run_test(size=SIZE) as pilot:
        app.query_one(VerticalScroll).anchor()
        stream = Markdown.get_stream(app.query_one(Markdown))
        start = time.perf_counter()
        for at in range(0, len(text), TOKEN):
            await stream.write(text[at : at + TOKEN])
        await stream.stop()
        await pilot.pause()
        return len(text) / TOKEN / (time.perf_counter() - start)


async def ours(text: str) -> list[float]:
    """Seconds of each flush's tokens."""
    app = Bench()
    took: list[float] = []
    async with app.run_test(size=SIZE) as pilot:
        await pilot.pause()
        transcript = app.transcript
        transcript.append(answer("a", live=True))
        for begin in range(0, len(text), FLUSH * TOKEN):
            start = time.perf_counter()
            for at in range(begin, min(begin + FLUSH * TOKEN, len(text)), TOKEN):
                transcript.stream("a", text[at : at + TOKEN])
            transcript.flush()
            await pilot.pause(0)  # layout and paint, without waiting for idleness
            took.append(time.perf_counter() - start)
        assert transcript.text("a") == text
    return took


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokens", type=int, default=200_000)
    tokens: int = parser.parse_args().tokens
    over = False
    yard = 0.0
    for name, text in streams(tokens):
        if not yard:
            yard = asyncio.run(stock(text[: 2_000 * TOKEN]))
            print(f"{'MarkdownStream, 2,000 tokens':30} {yard:10,.0f} tokens/s")
        took = asyncio.run(ours(text))
        tenth = max(1, len(took) // 10)
        flat = statistics.median(took[-tenth:]) / statistics.median(took[:tenth])
        rate = tokens / sum(took)
        wrong = flat > FLAT or rate < RATE
        over = over or wrong
        print(
            f"{name:30} {rate:10,.0f} tokens/s = {rate / yard:5.1f} x MarkdownStream; last tenth / first {flat:4.2f}"
            f" (budget {FLAT}); slowest flush {max(took) * 1e3:3.0f} ms{'  OVER' if wrong else ''}"
        )
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
