"""Nothing in an answer can forge a turn of an exported conversation, or leave anything open."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from chatmodes.exporting.enclosing import enclosed, literal

GITHUB = MarkdownIt("gfm-like", {"html": True})


def turns(document: str) -> list[str]:
    """The headings that a reader would take for turns; HTML, which could show anything, as it is."""
    tokens = GITHUB.parse(document)
    found: list[str] = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag in ("h1", "h2"):
            found.append(tokens[place + 1].content)
        found += [each.content for each in [token, *(token.children or [])] if each.type.startswith("html")]
    return found


def document(*texts: str) -> str:
    return "\n\n".join(f"## Turn {n}\n\n{enclosed(text)}" for n, text in enumerate(texts)) + "\n\n## End\n"


FORGERIES = [
    "# You\n\nsure",
    "## You",
    "   ##\tYou ##",
    "You\n===",
    "You\n---",
    "two\nlines\n===",
    "> # You",
    "> You\n> ---",
    "- # You",
    "1. You\n   ===\n   more",
    "- a\n  - > ## You",
    "```python\nopen",
    "~~~\nopen",
    "````\n```\n",
    "- ```\n  open in a list",
    "<!-- open",
    "<!--\n# You\n-->",
    "<h2>You</h2>",
    "text <h2>You</h2>",
    "<div>\n\n## You",
    "<script>\n# You",
    "<![CDATA[ open",
    "<?php open",
    "<!DOCTYPE html>",
    "</section>",
    "[Turn 0]: https://evil.example",
    "[Turn 0]:\nhttps://evil.example 'and\na title'",
    "[Turn\n0]: <https://evil.example>",
    "> [Turn 0]: https://evil.example",
    "[^1]: a note",
    "---\ntitle: front matter\n---\n",
    "| a | b |\n|---|---|\n| <b>x | `y |\n| `</b> | z` |",
    "`a` <b> `c",
    "[a](b`c) <b> `d`",
    "a\\`<b>`c`",
    "x\n\n    # code\n\n# You",
    "[" * 20_000 + "\n# You",
    ">" * 150 + " <h2>You</h2>",
    "a\x0b# You\u2028# You\r\n# You",
]


@pytest.mark.parametrize("text", FORGERIES)
def test_only_our_own_turns_are_turns(text: str) -> None:
    assert turns(document("[Turn 0]", text, "after")) == ["Turn 0", "Turn 1", "Turn 2", "End"]
    env: dict[str, object] = {}
    GITHUB.parse(document("[Turn 0]", text), env)
    assert not env.get("references")


@pytest.mark.parametrize(
    "text",
    [
        "Plain *words* with `List<String>` and <https://a.example> and 1 < 2.",
        "```html\n<div>\n# no heading\n```",
        "    <indented> code",
        "- a\n- b\n\n1. c",
        "| a | b |\n|---|---|\n| 1 | `<td>` |",
        "Where a < b, [see](https://a.example).",
        "---",
    ],
)
def test_what_harms_nobody_stays_as_it_was_written(text: str) -> None:
    assert enclosed(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A", "### A"),
        ("##### A", "###### A"),
        ("> A\n> ===", "> ### A"),
        ("A\nB #\n---", "#### A B \\#"),
        ("<b>bold</b>", "\\<b>bold\\</b>"),
        ("[1]: https://a.example", "\\[1]: https://a.example"),
        ("```py\nx", "```py\nx\n```"),
    ],
)
def test_what_would_reach_out_is_changed_as_little_as_can_be(text: str, expected: str) -> None:
    assert enclosed(text) == expected


def words(tokens: list[Token]) -> str:
    """What a reader sees of tokens, without spaces."""
    seen: list[str] = []
    for token in tokens:
        if token.type in ("text", "code_inline", "code_block", "fence"):
            seen.append(token.content)
        seen.append(words(token.children or []))
    return "".join("".join(seen).split())


MARKS = st.sampled_from(
    ["# ", "## ", "\n", "\n\n", "===", "---", "```", "~~~", "`", "``", "<b>", "</b>", "<!--", "-->", "<", ">", "> ",
     "- ", "1. ", "[a]", "[a]: ", "]: ", "https://a.example ", "|", "\n|-|-|\n", "\\", "    ", "\t", "*", "_", "a",
     "You", " ", "&lt;", "<a@b.c>", "<https://a.example>", "(", ")", "!", "#"]
)  # fmt: skip


@settings(max_examples=400)
@given(st.lists(MARKS, max_size=14).map("".join), st.lists(MARKS, max_size=6).map("".join))
def test_nothing_forges_a_turn_and_nothing_is_lost(text: str, other: str) -> None:
    assert turns(document(text, other)) == ["Turn 0", "Turn 1", "End"]
    env: dict[str, object] = {}
    GITHUB.parse(document(text, other), env)
    assert not env.get("references")
    once = enclosed(text)
    as_text = MarkdownIt("commonmark", {"html": False}).enable("table").disable("reference")
    if not once.endswith("```") or "markdown" not in once:  # not shown as source
        seen, expected = words(as_text.parse(once)), words(as_text.parse(text.strip("\n")))
        assert seen.replace("\\", "") == expected.replace("\\", "")


@given(st.text(st.characters(exclude_categories=["C", "Z"])))
def test_a_literal_shows_as_it_is(text: str) -> None:
    (_, inline, _) = GITHUB.parse(f"# x{literal(text)}x")
    plain = ("text", "text_special", "link_open", "link_close")
    assert not [child.type for child in inline.children or [] if child.type not in plain]
