"""Any edits in any order: a chip is whole or gone, the text sent never holds a piece of one, and nothing crashes."""

import random

import pytest
from textual.widgets.text_area import Selection

from chatmodes.tui.composer.composer import Composer
from tests.tui.harness import bench

ACTIONS = """
    cursor_left cursor_right cursor_up cursor_down cursor_word_left cursor_word_right cursor_line_start
    cursor_line_end delete_left delete_right delete_word_left delete_word_right delete_to_start_of_line
    delete_to_end_of_line delete_line cut undo redo expand_paste newline select_all
""".split()
PASTED = [f"paste {number}\n" * 12 + "end" for number in range(3)] + ["two\nlines"]


@pytest.mark.parametrize("seed", range(4))
async def test_random_edits(seed: int) -> None:
    chance = random.Random(seed)
    composer = Composer(history=["abc", "a\nb", "x" * 30_000])
    async with bench(composer, size=(40, 20)) as (app, pilot):
        editor = composer.editor
        for step in range(200):
            kind = chance.random()
            if kind < 0.1:
                editor.paste_text(chance.choice(PASTED))
            elif kind < 0.35:
                composer.insert(chance.choice(["a", " ", "数", "🙂", "@x"]))
            elif kind < 0.45:
                ends = [(chance.randrange(editor.document.line_count), chance.randrange(60)) for _ in range(2)]
                editor.selection = Selection(*ends)
            elif kind < 0.5:
                before = composer.text
                composer.load(composer.draft)
                assert composer.text == before
            else:
                await editor.run_action(chance.choice(ACTIONS))
            assert not any(character >= "\U0010f000" for character in composer.text)
            if step % 50 == 0:
                await pilot.pause()
        await pilot.pause()
        assert not any(character >= "\U0010f000" for line in app.lines() for character in line)
