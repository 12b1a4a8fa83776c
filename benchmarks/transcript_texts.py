"""What the transcript's benchmarks show: answers like a model's, and streams that grow one block without end."""

import gc
import random
from collections.abc import Iterator

from textual.app import App, ComposeResult
from textual.widgets import Input

from chatmodes.tui.transcript import Block, Transcript, answer, prompt, reasoning

WORDS = (
    "the quick **brown** fox jumps over `lazy` dogs while *seven* engineers measure latency and write it down".split()
)
TOKEN = 4
"""Characters of a token."""


def paragraph(rng: random.Random, words: int = 60) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(words)) + "."


def message(rng: random.Random) -> str:
    """Some 1,800 characters: a heading, prose, a list, code and a table."""
    items = "".join(f"- {paragraph(rng, 10)}\n" for _ in range(6))
    code = "".join(f"def f{n}(x: int) -> int:\n    return x + {n}  # comment\n" for n in range(5))
    table = "| name | value |\n|---|---:|\n" + "".join(f"| row {n} | {n * 17} |\n" for n in range(5))
    parts = [f"## Part {rng.randint(1, 99)}", paragraph(rng), items, f"```python\n{code}```", table, paragraph(rng)]
    return "\n\n".join(parts) + "\n"


def conversation(messages: int) -> list[Block]:
    """Prompts, folded reasoning and answers, in turn."""
    rng = random.Random(4)
    blocks: list[Block] = []
    for number in range(messages // 2):
        blocks.append(prompt(f"u{number}", f"Question {number}: {paragraph(rng, 15)}"))
        blocks.append(reasoning(f"r{number}", paragraph(rng, 80), head="Thought for 4 s"))
        blocks.append(answer(f"a{number}", message(rng), head="Thinking · example/model"))
    return blocks


def mixed(characters: int) -> str:
    rng = random.Random(5)
    pieces: list[str] = []
    size = 0
    while size < characters:
        pieces.append(message(rng))
        size += len(pieces[-1])
    return "".join(pieces)[:characters]


def repeated(start: str, line: str, characters: int) -> str:
    return (start + line * (characters // len(line) + 1))[:characters]


def streams(tokens: int) -> Iterator[tuple[str, str]]:
    """Name and text of each stream: one as models write, and the shapes that make other renderers quadratic."""
    size = tokens * TOKEN
    yield "mixed", mixed(size)
    yield "one list", repeated("", "- item with **some** words in it\n", size)
    yield "one fence", repeated("```python\n", "value = compute(value, 17)  # again\n", size)
    yield "one paragraph", repeated("", "words of a paragraph without an end and *without* a newline ", size)
    yield "one table", repeated("| a | b |\n|---|---|\n", "| cell of a row | 12345 |\n", size)


class Bench(App[None]):
    """The transcript above an input, as in the program."""

    def compose(self) -> ComposeResult:
        yield Transcript()
        yield Input()

    def on_mount(self) -> None:
        # As the program does: a full collection of all that is loaded costs a frame 100 ms.
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)

    @property
    def transcript(self) -> Transcript:
        return self.query_one(Transcript)
