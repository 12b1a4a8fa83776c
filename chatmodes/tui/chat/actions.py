"""All that the chat can do, in one record: what commands, keys and the palette act by."""

from dataclasses import dataclass

from chatmodes.tui.chat.answering import Answering
from chatmodes.tui.chat.choices import Choices
from chatmodes.tui.chat.comparing import Comparing
from chatmodes.tui.chat.configuring import Configuring
from chatmodes.tui.chat.conversations import Conversations
from chatmodes.tui.chat.copying import Copying
from chatmodes.tui.chat.display import Display
from chatmodes.tui.chat.editing import Editing
from chatmodes.tui.chat.filing import Filing
from chatmodes.tui.chat.find_bar import FindBar
from chatmodes.tui.chat.following import Following
from chatmodes.tui.chat.listing import Listing
from chatmodes.tui.chat.looking import Looking
from chatmodes.tui.chat.message_actions import MessageActions
from chatmodes.tui.chat.offering import Offering
from chatmodes.tui.chat.once import Once
from chatmodes.tui.chat.ports import Program
from chatmodes.tui.chat.remembering import Remembering
from chatmodes.tui.chat.searching import Searching
from chatmodes.tui.chat.sending import Sending
from chatmodes.tui.chat.templating import Templating


@dataclass(frozen=True)
class Actions:
    """The controllers, each beside what it is called. `program` is everything around the screen."""

    display: Display
    editing: Editing
    conversations: Conversations
    listing: Listing
    filing: Filing
    answering: Answering
    sending: Sending
    once: Once
    copying: Copying
    messages: MessageActions
    looking: Looking
    choices: Choices
    searching: Searching
    comparing: Comparing
    remembering: Remembering
    configuring: Configuring
    following: Following
    find_bar: FindBar
    templating: Templating
    offering: Offering
    program: Program
