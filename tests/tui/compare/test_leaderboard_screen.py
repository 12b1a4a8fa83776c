"""The leaderboard on screen: a verdict first, figures below, narrowed by time and topic."""

import pytest

from chatmodes.settings import home, private_folder
from chatmodes.store import open_store
from tests.cli.test_leaderboard import compare
from tests.tui.chatting import chatting

pytestmark = pytest.mark.anyio


async def test_without_picks_it_says_what_to_do() -> None:
    async with chatting() as chat:
        await chat.send("/leaderboard ")
        await chat.sees("Leaderboard · all time · all topics", "There are no picks yet")
        await chat.pilot.press("escape")
        await chat.gone("Leaderboard")


async def test_it_ranks_draws_and_narrows_by_topic() -> None:
    with open_store(private_folder(home("data")) / "chatmodes.db") as store:
        for n in range(3):
            compare(store, f"p{n}", "contemplating" if n else "instant", topic="maths")
        compare(store, "q", "thinking", topic="[b]law[/b]")
    async with chatting(size=(120, 40)) as chat:
        await chat.send("/leaderboard ")
        await chat.sees("Too few picks to tell", "contemplating", "●", "├", "How often the row beat the column")
        await chat.pilot.press("o")
        await chat.sees("topic [b]law[/b]")
        await chat.pilot.press("o")
        await chat.sees("topic maths")
        await chat.pilot.press("o", "t")
        await chat.sees("the last year · all topics", "●")
