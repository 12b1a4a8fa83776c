"""What stands in the chat screen besides the composer, brought in behind the first frame.

Transcript, panes, sidebar and the controllers are sixty modules, some 150 ms of imports. They are imported in a thread
and mounted while one can already type; together with the composer they made the first frame come a third later.
"""

import asyncio
from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from chatmodes.tui.agents.panes import AgentPanes
from chatmodes.tui.chat import commands
from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.choices import Choices
from chatmodes.tui.chat.commands import COMMANDS
from chatmodes.tui.chat.conversations import Conversing
from chatmodes.tui.chat.find_bar import FindBar
from chatmodes.tui.chat.finding import Finding
from chatmodes.tui.chat.message_actions import MessageActions
from chatmodes.tui.chat.session import Session
from chatmodes.tui.chat.sidebar import ConversationList, Sidebar
from chatmodes.tui.chat.welcome import Welcome
from chatmodes.tui.compare.keys import CompareKeys
from chatmodes.tui.composer.editor import Editor
from chatmodes.tui.markdown import render
from chatmodes.tui.painting.painter import Presenting
from chatmodes.tui.transcript import Transcript

if TYPE_CHECKING:
    from chatmodes.tui.chat.screen import ChatScreen

KEY_OWNERS = (
    ("chat/composer", Editor),
    ("chat/transcript", Transcript),
    ("chat/agents", AgentPanes),
    ("chat/list", ConversationList),
    ("comparison", CompareKeys),
)
"""Widgets whose keys can be rebound and where they are (`keymap.PLACES`), in the order in which the help shows them."""

warm = render.warm


async def furnish(screen: "ChatScreen") -> None:
    """Put everything in its place around the composer. The focus and what is typed stay where they are."""
    settings = screen.engine.start.settings
    screen.session = Session(settings, screen.mode or settings.mode)
    screen.sidebar = Sidebar(id="conversations-side")
    screen.welcome = Welcome(id="welcome")
    empty = VerticalScroll(screen.welcome, id="empty", can_focus=False)
    screen.transcript = Transcript(id="transcript")
    screen.transcript.display = False
    screen.find_bar = FindBar(id="find")
    screen.panes = AgentPanes(id="agents")
    screen.view = Presenting(screen.transcript)
    screen.answering = Answering(screen)
    screen.conversing = Conversing(screen)
    screen.messages = MessageActions(screen)
    screen.choices = Choices(screen)
    screen.finding = Finding(screen)
    _offer_commands(screen)
    await screen.query_one("#main").mount(empty, screen.transcript, screen.find_bar, screen.panes, before="#composer")
    await screen.side.mount(screen.sidebar)


async def learn_modes(screen: "ChatScreen") -> None:
    """Offer the modes that other packages bring, and say which of them cannot be used."""
    problem = await asyncio.to_thread(commands.learn_modes)
    _offer_commands(screen)
    if problem:
        screen.tell(problem, "warning")


def _offer_commands(screen: "ChatScreen") -> None:
    screen.composer.commands = [(command.name, command.about) for command in COMMANDS.values()]
