"""Prompts typed, answers streamed, runs stopped: what one does all day."""

import pytest

from tests.tui.chatting import chatting

pytestmark = pytest.mark.anyio


async def test_a_typed_prompt_streams_its_answer_into_the_transcript() -> None:
    async with chatting() as chat:
        await chat.send("hello")
        line = await chat.models.line()
        await line.say("Good ")
        await chat.sees("hello", "Good")
        await line.say("morning")
        await chat.sees("Good morning", "Esc stops")
        await line.end()
        await chat.idle()
        await chat.sees("first token", "46 tokens")
