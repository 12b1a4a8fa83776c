"""Where typing goes: into the composer, whatever has the focus, unless that has a use for the key.

A room of its own because the focus has many ways to leave the composer, by mouse, by Tab, by F6, by a widget that goes
away, and only one rule for the way back.
"""

from typing import TYPE_CHECKING

from textual import events
from textual.screen import Screen

from chatmodes.tui.composer.composer import Composer

if TYPE_CHECKING:
    from chatmodes.tui.agents.panes import AgentPanes
    from chatmodes.tui.chat.find_bar import FindBar
    from chatmodes.tui.chat.sidebar import Sidebar
    from chatmodes.tui.transcript import Transcript


class TypingScreen(Screen[None]):
    """A screen with a composer, to which the focus finds back."""

    composer: Composer
    transcript: "Transcript"
    find_bar: "FindBar"
    panes: "AgentPanes"
    sidebar: "Sidebar"
    assembled: bool

    def focus_composer(self) -> None:
        """Back to typing."""
        self.composer.focus()

    def focus_for(self, event: events.Key | events.Paste) -> None:
        """Give the composer the focus for text that whatever has it would swallow.

        It is asked before the event is delivered: text that went on from the one widget to the other would be overtaken
        by what is typed behind it.
        """
        if not self.assembled or self.focused not in (None, self.transcript, self.panes):
            return
        text = isinstance(event, events.Paste) or event.is_printable
        if text and not (isinstance(event, events.Key) and event.key in self.active_bindings):
            self.set_focus(self.composer.editor)

    def on_click(self, event: events.Click) -> None:
        """Reading is no reason to stop typing, but who searches goes on searching."""
        if self.assembled and event.widget is self.transcript and not self.find_bar.has_focus_within:
            self.focus_composer()

    def on_agent_panes_closed(self) -> None:
        """The run has ended, and with it what the keyboard was on."""
        self.focus_composer()

    def place(self) -> str:
        """Which of the keymap's places has the focus; empty where that is the composer, or none that has keys."""
        places = {"chat/transcript": self.transcript, "chat/agents": self.panes, "chat/list": self.sidebar}
        return next((name for name, widget in places.items() if widget.has_focus or widget.has_focus_within), "")

    def action_agents(self) -> None:
        """Choose among the agents' panes with the keyboard."""
        if self.panes.focusable:
            self.panes.focus()
        else:
            self.notify("No agents are at work here. Their panes come with a Contemplating answer.", timeout=4)
