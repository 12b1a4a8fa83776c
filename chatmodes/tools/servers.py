"""Servers of the Model Context Protocol: each kept by one task of its own, and each one's faults its own alone.

The SDK's contexts belong to the task that entered them, so one task enters and leaves, and holds the connection that
calls are made over. A server that hangs, dies or floods breaks nothing but its own tools.
"""

import re
from collections.abc import Sequence
from typing import Literal

import anyio

from chatmodes.messages import Image
from chatmodes.settings import Server
from chatmodes.tools.base import Arguments, Content, Context, ToolError, Touch
from chatmodes.tools.connection import Answered, Connection, Described, FaultError, connected
from chatmodes.tools.offers import Offer, offer_of, tokens_of

START = 10.0
"""Seconds that a server has to start and name its tools."""

_UNSAFE = re.compile(r"[^\w./-]")

State = Literal["starting", "ready", "failed"]


class ServedTool:
    """A tool of a server's."""

    def __init__(self, owner: "Owner", described: Described) -> None:
        # What has a meaning in rules is not a server's to say: a yes to its tool `*` would be one to all of them.
        self.name = f"{owner.name}/{_UNSAFE.sub('_', described.name) or '_'}"
        self.description = described.description
        self.parameters = described.parameters
        # That a tool only reads is the server's word, and lets drafts ask for it; to run it needs the user's.
        self.touches: tuple[Touch, ...] = ("reads", "network") if described.reads else ("acts", "network")
        self._owner, self._described = owner, described

    async def run(self, arguments: Arguments, context: Context) -> str | Content:
        """Make the call. Raises `ToolError` for the server's faults and the tool's own."""
        del context
        answer = await self._owner.call(self._described.name, arguments, offered=self._described)
        if answer.error:
            raise ToolError(answer.text or "The tool failed without a word.")
        pictures = any(isinstance(part, Image) for part in answer.content)
        return answer.content if pictures else answer.text


class Owner:
    """One server from its start to its end; it is started once more where it dies."""

    def __init__(self, name: str, server: Server, *, start: float | None = None) -> None:
        self.name, self.server = name, server
        self.state: State = "starting"
        self.problem = ""
        """Why it failed, a sentence."""
        self.seconds: float | None = None
        """How long the start took."""
        self.offers: Sequence[Offer] = ()
        self.settled = anyio.Event()
        """It is ready, or has failed."""
        self._start = START if start is None else start
        self._connection: Connection | None = None
        self._scope = anyio.CancelScope()

    def end(self) -> None:
        """End the server: its settings are other ones."""
        self._scope.cancel()

    async def live(self) -> None:
        """Start the server and hold it until cancelled, or until it has died twice. Never raises but when cancelled."""
        with self._scope:
            await self._lives()
        self.settled.set()

    async def _lives(self) -> None:
        for _ in range(2):
            try:
                await self._hold()
            except FaultError as fault:
                self.problem = str(fault)
            if self.seconds is None:  # what never started would not do so a second time
                break
            self._lose()
        self.state, self.offers, self._connection = "failed", (), None
        self.problem = self.problem or f"The server {self.name} died, and died again."

    async def _hold(self) -> None:
        began = anyio.current_time()
        async with connected(self.name, self.server, self._start) as connection:
            self._connection = connection
            self._offer(connection.tools)
            self.seconds, self.state, self.problem = anyio.current_time() - began, "ready", ""
            self.settled.set()
            while await connection.changed():
                self._offer(connection.tools)

    def _offer(self, tools: Sequence[Described]) -> None:
        """Offer these to runs that begin from here on; of two with one name in rules the first."""
        made: dict[str, Offer] = {}
        for each in tools:
            offer = offer_of(ServedTool(self, each), foreign=True)
            made.setdefault(offer.name, offer)
        self.offers = tuple(made.values())

    async def call(self, tool: str, arguments: Arguments, *, offered: Described | None = None) -> Answered:
        """Call a tool; a server that is being started again is waited for. Raises `ToolError`, also where the server
        has changed the tool since it was `offered`: what was agreed to was another one."""
        await self.settled.wait()
        connection = self._connection
        if connection is None:
            raise ToolError(self.problem or f"The server {self.name} is not there.")
        if offered is not None and offered not in await connection.current():
            self._offer(connection.tools)
            raise ToolError(
                f"The server {self.name} has changed or withdrawn this tool since it was offered, so it was not run. "
                "As it is, it can be called from the next prompt on."
            )
        try:
            return await connection.call(tool, arguments)
        except FaultError as fault:
            if connection.lost.is_set() and connection is self._connection:
                self._lose()
            raise ToolError(str(fault)) from fault

    @property
    def told(self) -> str:
        """How it stands, in words."""
        if self.state == "failed":
            return self.problem
        if self.state == "starting" or self.seconds is None:
            return "starting"
        count = f"{len(self.offers)} {'tool' if len(self.offers) == 1 else 'tools'}"
        return f"{count}, started in {self.seconds:.1f} s, about {tokens_of(self.offers):,} tokens of each request"

    def _lose(self) -> None:
        """There is no connection any more; who calls waits until it is known what comes of the next start."""
        if self._connection is not None:
            self._connection, self.state, self.settled = None, "starting", anyio.Event()


async def tried(name: str, server: Server) -> Owner:
    """A server that was started to see what it has, and ended again."""
    owner = Owner(name, server)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(owner.live)
        await owner.settled.wait()
        tasks.cancel_scope.cancel()
    return owner
