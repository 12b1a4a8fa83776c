"""What the runs of one program share of tools: words given for a conversation, results to read on in, servers."""

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from anyio import to_thread
from anyio.abc import TaskGroup

from chatmodes.settings import Server, Settings
from chatmodes.tools import registry
from chatmodes.tools.approval import Grant, approval_of
from chatmodes.tools.base import Tool
from chatmodes.tools.offers import Offer, offer_of
from chatmodes.tools.results import Kept, Library, Prepare
from chatmodes.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from chatmodes.tools.servers import Owner


class Workshop:
    """Makes each run its toolbox."""

    def __init__(
        self, tasks: TaskGroup | None = None, extra: Sequence[Offer] = (), picture: Prepare | None = None
    ) -> None:
        """`tasks` is what servers live in; without it there are none. `picture` makes pictures ready that tools bring;
        without it they are named."""
        self._tasks = tasks
        self._owners: dict[str, Owner] = {}
        self._picture = picture
        self._extra = tuple(extra)
        """Offered to every run, whatever the settings name."""
        self._grants: defaultdict[str, list[Grant]] = defaultdict(list)
        self._always: list[Grant] = []
        self._kept: defaultdict[str, Kept] = defaultdict(Kept)

    async def toolbox(
        self,
        settings: Settings,
        conversation: str = "",
        library: Library | None = None,
        own: Sequence[Tool] = (),
    ) -> Toolbox:
        """The tools that these settings offer, and before them the program's `own`. `conversation` is what words are
        kept for; empty keeps them for the run alone. `library` keeps whole results. Raises `ConfigError` for a tool
        that there is not, and for what is no rule."""
        names, servers = registry.wanted(settings)
        offers = await to_thread.run_sync(lambda: [registry.get(name) for name in names])
        owners = [self._owner(name, settings.mcp[name]) for name in servers]
        grants = self._grants[conversation] if conversation else list[Grant]()
        approval = await to_thread.run_sync(approval_of, settings, grants, self._always)
        kept = self._kept[conversation] if conversation else Kept()
        for owner in owners:
            await owner.settled.wait()  # its start has a limit, and all of them start at the same time
        offers += [offer for owner in owners for offer in owner.offers]
        notes = [f"No tools of {owner.name}: {owner.problem}" for owner in owners if owner.state == "failed"]
        handed = [offer_of(tool, foreign=False) for tool in own]
        return Toolbox(
            (*self._extra, *handed, *offers),
            approval,
            kept,
            seconds=settings.tools.timeout,
            notes=notes,
            library=library,
            picture=self._picture,
        )

    def revoke(self, rule: str) -> None:
        """Forget the words that were given as this rule, in all conversations. What the settings say is theirs."""
        for grants in (self._always, *self._grants.values()):
            grants[:] = [grant for grant in grants if str(grant.rule) != rule]

    def connect(self, settings: Settings) -> None:
        """Start the servers that these settings offer, and wait for none. Raises `ConfigError` as `toolbox`."""
        for name in registry.wanted(settings)[1]:
            self._owner(name, settings.mcp[name])

    def server(self, name: str) -> "Owner | None":
        """A server that was started, in whatever state; None where it was not."""
        return self._owners.get(name)

    def _owner(self, name: str, server: Server) -> "Owner":
        """The server's owner, started when it is first wanted, and anew where its settings have changed."""
        from chatmodes.tools.servers import Owner

        owner = self._owners.get(name)
        if owner is not None and owner.server != server:
            owner.end()
            owner = None
        if owner is None:
            owner = self._owners[name] = Owner(name, server)
            assert self._tasks is not None
            self._tasks.start_soon(owner.live)
        return owner
