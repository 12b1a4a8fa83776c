"""Into a comparison and back: what is asked before it is sent, and where the chat goes on after it."""

from typing import TYPE_CHECKING

from chatmodes.sanitize import one_line
from chatmodes.tui.compare import captions
from chatmodes.tui.compare.asking import agreed
from chatmodes.tui.compare.contest import Contest
from chatmodes.tui.compare.screen import CompareScreen
from chatmodes.tui.host.keymap import shown

if TYPE_CHECKING:
    from chatmodes.messages import Message
    from chatmodes.tui.chat.screen import ChatScreen


async def open_comparison(screen: "ChatScreen", prompt: str, *, blind: bool = False) -> None:
    """Ask a new prompt of several modes at the end of the open conversation. Raises `StoreError`."""
    again = f"/{'blind' if blind else 'compare'} {prompt}"
    session = screen.session
    if not await _ready(screen):
        screen.composer.give_back(again)
        return
    chat = screen.engine.chat
    leaf = session.leaf
    before = await screen.read(chat.store.context, leaf) if leaf else []
    columns, bound, wanted = await _foreseen(screen, prompt, before)
    if not wanted:
        screen.composer.give_back(again)
        return
    message = await chat.add_prompt(prompt, conversation=session.conversation, parent=leaf)
    await _compare(screen, message, columns, bound, blind=blind, leaf=None)


async def compare_message(screen: "ChatScreen", message: str, *, blind: bool = False) -> None:
    """Ask a stored prompt again, of several modes. Its answers so far stay beside the new ones. Raises `StoreError`."""
    if not await _ready(screen):
        return
    chat = screen.engine.chat
    stored = await screen.read(chat.store.message, message)
    if stored is None:
        return
    before = await screen.read(chat.store.context, stored.parent) if stored.parent else []
    columns, bound, wanted = await _foreseen(screen, stored.message.text, before)
    if wanted:
        await _compare(screen, message, columns, bound, blind=blind, leaf=screen.session.leaf)


async def _ready(screen: "ChatScreen") -> bool:
    await screen.engine.settled.wait()
    if screen.engine.state != "ready":
        screen.tell(f"{screen.engine.problem} {screen.engine.hint}", "error")
        return False
    if screen.session.running:
        screen.tell(f"An answer is under way. {shown('stop')} stops it; then compare.")
        return False
    return True


async def _foreseen(
    screen: "ChatScreen", prompt: str, before: "list[Message]"
) -> "tuple[list[tuple[str, str | None]], float | None, bool]":
    """The columns, what they cost at most, and whether that is agreed to."""
    from chatmodes.comparing.foresee import foreseen
    from chatmodes.settings import ConfigError

    await screen.engine.backend.warm_prices()
    settings = screen.session.settings.compare
    columns: list[tuple[str, str | None]] = [(mode, screen.session.model or None) for mode in settings.modes]
    try:
        bound = foreseen(screen.engine.chat, columns, [prompt], before)
    except ConfigError as error:
        screen.tell(f"{error} {error.hint}", "error")
        return columns, None, False
    if bound is not None and bound > settings.cost_limit:
        return columns, bound, await agreed(screen.app, bound, settings.cost_limit)
    return columns, bound, True


async def _compare(
    screen: "ChatScreen",
    message: str,
    columns: "list[tuple[str, str | None]]",
    bound: float | None,
    *,
    blind: bool,
    leaf: str | None,
) -> None:
    """Run it and come back; without a winner the chat goes back to `leaf`, or to an answer where that is None."""
    chat = screen.engine.chat
    stored = await screen.read(chat.store.message, message)
    assert stored is not None, "just stored"
    contest = Contest(screen.engine, chat, stored.conversation, message, stored.message.text, blind)
    await contest.begin(columns)
    compare = CompareScreen(screen, contest, bound)
    await screen.app.push_screen_wait(compare)
    await contest.settled()
    if contest.winner is None:
        chosen = compare.chosen.column if compare.chosen else None
        await screen.read(chat.store.set_leaf, stored.conversation, leaf or contest.best_to_go_on(chosen) or message)
    await screen.conversing.open(stored.conversation)
    ended = contest.winner or next((column for column in contest.columns if column.view.answer_text), None)
    if ended is not None and ended.live is not None:
        screen.conversing.name_later(ended.live)
    if contest.winner is not None and not blind:
        screen.tell(f"Picked {one_line(captions.name(contest, contest.winner))}; the others stay beside it.")
