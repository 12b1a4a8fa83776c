"""The transcript's pictures: what a conversation looks like, dark, light, narrow, and in the terminal's own colours."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

from chatmodes.tui.transcript import Block, Transcript, agents, answer, notice, prompt, reasoning
from tests.tui.transcript.transcript_app import TranscriptApp

Compare = Callable[..., bool]

MARKDOWN = """\
## What a mutex protects

A **mutex** guards *one* piece of state. Take it with `with lock:` and see
[the manual](https://docs.python.org/3/library/threading.html) for the rest:

1. Acquire it before the first read.
   - not after it
   - not twice
2. Release it in every path.

- [x] tested
- [ ] measured

> Threads cannot be implemented as a library.

```python
def deposit(account: Account, amount: int) -> None:
    with account.lock:  # one writer at a time
        account.balance += amount
```

| Language | Lock | 説明 |
|:---------|:----:|-----:|
| Python | `Lock` | 排他制御 |
| Go | `sync.Mutex` | 簡単 |
"""

CONVERSATION: list[Block] = [
    prompt("u1", "What does a mutex protect?\nShow me an example in Python."),
    reasoning("r1", "They want a definition first.", head="Thought for 4 s · 96 words"),
    answer("a1", MARKDOWN, head="Thinking · qwen3:4b"),
]

RUN: list[Block] = [
    prompt("u2", "Which of the two is faster?"),
    reasoning("r2", "Compare both.\n\n- the first\n- the second", head="Thought for 2 s", folded=False),
    agents(
        "g2",
        "2 of 3 agents agree · 1 outstanding",
        "**Overruled**\n\n- the second (a3): it guessed\n\n#### a3 · example/model\n\nThe **second** one.",
        folded=False,
    ),
    answer("a2", "The first is *faster*, by a factor of two.", head="Contemplating"),
    notice("w2", "The provider is busy. Trying again in 12 s (2 of 5).", "warning"),
    notice("e2", "The key for OpenAI was refused. Set OPENAI_API_KEY to a valid one.", "error"),
    notice("s2", "Saved as answer.md.", "success"),
    notice("n2", "The conversation goes on with example/model."),
]


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light", "ansi-dark"])
def test_an_answer_with_everything_markdown_has(snap_compare: Compare, theme: str):
    """Headings, lists, tasks, quote, code and a table line up; the prompt has its bar."""
    assert snap_compare(TranscriptApp(CONVERSATION, theme), terminal_size=(84, 44))


@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
def test_a_run_with_its_agents_and_notices(snap_compare: Compare, theme: str):
    """Every state has a sign beside its colour; what is folded open hangs under its line."""
    assert snap_compare(TranscriptApp(RUN, theme), terminal_size=(84, 30))


def test_a_narrow_terminal(snap_compare: Compare):
    """At 40 columns nothing is cut off and the table's cells wrap."""
    assert snap_compare(TranscriptApp(CONVERSATION), terminal_size=(40, 60))


def test_matches_and_the_cursor(snap_compare: Compare):
    """All matches are marked, the present one more; the cursor's block has its sign."""

    async def search(pilot: Pilot[None]) -> None:
        transcript = pilot.app.query_one(Transcript)
        transcript.focus()
        transcript.find("one")
        transcript.find_next()
        transcript.move_cursor("a1")
        await pilot.pause()

    assert snap_compare(TranscriptApp(CONVERSATION), terminal_size=(84, 44), run_before=search)
