"""A newcomer's day, from the first screen to a picked comparison, and a search a week later, in a real terminal.

Twelve tasks in the order in which somebody comes to them, each done as the screen says that it is done. Nothing is
known here but what is on the screen: no session is asked and no file is read, but the clock is put forward.
"""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.fake import Fake
from tests.terminal.tmux import Terminal, program

pytestmark = [
    pytest.mark.terminal,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="a real terminal needs tmux"),
]

WEEK = 8 * 86_400


def day(fake: Fake, home: Path, folder: Path) -> Terminal:
    """The program as a newcomer starts it, in a folder of theirs."""
    command = f"cd {folder} && exec {program()} --base-url {fake.url} --model say:Six"
    return Terminal("sh", "-c", command, env={"CHATMODES_HOME": str(home)}, size=(120, 36))


def a_week_passes(home: Path) -> None:
    with closing(sqlite3.connect(home / "data" / "chatmodes.db")) as database, database:
        database.execute("UPDATE conversations SET created = created - ?, updated = updated - ?", (WEEK, WEEK))
        database.execute("UPDATE messages SET created = created - ?", (WEEK,))


def model(terminal: Terminal, name: str) -> None:
    terminal.send(f"/model endpoint/{name}")
    terminal.sees(f"· endpoint/{name}")


def test_twelve_tasks_of_a_newcomer_and_a_search_a_week_later(fake: Fake, home: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "oven.txt").write_text("The oven runs twenty degrees too hot.\n")
    with day(fake, home, notes) as terminal:
        # 1. The first screen says what answers, what the modes are, and where help is.
        terminal.sees("Contemplating", "Ctrl+P commands", "F1 help", "say:Six")
        # 2. A first question.
        terminal.send("How many eggs are there in a pancake batter?")
        terminal.sees("Instant · endpoint/say:Six", "first token")
        # 3. Where is …? Help knows, and goes away.
        terminal.press("F1")
        terminal.sees("Commands", "/contemplating")
        terminal.press("Escape")
        terminal.gone("/contemplating")
        # 4. Another model and mode: its reasoning folds to a line that opens.
        model(terminal, "think:Rest it,thought=Gluten_relaxes")
        terminal.press("C-t")
        terminal.sees("thinking ·")
        terminal.send("Why should it rest?")
        terminal.sees("Thought for", "Rest it")
        terminal.press("M-o")
        terminal.sees("Gluten_relaxes")
        # 5. A prompt put better is another version; the former one is a key away.
        model(terminal, "echo")
        terminal.press("M-e")
        terminal.sees("gives it up")
        terminal.press("C-c")
        terminal.gone("prompt is edited")
        terminal.press("M-e")
        terminal.type(" Briefly, please.")
        terminal.press("Enter")
        terminal.sees("Why should it rest? Briefly, please.", "2/2")
        terminal.press("M-Left")
        terminal.sees("Rest it", "1/2")
        terminal.press("F5")
        terminal.sees("Branches of this conversation", "in 2 branches")
        terminal.type("Briefly")
        terminal.until(lambda: terminal.text().count("○ ") == 1 and "● " not in terminal.text(), "the one row")
        terminal.press("Enter")
        terminal.sees("Briefly, please.", "2/2")
        # 6. A file of the folder goes along.
        terminal.type("@ov")
        terminal.sees("oven.txt")
        terminal.press("Tab")
        terminal.send("How hot, then?")
        terminal.sees("How hot, then?", "▸ oven.txt, 1 line")
        # 7. What goes on too long is stopped, and asked again.
        terminal.send("/instant")
        terminal.sees("instant ·")
        model(terminal, "slow:ttft=0.1,tps=20")
        terminal.send("Tell me everything about flour")
        terminal.sees("Esc stops", "everything about flour")
        terminal.press("Escape")
        terminal.sees("Stopped by you")
        model(terminal, "say:Flour is ground grain.")
        terminal.press("C-r")
        terminal.sees("Flour is ground grain.")
        # 8. Several agents at once for what matters, each to be seen.
        terminal.send("/contemplating Is the batter safe raw?")
        terminal.sees("5 agents", "Contemplating · endpoint/say:Flour")
        # 9. The conversation gets a name, a tag and a manner.
        terminal.send("/title Pancakes")
        terminal.sees("▸ Pancakes")
        terminal.send("/tag kitchen")
        terminal.sees("Tagged #kitchen.")
        terminal.send("/set temperature 0.2")
        terminal.sees("temperature of this conversation: 0.2.")
        # 10. One prompt through several modes; the best answer is picked and goes on.
        terminal.send("/compare Butter or oil?")
        terminal.sees("Thinking", "of 5 agents", "Esc back to the chat")
        terminal.press("p")
        terminal.sees("Which answer is the best?")
        terminal.press("Enter")
        terminal.sees("Ctrl+P commands", "Butter or oil?", "Flour is ground grain.")
        # 11. A copy to keep.
        terminal.send("/export md pancakes.md")
        terminal.until((notes / "pancakes.md").exists, "the file")
        # 12. A thought for later, and off.
        terminal.press("C-n")
        terminal.sees("several agents")
        terminal.type("and waffles")
        terminal.sees("and waffles")
        terminal.press("C-q")
        terminal.sees("left with 0")
    assert "Flour is ground grain." in (notes / "pancakes.md").read_text()
    a_week_passes(home)
    with day(fake, home, notes) as terminal:
        terminal.sees("and waffles", "Earlier", "Pancakes #kitchen")
        terminal.press("C-c", "F3")
        terminal.sees("Search all conversations")
        terminal.type("everything flour #kitchen")
        terminal.sees("1 found", "Pancakes")
        terminal.press("Enter")
        terminal.sees("Tell me everything about flour", "Flour is ground grain.")
        terminal.press("C-q")
        terminal.sees("left with 0")
