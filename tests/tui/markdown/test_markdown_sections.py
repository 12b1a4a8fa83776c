"""Markdown cut into sections as it streams: nothing lost, the same however it is chopped, each section bounded."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatmodes.tui.markdown.sections import CAP, TABLE_CAP, Section, Splitter, split

SAMPLE = """# Title

Some text
on two lines
- one
- two
  - nested

    more
3. three
4. four

> quote
lazy

```python
def f():

    return 1
```
| a | b |
|---|---|
| 1 | 2 |

    indented

    code

Setext
======
---
~~~
unclosed
"""

PIECES = "# |- |1. |> |```|~~~|```py\n|\n|\n\n|    |  |---\n|===\n|word |日本|*|\t|x".split("|")
FRAGMENTS = st.lists(st.sampled_from([*PIECES, "| a ", "|", "|--|--|\n"]), max_size=60).map("".join)


def sources(sections: list[Section]) -> str:
    return "".join(section.raw for section in sections)


def shapes(sections: list[Section]) -> list[tuple[str, str, int, int | None]]:
    return [
        (section.kind, section.raw.strip(), section.gap, section.number) for section in sections if section.raw.strip()
    ]


def test_a_text_is_cut_where_its_blocks_end():
    kinds = [section.kind for section in split(SAMPLE)]
    items = ["list"] * 4
    assert kinds == ["heading", "paragraph", *items, "quote", "fence", "table", "indented", "heading", "rule", "fence"]


def test_items_keep_their_numbers_and_loose_items_their_gap():
    sections = split("1. a\n1. b\n\n1. c\n")
    assert [(section.number, section.gap) for section in sections] == [(1, 1), (2, 0), (3, 1)]


@given(FRAGMENTS)
@settings(max_examples=300, deadline=None)
def test_no_character_is_lost(text: str):
    assert sources(split(text)) == text


@given(FRAGMENTS, st.integers(1, 7))
@settings(max_examples=300, deadline=None)
def test_chopping_a_stream_changes_nothing(text: str, size: int):
    splitter = Splitter()
    out: list[Section] = []
    for start in range(0, len(text), size):
        out += splitter.feed(text[start : start + size])
        assert sources(out) + sources(splitter.tail()) == text[: start + size]
    out += splitter.flush()
    assert shapes(out) == shapes(split(text))


@pytest.mark.parametrize(
    "text",
    [
        "word " * 50_000,
        "x" * 300_000,
        "- item\n" * 30_000,
        "- item\n" + "  more of it\n" * 20_000,
        "```\n" + "code\n" * 40_000,
        "```\n" + "x" * 300_000,
        "> quoted\n" * 20_000,
        ">" * 10_000 + " deep\n",
        "| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * 20_000,
        "| a " * 1_000 + "|\n" + "|---" * 1_000 + "|\n" + "| b " * 1_000 + "|\n",
        "    code\n" * 20_000,
        "line\n" * 50_000,
    ],
    ids=lambda text: repr(text[:12]),
)
def test_every_section_has_a_bound(text: str):
    sections = split(text)
    assert sources(sections) == text
    longest = max(len(section.raw) for section in sections)
    assert longest <= TABLE_CAP + CAP + 2


def test_only_the_last_sections_are_unfinished():
    splitter = Splitter()
    done = splitter.feed("One\n\nTwo\n\n- three\n- fo")
    assert [section.raw.strip() for section in done] == ["One", "Two"]
    assert [section.raw.strip() for section in splitter.tail()] == ["- three", "- fo"]
    assert all(section.live for section in splitter.tail())
