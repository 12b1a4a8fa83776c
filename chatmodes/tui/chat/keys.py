"""The chat's keys: one table, which the help screen shows and the settings rebind."""

from textual.binding import Binding, BindingType

from chatmodes.tui.host import keymap

BINDINGS: list[BindingType] = [
    Binding("escape", "stop", "Stop everything under way", id="stop"),
    Binding("ctrl+n", "slash('new')", "New conversation", id="new", priority=True),
    Binding("ctrl+b", "sidebar", "Conversations", id="conversations", priority=True),
    Binding("ctrl+t", "next_mode", "Next mode", id="mode", priority=True),
    Binding("f2", "slash('model')", "Choose a model", id="model", priority=True),
    Binding("f3", "slash('history')", "Search all conversations", id="history", priority=True),
    Binding("f4", "slash('settings')", "Settings", id="settings", priority=True),
    Binding("ctrl+f", "slash('find')", "Find in this conversation", id="find", priority=True),
    Binding("ctrl+r", "message('regenerate')", "Answer again", id="regenerate", priority=True),
    Binding("alt+r", "message('other_mode')", "Answer again in the next mode", id="other_mode", priority=True),
    Binding("alt+c", "message('copy')", "Copy the answer", id="copy", priority=True),
    Binding(
        "alt+k",
        "message('copy_code')",
        "Copy the last code block; again: the one before",
        id="copy_code",
        priority=True,
    ),
    Binding("alt+w", "message('save_code')", "Save the code block to a file", id="save_code", priority=True),
    Binding("alt+l", "message('page_code')", "Read the code block in the pager", id="page_code", priority=True),
    Binding("alt+e", "message('edit')", "Edit, as another version", id="edit", priority=True),
    Binding("alt+q", "message('quote')", "Quote into the composer", id="quote", priority=True),
    Binding("alt+s", "slash('compare')", "Compare answers to this prompt", id="compare", priority=True),
    Binding("alt+left", "message('older')", "Version before", id="older", priority=True),
    Binding("alt+right", "message('newer')", "Version after", id="newer", priority=True),
    Binding("alt+d", "message('delete')", "Delete the message", id="delete", priority=True),
    Binding("ctrl+z", "undo", "Take a deletion back", id="undo", priority=True),
    Binding("alt+up", "cursor(-1)", "Message before", id="previous", priority=True),
    Binding("alt+down", "cursor(1)", "Message after", id="next", priority=True),
    Binding("alt+o", "message('details')", "Open or fold what stands behind the answer", id="details", priority=True),
    Binding("alt+p", "look", "Look at the pictures", id="look", priority=True),
    Binding("ctrl+end", "follow", "To the end", id="end", priority=True),
    Binding("f5", "slash('tree')", "Tree of branches", id="tree", priority=True),
    Binding("f6", "agents", "To the agents' panes", id="agents", priority=True),
    Binding("f1", "app.show_help", "Help", id="help", priority=True),
]

keymap.learn("chat", BINDINGS)
