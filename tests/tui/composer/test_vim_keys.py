"""Vim's keys in the composer, where the settings ask for them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from chatmodes.tui.composer.composer import Composer
from tests.tui.chatting import Chatting, chatting
from tests.tui.harness import Bench, bench, until

VIM = {"tui": {"vim": True}, "store": {"titles": False}}


@asynccontextmanager
async def composing() -> AsyncGenerator[tuple[Composer, Bench, Pilot[None]]]:
    composer = Composer(vim=True)
    async with bench(composer) as (app, pilot):
        yield composer, app, pilot


async def typed(pilot: Pilot[None], text: str) -> None:
    names = {" ": "space", "^": "circumflex_accent", "$": "dollar_sign", ".": "full_stop"}
    await pilot.press(*(names.get(key, key) for key in text))


async def test_escape_leaves_inserting_and_keys_are_commands_until_one_inserts() -> None:
    async with composing() as (composer, app, pilot):
        await typed(pilot, "one two")
        await pilot.press("escape")
        await until(lambda: "NORMAL" in "\n".join(app.lines()))
        await typed(pilot, "bcwthree")
        await until(lambda: composer.text == "one three")
        await until(lambda: "NORMAL" not in "\n".join(app.lines()))
        await pilot.press("escape")
        await typed(pilot, "0dw")
        await until(lambda: composer.text == "three")
        await pilot.press("enter")
        await until(lambda: [message.text for message in app.of(Composer.Submitted)] == ["three"])
        await typed(pilot, "typed")
        await until(lambda: composer.text == "typed")


async def test_u_takes_back_change_by_change_an_insertion_at_once() -> None:
    async with composing() as (composer, _, pilot):
        await typed(pilot, "first line")
        await pilot.press("escape")
        await typed(pilot, "onext")
        await pilot.press("shift+enter")
        await typed(pilot, "last")
        await pilot.press("escape")
        await typed(pilot, "dd")
        await until(lambda: composer.text == "first line\nnext")
        await typed(pilot, "u")
        await until(lambda: composer.text == "first line\nnext\nlast")
        await typed(pilot, "u")
        await until(lambda: composer.text == "first line")


async def test_a_folded_paste_is_one_thing_to_vim() -> None:
    async with composing() as (composer, app, pilot):
        await typed(pilot, "see ")
        composer.insert("a log\n" * 30)
        await typed(pilot, "end")
        await pilot.press("escape")
        await typed(pilot, "0wx")
        await until(lambda: composer.text == "see end")
        await typed(pilot, "P")
        await until(lambda: composer.text == "see " + "a log\n" * 30 + "end")
        await until(lambda: "[pasted 30 lines]" in "\n".join(app.lines()))


async def test_letters_are_letters_where_nobody_asked_for_vim() -> None:
    async with bench(composer := Composer()) as (_, pilot):
        await typed(pilot, "one")
        await pilot.press("escape")
        await typed(pilot, "dd")
        await until(lambda: composer.text == "onedd")


async def test_escape_in_an_empty_composer_stops_what_is_under_way() -> None:
    async with chatting(flags=VIM) as chat:
        await chat.send("tell me")
        line = await chat.models.line()
        await line.say("Once upon")
        await chat.sees("Once upon")
        await chat.pilot.press("escape")
        await chat.sees("Stopped by you")


async def test_escape_while_typing_leaves_inserting_and_the_next_one_stops() -> None:
    async with chatting(flags=VIM) as chat:
        await chat.send("tell me")
        line = await chat.models.line()
        await line.say("Once upon")
        await chat.sees("Once upon")
        await chat.type("half a thought")
        await chat.pilot.press("escape")
        await chat.sees("NORMAL")
        assert running(chat)
        await chat.pilot.press("escape")
        await chat.sees("Stopped by you")
        assert chat.screen.composer.text == "half a thought"


def running(chat: Chatting) -> bool:
    return bool(chat.screen.session.live)
