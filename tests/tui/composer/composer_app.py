"""The composer on a screen of its own, for a real terminal: `python -m tests.tui.composer.composer_app FILE`.

Each message goes to FILE as a line of JSON; the last line of the screen counts seconds, to see that the loop goes on.
"""

import json
import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Static

from chatmodes.tui.composer.composer import Composer


class ComposerApp(App[None]):
    CSS = "Static { height: 1fr; }"

    def __init__(self, out: Path) -> None:
        super().__init__()
        self.out = out

    def compose(self) -> ComposeResult:
        yield Static("ready")
        yield Composer(commands=[("new", "A new conversation"), ("model", "Choose the model")])

    def on_mount(self) -> None:
        self.query_one(Composer).focus()
        self.set_interval(0.05, lambda: self.tell("tick", ""))

    def on_composer_submitted(self, message: Composer.Submitted) -> None:
        self.tell("sent", message.text)

    def on_composer_notice(self, message: Composer.Notice) -> None:
        self.tell("notice", message.text)

    def on_composer_changed(self) -> None:
        self.tell("text", self.query_one(Composer).text)

    def tell(self, kind: str, text: str) -> None:
        with self.out.open("a") as file:
            file.write(json.dumps([kind, text]) + "\n")


if __name__ == "__main__":
    ComposerApp(Path(sys.argv[1])).run()
