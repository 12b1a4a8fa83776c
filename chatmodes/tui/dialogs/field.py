"""The line one types into in a dialog, where Enter comes in its turn, and what is typed behind it is not the dialog's.

Textual runs the binding of Enter from the app's queue. On a busy machine the keys behind it are handled first: they
went into the answer, or changed the list under the row that was picked.
"""

from collections.abc import Callable

from textual import events
from textual.widgets import Input


class Field(Input):
    """Tells its dialog of Enter at once. Keys that come once the dialog is left go to what lies below it."""

    def __init__(
        self,
        value: str = "",
        *,
        entered: Callable[[str], None],
        placeholder: str = "",
        password: bool = False,
        select_on_focus: bool = False,
        compact: bool = True,
        id: str | None = None,
    ) -> None:
        super().__init__(
            value, placeholder=placeholder, password=password, select_on_focus=select_on_focus, compact=compact, id=id
        )
        self._entered = entered

    def on_key(self, event: events.Key) -> None:
        left = self.screen not in self.app.screen_stack
        if left or event.key == "enter":
            event.stop()
            event.prevent_default()
        if left:
            again = events.Key(event.key, event.character)
            again.time = event.time
            self.app.post_message(again)
        elif event.key == "enter":
            self._entered(self.value)
