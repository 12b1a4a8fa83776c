"""What the runs of one program share of tools: words given for a conversation, results to read on in, servers."""

from collections import defaultdict
from collections.abc import Sequence

from anyio import to_thread

from chatmodes.settings import Settings
from chatmodes.tools import registry
from chatmodes.tools.approval import Grant, approval_of
from chatmodes.tools.offers import Offer
from chatmodes.tools.results import Kept
from chatmodes.tools.toolbox import Toolbox


class Workshop:
    """Makes each run its toolbox."""

    def __init__(self, extra: Sequence[Offer] = ()) -> None:
        self._extra = tuple(extra)
        """Offered to every run, whatever the settings name."""
        self._grants: defaultdict[str, list[Grant]] = defaultdict(list)
        self._kept: defaultdict[str, Kept] = defaultdict(Kept)

    async def toolbox(self, settings: Settings, conversation: str = "") -> Toolbox:
        """The tools that these settings offer. `conversation` is what words are kept for; empty keeps them for the run
        alone. Raises `ConfigError` for a tool that there is not, and for what is no rule."""
        names, _ = registry.wanted(settings)
        offers = await to_thread.run_sync(lambda: [registry.get(name) for name in names])
        grants = self._grants[conversation] if conversation else list[Grant]()
        approval = await to_thread.run_sync(approval_of, settings, grants)
        kept = self._kept[conversation] if conversation else Kept()
        return Toolbox((*self._extra, *offers), approval, kept, seconds=settings.tools.timeout)
