"""What stands in the chat screen besides the composer, brought in behind the first frame.

Transcript, panes, sidebar and the controllers are sixty modules, some 150 ms of imports. They are imported in a thread
and mounted while one can already type; together with the composer they made the first frame come a third later.
"""

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll

from chatmodes.tui.answering import Answering
from chatmodes.tui.choices import Choices
from chatmodes.tui.commanding import COMMANDS
from chatmodes.tui.conversing import Conversing
from chatmodes.tui.finding import Finding
from chatmodes.tui.markdown import render
from chatmodes.tui.message_actions import MessageActions
from chatmodes.tui.presenting import Presenting
from chatmodes.tui.screens.compare_keys import CompareKeys
from chatmodes.tui.session import Session
from chatmodes.tui.widgets.agents import AgentPanes
from chatmodes.tui.widgets.composer_editor import Editor
from chatmodes.tui.widgets.find import FindBar
from chatmodes.tui.widgets.sidebar import ConversationList, Sidebar
from chatmodes.tui.widgets.transcript import Transcript
from chatmodes.tui.widgets.welcome import Welcome

if TYPE_CHECKING:
    from chatmodes.tui.screens.chat import ChatScreen

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
    screen.composer.commands = [(command.name, command.about) for command in COMMANDS.values()]
    await screen.query_one("#main").mount(empty, screen.transcript, screen.find_bar, screen.panes, before="#composer")
    await screen.side.mount(screen.sidebar)
