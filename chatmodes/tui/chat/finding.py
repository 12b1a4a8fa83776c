"""Finding and taking along: search here and everywhere, copies, links, exports."""

from typing import TYPE_CHECKING

from chatmodes.sanitize import one_line

if TYPE_CHECKING:
    from pathlib import Path

    from chatmodes.messages import Text
    from chatmodes.store import Store
    from chatmodes.tui.chat.screen import ChatScreen


class Finding:
    """What leads from a chat screen to other text, and from text to elsewhere."""

    def __init__(self, screen: "ChatScreen") -> None:
        self._screen = screen

    async def history(self, query: str) -> None:
        """Search all conversations and go to the message that is picked."""
        from chatmodes.tui.dialogs.history import HistorySearch

        engine = self._screen.engine
        await engine.settled.wait()
        if engine.state != "ready":
            self._screen.tell(f"{engine.problem} {engine.hint}", "error")
            return
        picked = await self._screen.app.push_screen_wait(HistorySearch(engine.store, query))
        if picked is not None:
            conversation, _, message = picked.partition(":")
            await self._screen.conversing.open(conversation, message=message or None)

    def copy(self, text: str, what: str = "") -> None:
        """To the clipboard by every way there is; says "copied" only where something took it, then `what` it was."""
        self._screen.do(self._copy(text, what))

    async def _copy(self, text: str, what: str) -> None:
        from chatmodes.tui.host.clipboard import copy

        copied = await copy(text, self._screen.app.write_to_terminal)
        self._screen.tell(
            f"{copied.message} {what}".rstrip(), "notice" if copied.confirmed or copied.sent else "warning"
        )

    async def open_link(self, url: str) -> None:
        """Ask before a model's link is opened; only http and https are."""
        from chatmodes.tui.dialogs.confirm import Confirm

        if not url.lower().startswith(("http://", "https://")):
            self._screen.tell(f"Only http and https links are opened, not {one_line(url, 80)}.", "warning")
        elif await self._screen.app.push_screen_wait(Confirm("Open this link?", one_line(url, 2000), "Open")):
            self._screen.app.open_url(url)

    async def attach(self, text: str, mentions: tuple[str, ...]) -> "tuple[Text, ...]":
        """The files that a prompt mentions, to be sent with it; what was not attached is said."""
        from functools import partial

        from chatmodes.tui.composer.mentions import expand_mentions

        expanded = await self._screen.read(partial(expand_mentions, text, mentions=mentions))
        for refusal in expanded.refused:
            self._screen.tell(refusal, "warning")
        return expanded.files

    async def compare(self, prompt: str, *, blind: bool = False) -> None:
        """A prompt through several modes and models, side by side; without one the chosen prompt, or the last."""
        from chatmodes.tui.compare.opening import compare_message, open_comparison

        if prompt:
            await open_comparison(self._screen, prompt, blind=blind)
        elif (asked := self._screen.messages.chosen("user")) is not None:
            await compare_message(self._screen, asked.id, blind=blind)
        else:
            self._screen.tell(f"Type the prompt behind it: /{'blind' if blind else 'compare'} PROMPT")

    async def leaderboard(self, topic: str) -> None:
        """Who won the comparisons, in all conversations or on one topic."""
        from chatmodes.tui.dialogs.leaderboard import LeaderboardScreen

        await self._screen.engine.settled.wait()
        if self._screen.engine.state == "ready":
            self._screen.app.push_screen(LeaderboardScreen(self._screen.engine.store, topic))
        else:
            self._screen.tell(f"{self._screen.engine.problem} {self._screen.engine.hint}", "error")

    async def export(self, text: str) -> None:
        """Write the open conversation to a file."""
        conversation = self._screen.session.conversation
        if conversation is None:
            self._screen.tell("There is no conversation to export yet.")
            return
        form, _, name = text.partition(" ")
        if form not in ("md", "json", "html"):
            form, name = "md", text
        path = _named(name.strip() or f"chatmodes-{conversation}.{form}")
        try:
            await self._screen.read(_write, self._screen.engine.store, conversation, form, path)
        except FileExistsError:
            self._screen.tell(f"{path} exists. Name another file: /export {form} FILE", "warning")
        except OSError as error:
            self._screen.tell(f"{path} cannot be written: {error.strerror}.", "error")
        else:
            self._screen.tell(f"Written to {path}.")


def _named(name: str) -> "Path":
    from pathlib import Path

    return Path(name).expanduser()


def _write(store: "Store", conversation: str, form: str, path: "Path") -> None:
    """Write an export to a new file. Blocks: call it in a thread."""
    from chatmodes import exporting
    from chatmodes.store.archive import dump
    from chatmodes.store.importing import to_json

    found = store.conversation(conversation)
    assert found is not None, "the open conversation"
    if form == "json":
        text = to_json((dump(store, conversation),)).decode()
    else:
        text = exporting.markdown(store, found) if form == "md" else exporting.page(store, found)
    exporting.save(path, text)
