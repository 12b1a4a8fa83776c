"""Hostile answers: how much more a screen of them costs than a screen of plain words, in time and in memory.

    python benchmarks/transcript_hostile.py

Each text of the fuzz corpus (`tests/tui/hostile.py`) is laid out at 120x40 and its first, middle and last screen are
rendered; then it is streamed in 50 pieces with the end in sight. The yardstick, taken before each text, is 64 kB of
plain words. Memory is what the layout keeps, a character, and has plain words as its yardstick too. Budgets: a frame at
most 40 x, memory a character (beyond 20 kB in all) at most 10 x. Exit code 1 when over.
"""

import sys
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from chatmodes.tui.markdown.render import warm
from chatmodes.tui.transcript import answer
from chatmodes.tui.transcript.document import Document
from tests.tui.hostile import CORPUS

FRAME, MEMORY = 40.0, 10.0
WIDTH, ROWS = 116, 40
PIECES = 50
PLAIN = "words of a paragraph that says something harmless about nothing at all.\n\n" * 900


def opened(text: str) -> float:
    """Seconds of the slowest of three screens of the text."""
    document = Document(WIDTH)
    document.append(answer("a", text))
    slowest = 0.0
    places: list[Callable[[], int]] = [lambda: 0, lambda: document.height // 2, lambda: document.height - ROWS]
    for place in places:
        start = time.process_time()
        document.settle(max(0, place()), ROWS, follow=False)
        slowest = max(slowest, time.process_time() - start)
    return slowest


def streamed(text: str) -> float:
    """Seconds of the slowest frame of its stream."""
    document = Document(WIDTH)
    document.append(answer("a", live=True))
    slowest, row = 0.0, 0
    step = max(1, len(text) // PIECES)
    for begin in range(0, len(text), step):
        start = time.process_time()
        document.feed("a", text[begin : begin + step])
        row = document.settle(row, ROWS, follow=True)
        slowest = max(slowest, time.process_time() - start)
    return slowest


def kept(text: str) -> float:
    """Bytes that the layout keeps beside the text, after three screens."""
    tracemalloc.start()
    document = Document(WIDTH)
    document.append(answer("a", text))
    for place in (0, document.height // 2, document.height - ROWS):
        document.settle(max(0, place), ROWS, follow=False)
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used


def main() -> int:
    warm()
    opened("```python\nx\n```")
    memory = kept(PLAIN) / len(PLAIN)
    over = False
    for name, text in CORPUS.items():
        size = max(1, len(text))
        yard = max(min(opened(PLAIN), opened(PLAIN)), 1e-4)
        stream_yard = max(streamed(PLAIN), 1e-4)
        screen, stream = opened(text), streamed(text)
        used = max(0.0, kept(text) - 20_000) / size / memory
        wrong = screen / yard > FRAME or stream / stream_yard > FRAME or used > MEMORY
        over = over or wrong
        print(
            f"{name:34} {size:9,} characters: screen {screen * 1e3:6.1f} ms = {screen / yard:5.1f} x,"
            f" slowest frame of a stream {stream * 1e3:6.1f} ms = {stream / stream_yard:5.1f} x,"
            f" memory {used:4.1f} x{'  OVER' if wrong else ''}"
        )
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
