"""The application as its screens know it: colours, the terminal's title and bell, and a crash that tells no secrets.

Apart from `app`, which puts the chat on it: a screen that knew the whole program would tie every room to every other.
What a screen wants of the program as a whole it asks by an action's name, `app.show_help` or `app.quit`.
"""

import asyncio
from typing import TYPE_CHECKING

from textual.app import App

from chatmodes.settings import Settings
from chatmodes.tui.host import keymap, themes
from chatmodes.tui.host.notifications import Notifier

if TYPE_CHECKING:  # no run is in the first frame
    from collections.abc import Callable

    from chatmodes.folding import RunView


class TerminalApp(App[None]):
    """A Textual application in this program's colours."""

    def __init__(self, settings: Settings, theme: str) -> None:
        super().__init__(ansi_color=themes.ansi_color())
        for one in themes.THEMES:
            self.register_theme(one)
        keymap.use(settings.keys)  # the first frame names keys before all of them are known
        self.problems: list[str] = []
        """What does not work as it should, in sentences: said once the screen can say it."""
        wanted = themes.chosen(theme)
        if wanted not in self.available_themes:
            wanted = themes.chosen("")
            self.problems.append(f"There is no theme {theme!r}; see /theme.")
        self.theme = self._first_colours = wanted
        self.stylesheet.set_variables(self.get_css_variables())
        if settings.tui.reduced_motion:
            self.animation_level = "none"
        self.notifier = Notifier(self.write_to_terminal, bell=settings.tui.bell, after=settings.tui.notify_after)

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew, but for the colours that the first frame is styled with anyway.

        Textual reads all styles again after any change of theme, the one before the first frame too: 30 ms of it.
        """
        first, self._first_colours = self._first_colours, ""
        if self.theme != first:
            super().refresh_css(animate)

    def announce_start(self, prompt: str) -> None:
        """The terminal's title says what is being answered."""
        self.notifier.run_started(prompt)

    def announce_end(self, view: "RunView", seconds: float) -> None:
        """The terminal's title says how a run ended; bell and notification where it took long and nobody looked."""
        outcome = "finished" if view.status == "running" else view.status
        self.notifier.run_ended(outcome, seconds=seconds, summary=view.prompt)

    def on_app_focus(self) -> None:
        """Somebody looks."""
        self.notifier.focused = True

    def on_app_blur(self) -> None:
        """Nobody looks, as far as the terminal tells."""
        self.notifier.focused = False

    async def lend(self, work: "Callable[[], None]") -> None:
        """Give the terminal to another program, which `work` waits for in a thread; what it raises is raised here.

        A run under way goes on meanwhile, so the loop must; the batch keeps every paint from what is not ours. Raises
        `SuspendNotSupported` where there is no terminal to give.
        """
        failed: Exception | None = None
        with self.batch_update(), self.suspend():
            try:
                await asyncio.to_thread(work)
            except Exception as error:  # noqa: BLE001 - inside, it would keep `suspend` from taking the terminal back
                failed = error
        self.refresh(layout=True)
        if failed is not None:
            raise failed

    def write_to_terminal(self, sequence: str) -> None:
        """A control sequence of our own, past the screen. Nothing where there is no terminal."""
        driver = getattr(self, "_driver", None)  # Textual has no public way to it
        if driver is not None:
            driver.write(sequence)
            driver.flush()

    def _fatal_error(self) -> None:
        """A crash prints where it happened and no local variables: they hold keys and conversations."""
        from rich.segment import Segments
        from rich.traceback import Traceback

        self.bell()
        traceback = Traceback(show_locals=False, width=None, suppress=[])
        self._exit_renderables.append(Segments(self.console.render(traceback, self.console.options)))
        self._close_messages_no_wait()
