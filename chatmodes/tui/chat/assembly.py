"""What stands in the chat screen besides the composer, brought in behind the first frame.

Transcript, panes, sidebar and the controllers are sixty modules, some 150 ms of imports. They are imported in a thread
and mounted one by one while one can already type: together with the composer they made the first frame come a third
later.
"""

import asyncio

from textual.containers import VerticalScroll

from chatmodes.tui.agents.panes import AgentPanes
from chatmodes.tui.approving import Approving
from chatmodes.tui.chat import commands
from chatmodes.tui.chat.actions import Actions
from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.choices import Choices
from chatmodes.tui.chat.code import Code
from chatmodes.tui.chat.comparing import Comparing
from chatmodes.tui.chat.configuring import Configuring
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.copying import Copying
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.eyes import Eyes
from chatmodes.tui.chat.filing import Filing
from chatmodes.tui.chat.find_bar import FindBar
from chatmodes.tui.chat.following import Following
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.looking import Looking
from chatmodes.tui.chat.message_actions import MessageActions
from chatmodes.tui.chat.naming import Naming
from chatmodes.tui.chat.offering import Offering
from chatmodes.tui.chat.once import Once
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.chat.screen import ChatScreen
from chatmodes.tui.chat.searching import Searching
from chatmodes.tui.chat.sending import Sending
from chatmodes.tui.chat.session import Session
from chatmodes.tui.chat.sidebar import Sidebar
from chatmodes.tui.chat.templating import Templating
from chatmodes.tui.chat.welcome import Welcome
from chatmodes.tui.compare.keys import CompareKeys
from chatmodes.tui.host import keymap
from chatmodes.tui.host.lulls import Lulls
from chatmodes.tui.markdown import render
from chatmodes.tui.painting.conversation import ConversationPainter
from chatmodes.tui.pictures.keys import PictureKeys
from chatmodes.tui.transcript import Transcript

warm = render.warm

keymap.learn("comparison", CompareKeys.BINDINGS)  # help and settings know them before the first comparison
keymap.learn("picture", PictureKeys.BINDINGS)


async def assemble(screen: ChatScreen, lulls: Lulls) -> None:
    """Put everything in its place around the composer. The focus and what is typed stay where they are."""
    start = screen.engine.start
    screen.session = Session(start.settings, start.first_mode, start.first_model, base=start.settings)
    screen.sidebar = Sidebar(id="conversations-side")
    welcome = Welcome(id="welcome")
    empty = VerticalScroll(welcome, id="empty", can_focus=False)
    screen.transcript = Transcript(id="transcript")
    screen.transcript.display = False
    screen.find_bar = FindBar(id="find")
    screen.panes = AgentPanes(id="agents")
    screen.painter = ConversationPainter(screen.transcript)
    _offer_commands(screen)
    screen.actions = _actions(screen, welcome, empty)
    main = screen.query_one("#main")
    for widget in (empty, screen.transcript, screen.find_bar, screen.panes):
        await lulls.wait()
        await main.mount(widget, before="#composer")
    await lulls.wait()
    await screen.side.mount(screen.sidebar)
    await screen.begin_acting()


async def learn_modes(screen: ChatScreen) -> None:
    """Offer the modes that other packages bring, and say which of them cannot be used."""
    problem = await asyncio.to_thread(commands.learn_modes)
    _offer_commands(screen)
    if problem:
        screen.tell(problem, "warning")


def _offer_commands(screen: ChatScreen) -> None:
    screen.composer.commands = [(command.name, command.about) for command in commands.COMMANDS.values()]


def _actions(screen: ChatScreen, welcome: Welcome, empty: VerticalScroll) -> Actions:
    """The controllers, each given what it builds on: an order that has no circle."""
    session, engine, app = screen.session, screen.engine, screen.app
    transcript, composer, panes, painter = screen.transcript, screen.composer, screen.panes, screen.painter
    display = Display(
        session,
        engine,
        composer=composer,
        status=screen.status,
        transcript=transcript,
        painter=painter,
        empty=empty,
        place=screen.place,
    )
    editing = Editing(session, composer)
    copying = Copying(session, engine, screen, app)
    remembering = Remembering(session, engine, screen)
    listing = Listing(session, engine, screen, display=display, sidebar=screen.sidebar)
    naming = Naming(session, engine, screen, display=display, listing=listing)
    conversations = Conversations(
        session,
        engine,
        screen,
        screen,
        display=display,
        painter=painter,
        transcript=transcript,
        composer=composer,
        listing=listing,
        panes=panes,
        editing=editing,
        remembering=remembering,
    )
    approving = Approving(app, composer)
    filing = Filing(session, engine, screen, conversations=conversations, listing=listing, composer=composer)
    eyes = Eyes(session, engine, screen)
    answering = Answering(
        session,
        engine,
        screen,
        app,
        screen,
        eyes=eyes,
        display=display,
        painter=painter,
        conversations=conversations,
        approving=approving,
        listing=listing,
        naming=naming,
        transcript=transcript,
        composer=composer,
        panes=panes,
    )
    messages = MessageActions(
        session,
        engine,
        screen,
        display=display,
        editing=editing,
        conversations=conversations,
        filing=filing,
        answering=answering,
        copying=copying,
        code=Code(screen, app, copying),
        transcript=transcript,
        composer=composer,
    )
    sending = Sending(
        session,
        screen,
        editing=editing,
        answering=answering,
        conversations=conversations,
        transcript=transcript,
        composer=composer,
    )
    return Actions(
        display=display,
        editing=editing,
        conversations=conversations,
        listing=listing,
        filing=filing,
        answering=answering,
        sending=sending,
        once=Once(session, screen, sending=sending, composer=composer),
        copying=copying,
        messages=messages,
        looking=Looking(session, engine, screen, transcript=transcript, composer=composer),
        choices=Choices(
            session,
            engine,
            screen,
            app,
            eyes=eyes,
            display=display,
            conversations=conversations,
            welcome=welcome,
            remembering=remembering,
        ),
        searching=Searching(session, engine, screen, conversations),
        comparing=Comparing(
            session,
            engine,
            screen,
            eyes=eyes,
            conversations=conversations,
            naming=naming,
            copying=copying,
            sending=sending,
            editing=editing,
            approving=approving,
            transcript=transcript,
            composer=composer,
        ),
        remembering=remembering,
        configuring=Configuring(session, engine, screen, display=display, remembering=remembering),
        following=Following(session, engine, conversations=conversations, listing=listing, transcript=transcript),
        offering=Offering(session, engine, screen, remembering=remembering),
        templating=Templating(screen, composer=composer, display=display, remembering=remembering),
        find_bar=screen.find_bar,
        program=app,
    )
