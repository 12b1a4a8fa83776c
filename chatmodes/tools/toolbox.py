"""One run's tools: read a model's call, decide on it, run it once, and give back what the model reads.

Agents of one run share it. Equal calls of several of them are one call: asked about once, run once, and told to all.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

import anyio
from anyio import to_thread

from chatmodes.messages import Image, ToolCall
from chatmodes.providers.calls import ToolSpec
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, working_folder
from chatmodes.tools.approval import Approval, Decision, Far
from chatmodes.tools.base import Context, ToolError
from chatmodes.tools.offers import Offer, Requested, by_wire, offer_of, requested
from chatmodes.tools.results import Kept, Library, Prepare, ReadResult, capped, marked, pictures_of, prepared, text_of


@dataclass(frozen=True)
class Outcome:
    """What a call came to, as the model reads it."""

    text: str
    error: bool = False
    denied: bool = False
    pictures: tuple[Image, ...] = ()
    """What the model is shown besides, of which the text has a line each."""


class _Shared:
    """A call that several agents wait for."""

    def __init__(self) -> None:
        self.over = anyio.Event()
        self.outcome: Outcome | None = None


class Toolbox:
    """The tools of one run."""

    def __init__(
        self,
        offers: Iterable[Offer],
        approval: Approval,
        kept: Kept,
        *,
        seconds: float,
        notes: Iterable[str] = (),
        library: Library | None = None,
        picture: Prepare | None = None,
    ) -> None:
        self.approval = approval
        self.notes = tuple(notes)
        """What a model and a person are to know of tools that are missing, each a sentence."""
        self._kept, self._library, self._picture = kept, library, picture
        self._seconds = seconds
        self._offers = by_wire((*offers, offer_of(ReadResult(kept, library), foreign=False)))
        self._shared: dict[tuple[str, str, int], _Shared] = {}
        self._made: Counter[tuple[str, str, str]] = Counter()

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """What models are told of; empty where there is nothing but the way to read on in results."""
        return tuple(offer.spec for offer in self._offers.values()) if len(self._offers) > 1 else ()

    def shown_name(self, wire: str) -> str:
        """A name on the wire as people read it, also of a tool that there is not."""
        offer = self._offers.get(wire)
        return offer.name if offer else one_line(wire, 64) or "?"

    def acts(self, wire: str) -> bool:
        """Whether a tool may change something, by its name on the wire."""
        offer = self._offers.get(wire)
        return offer is not None and "acts" in offer.touches

    def read(self, call: ToolCall) -> Requested:
        """A model's call, read. Raises `ToolError`, which the model reads."""
        return requested(self._offers, call)

    def decide(self, call: Requested) -> Decision | None:
        """Whether a call may run; None where the user is to be asked."""
        return self.approval.decide(call)

    def grant(self, call: Requested, far: Far) -> None:
        """Let the user's word hold as far as it goes, in this program."""
        self.approval.grant(call, far)

    async def keep(self, call: Requested) -> str:
        """Write the user's word down, for always. Returns what went wrong with it, a sentence or nothing."""
        try:
            await to_thread.run_sync(self.approval.keep, call)
        except ConfigError as error:
            return f"{error} {error.hint}".strip()
        return ""

    async def once(self, agent: str, call: Requested, work: Callable[[], Awaitable[Outcome]]) -> Outcome:
        """What `work` brings, which is done once for equal calls of several agents; the others wait and get the same.

        An agent that repeats its own call wants it done again: its nth is shared with the others' nth.
        """
        tool, arguments = call.key
        self._made[agent, tool, arguments] += 1
        key = (tool, arguments, self._made[agent, tool, arguments])
        while True:
            shared = self._shared.get(key)
            if shared is None:
                shared = self._shared[key] = _Shared()
                try:
                    shared.outcome = await work()
                    return shared.outcome
                finally:
                    if shared.outcome is None:  # cancelled with its agent; another may still want it
                        del self._shared[key]
                    shared.over.set()
            await shared.over.wait()
            if shared.outcome is not None:
                return shared.outcome

    async def run(self, call: Requested) -> Outcome:
        """Make the call within its time. Never raises but when cancelled: what goes wrong is what the model reads."""
        offer = call.offer
        try:
            if offer.digest:
                await to_thread.run_sync(self.approval.pin, call)
            with anyio.move_on_after(self._seconds):
                found = await offer.tool.run(call.arguments, Context(working_folder(), self._seconds))
                found = await prepared(found, self._picture)
                outcome = await self._outcome(text_of(found) or "(no output)", offer)
                return replace(outcome, pictures=pictures_of(found))
            failed = f"{offer.name} took longer than {self._seconds:g} s and was stopped."
        except (ToolError, ConfigError) as error:
            failed = str(error)
        except Exception as error:  # noqa: BLE001 - a stranger's tool; its mistake is told and costs the run nothing else
            failed = f"{offer.name} failed: {type(error).__name__}: {error}"
        return await self._outcome(failed, offer, error=True)

    async def _outcome(self, text: str, offer: Offer, *, error: bool = False) -> Outcome:
        if isinstance(offer.tool, ReadResult):  # a page of a result, with its marks around it
            return Outcome(text, error)
        text = text_of(text)
        short = capped(text, self._kept)
        if short != text and self._library is not None:
            await self._library.keep(f"whole result of {offer.name}", text)
        return Outcome(marked(short, offer.name, offer.touches), error)
