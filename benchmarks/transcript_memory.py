"""Memory of 1,000 messages that were all seen.

python benchmarks/transcript_memory.py

Resident memory of an app after scrolling through 1,000 messages of some 1,800 characters, less that of the same app
without messages; budget 100 MB. The ratio is to the characters shown. The yardstick in the same run: 20 of them as
Textual's `Markdown` widgets, scaled up. Exit code 1 when over.
"""

import asyncio
import gc
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.widgets import Markdown

sys.path.insert(0, str(Path(__file__).parent.parent))
from benchmarks.transcript_texts import Bench, conversation

BUDGET = 100.0
MESSAGES = 1_000
STOCK = 20


def resident() -> float:
    """Megabytes."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


async def ours() -> tuple[float, int]:
    app = Bench()
    blocks = conversation(MESSAGES)
    async with app.run_test(size=(120, 40)) as pilot:
        warm = conversation(10)
        app.transcript.load(warm)
        await pilot.pause()
        app.transcript.clear()
        await pilot.pause()
        before = resident()
        app.transcript.load(blocks)
        app.transcript.scroll_home(animate=False)
        await pilot.pause()
        while app.transcript.scroll_y < app.transcript.max_scroll_y:
            app.transcript.scroll_relative(y=39, animate=False)
            await pilot.pause(0)
        return resident() - before, sum(len(block.text) for block in blocks)


class Stock(App[None]):
    def compose(self) -> ComposeResult:
        yield VerticalScroll()


async def stock() -> float:
    app = Stock()
    texts = [block.text for block in conversation(STOCK * 2) if block.tone == "answer"]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        before = resident()
        await app.query_one(VerticalScroll).mount_all(Markdown(text) for text in texts)
        await pilot.pause()
        return (resident() - before) * MESSAGES / 2 / STOCK


def main() -> int:
    used, characters = asyncio.run(ours())
    yard = asyncio.run(stock())
    over = used > BUDGET
    print(
        f"1,000 messages seen: {used:.0f} MB (budget {BUDGET:.0f}), {used * 1e6 / characters:.1f} bytes a character;"
        f" Markdown widgets would take {yard:,.0f} MB, {yard / used:.0f} x as much{'  OVER' if over else ''}"
    )
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
