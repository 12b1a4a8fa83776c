"""What the parts of the chat need of the screen they are on, one small protocol a need.

The screen knows its controllers; were they to know the screen, none could be read, tested or moved without all. So each
is given widgets that lie below it, the controllers it builds on, and of the screen no more than is named here.
"""

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from textual.screen import ModalScreen

if TYPE_CHECKING:  # no run is in the first frame
    from chatmodes.folding import RunView

T = TypeVar("T")
Severity = Literal["notice", "warning", "error"]


class Notices(Protocol):
    """Somewhere to say a sentence."""

    def tell(self, text: str, severity: Severity = "notice") -> None:
        """Show a short message over the chat, 600 characters at most."""
        ...


class Tasks(Protocol):
    """Something that runs what may wait, and ends it with the screen."""

    def do(self, work: Coroutine[Any, Any, object], *, group: str = "do") -> None:
        """Start something; a store that fails becomes a notice."""
        ...

    def do_latest(self, work: Callable[[], Coroutine[Any, Any, object]], *, group: str) -> None:
        """Start something in place of what is under way in its group."""
        ...

    def call_later(self, callback: Callable[..., Any], *args: Any) -> bool:
        """Call from the screen's own task, behind what it is at."""
        ...


class Dialogs(Protocol):
    """Someone to ask the user by."""

    async def ask(self, dialog: ModalScreen[T]) -> T | None:
        """Show a dialog and wait for what it gives; None where it was given up."""
        ...


class Frames(Protocol):
    """The clock that draws what streams."""

    def frames_wanted(self) -> None:
        """Something is under way: draw frames until nothing is."""
        ...


class Terminal(Protocol):
    """The terminal around the screen."""

    def announce_start(self, prompt: str) -> None:
        """Say in the terminal's title what is being answered."""
        ...

    def announce_end(self, view: "RunView", seconds: float) -> None:
        """Say that a run has ended, by bell and notification too where it took long and nobody looks."""
        ...

    def open_url(self, url: str) -> None:
        """Open a link in the user's browser."""
        ...

    async def lend(self, work: Callable[[], None]) -> None:
        """Give the terminal to another program, which `work` waits for in a thread; what it raises is raised here.

        Raises `SuspendNotSupported` where there is no terminal to give.
        """
        ...

    def write_to_terminal(self, sequence: str) -> None:
        """Send a control sequence of our own."""
        ...


class Notifying(Notices, Tasks, Dialogs, Protocol):
    """What most controllers need: to say, to start and to ask something."""


class Program(Protocol):
    """The program as a whole, by the names of its actions: `app.show_help`, `app.quit`."""

    async def run_action(self, action: str) -> bool:
        """Run an action; whether there was one to run."""
        ...
