"""Code blocks of an answer, wherever they stand; and what colours a diff."""

import pytest
from rich.style import Style

from chatmodes.tui.markdown.code_blocks import code_blocks
from chatmodes.tui.markdown.palette import Palette
from chatmodes.tui.markdown.render import render
from chatmodes.tui.markdown.sections import split


def test_code_in_lists_and_quotes_is_found_without_what_stands_before_its_lines() -> None:
    answer = (
        "1. First:\n\n   ```bash\n   echo 1\n     two\n   ```\n\n"
        "- point\n  - deeper\n\n    ```python\n    x = 1\n    ```\n\n"
        "> ```sql\n> select 1\n> ```\n\n~~~\nlast\n~~~\n"
    )
    found = code_blocks(answer)
    assert [(block.language, block.text, block.suffix) for block in found] == [
        ("bash", "echo 1\n  two", ".sh"),
        ("python", "x = 1", ".py"),
        ("sql", "select 1", ".sql"),
        ("", "last", ".txt"),
    ]


@pytest.mark.parametrize("text", ["no code", "`inline`", "    indented"])
def test_only_fences_are_code_blocks(text: str) -> None:
    assert code_blocks(text) == []


def test_a_block_that_is_not_closed_is_there_as_far_as_it_came() -> None:
    assert [block.text for block in code_blocks("```py\nx = 1\ny =")] == ["x = 1\ny ="]


def test_a_diff_is_coloured_by_what_came_and_went() -> None:
    palette = Palette(inserted=Style(color="green"), deleted=Style(color="red"), keyword=Style(color="blue"))
    lines = [
        line for part in split("```diff\n@@ -1 +1 @@\n-old\n+new\n same\n```\n") for line in render(part, 40, palette)
    ]
    colours = {
        segment.text: segment.style.color.name if segment.style and segment.style.color else None
        for line in lines
        for segment in line.segments
    }
    assert colours["-old"] == "red"
    assert colours["+new"] == "green"
    assert colours["@@ -1 +1 @@"] == "blue"
    assert not any(colour for text, colour in colours.items() if "same" in text)
    assert "same" in "".join(colours)
