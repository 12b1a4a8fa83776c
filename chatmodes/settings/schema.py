"""What can be set: one typed section for each table of `config/settings.toml`, with the bounds of its numbers.

Beyond those bounds a run failed long after, in words about something else. What a setting means to a person stands in
`catalogue.py`, which nothing needs on the way to an answer.
"""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

Reconcile = Literal["auto", "vote", "select", "synthesize"]
Spend = Literal["time", "tokens"]

SEARCH = "search"
"""The name in `tools.use` that stands for the provider's own search of the web."""

AtLeastOne = Annotated[int, Meta(ge=1)]
NotNegative = Annotated[int, Meta(ge=0)]
Seconds = Annotated[float, Meta(ge=0)]
Dollars = Annotated[float, Meta(ge=0)]
Temperature = Annotated[float, Meta(ge=0, le=2)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Sampling(_Section, frozen=True, kw_only=True):
    """How the models are asked, in every mode: for all conversations, for one, or for a single prompt."""

    temperature: Temperature | None = None
    """None leaves it to the model's profile."""
    max_tokens: NotNegative = 0
    """The most that an answer or a draft may have; 0 takes the mode's own."""
    effort: str = ""
    """How hard a model that reasons should; empty takes the mode's own, then the profile's."""
    stop: tuple[str, ...] = ()
    """Texts at which the model stops."""


class Instant(_Section, frozen=True, kw_only=True):
    """How Instant answers. An empty model is the chat's, here and in the sections of the other modes."""

    model: str = ""
    max_tokens: AtLeastOne = 8192


class Thinking(_Section, frozen=True, kw_only=True):
    """How Thinking answers."""

    model: str = ""
    effort: str = ""
    max_tokens: AtLeastOne = 16384


class Member(_Section, frozen=True, kw_only=True):
    """A model of a panel, with what its drafts are asked for where that differs from its profile."""

    model: str
    temperature: Temperature | None = None
    effort: str = ""


class Contemplating(_Section, frozen=True, kw_only=True):
    """How many agents draft, with which models, and how one answer is made of their drafts."""

    agents: Annotated[int, Meta(ge=1, le=64)] = 5
    panel: tuple[str | Member, ...] = ()
    reconciler: str = ""
    quorum: NotNegative = 0
    reconcile: Reconcile = "auto"
    rounds: Annotated[int, Meta(ge=1, le=10)] = 1
    """A round is a request an agent: without a bound one prompt would be thousands."""
    grace: Seconds = 30.0
    max_tokens: AtLeastOne = 8192
    spend: Spend = "time"
    weigh: bool = True
    early_stop: bool = True


class Auto(_Section, frozen=True, kw_only=True):
    """How Auto chooses a mode."""

    classifier: str = ""
    cascade: bool = False


class Timeouts(_Section, frozen=True, kw_only=True):
    """Seconds; 0 means no limit."""

    connect: Seconds = 10.0
    first_token: Seconds = 120.0
    idle: Seconds = 60.0
    run: Seconds = 300.0


class Local(_Section, frozen=True, kw_only=True):
    """How the embedded model is run; 0 leaves a number to the machine and the model."""

    gguf: str = ""
    context: NotNegative = 0
    slots: AtLeastOne = 5
    threads: NotNegative = 0


class Compare(_Section, frozen=True, kw_only=True):
    """What a comparison runs where nothing else is named."""

    modes: tuple[str, ...] = ("instant", "thinking", "contemplating")
    cost_limit: Dollars = 0.10


class Store(_Section, frozen=True, kw_only=True):
    """What is kept on the disk."""

    private: bool = False
    titles: bool = True


class Tools(_Section, frozen=True, kw_only=True):
    """Which tools models are offered, and what these may do."""

    use: tuple[str, ...] = ()
    """Tools that every run is offered: a built-in one or a package's by name, `mcp:SERVER`, `search`, or `all`."""
    allow: tuple[str, ...] = ()
    """Rules, `TOOL` or `TOOL:PATTERN`, of what runs without being asked about."""
    deny: tuple[str, ...] = ()
    """Rules of what never runs; they win."""
    rounds: Annotated[int, Meta(ge=1, le=100)] = 10
    timeout: Annotated[float, Meta(gt=0)] = 60.0


class Server(_Section, frozen=True, kw_only=True):
    """A server of tools: a command that is started, or an address."""

    command: str = ""
    args: tuple[str, ...] = ()
    env: dict[str, str] = {}
    """What its environment has besides the harmless part of the user's own."""
    url: str = ""
    headers: dict[str, str] = {}
    """What goes with each request to the address, such as Authorization; nowhere else."""


class Tui(_Section, frozen=True, kw_only=True):
    """How the terminal chat looks and behaves."""

    theme: str = "chatmodes"
    sidebar: bool = True
    reduced_motion: bool = False
    bell: bool = True
    notify_after: Seconds = 10.0
    vim: bool = False


class Settings(_Section, frozen=True, kw_only=True):
    """Everything a user can set, with the defaults of `config/settings.toml`."""

    mode: str = "instant"
    """A mode's name; whether there is one is known when it is used (`modes.base`)."""
    model: str = ""
    system: str = ""
    cost_limit: Dollars = 5.0
    """A single prompt that may cost more is asked about first."""
    sampling: Sampling = Sampling()
    instant: Instant = Instant()
    thinking: Thinking = Thinking()
    contemplating: Contemplating = Contemplating()
    auto: Auto = Auto()
    timeouts: Timeouts = Timeouts()
    local: Local = Local()
    compare: Compare = Compare()
    store: Store = Store()
    tools: Tools = Tools()
    mcp: dict[str, Server] = {}
    """Servers of tools, `[mcp.NAME]`."""
    tui: Tui = Tui()
    keys: dict[str, str] = {}
    modes: dict[str, dict[str, Any]] = {}
    """The sections of modes that come with other packages, `[modes.NAME]`; each mode checks its own."""

    def member(self, model: str | Member) -> Member:
        """An entry of a panel, asked as `sampling` says where it says nothing itself."""
        own = Member(model=model) if isinstance(model, str) else model
        temperature = self.sampling.temperature if own.temperature is None else own.temperature
        return msgspec.structs.replace(own, temperature=temperature, effort=own.effort or self.sampling.effort)

    def in_effect(self) -> "Settings":
        """The settings as a run reads them: what `sampling` says takes the place of each mode's own."""
        replace, asked = msgspec.structs.replace, self.sampling
        caps: dict[str, Any] = {"max_tokens": asked.max_tokens} if asked.max_tokens else {}
        effort: dict[str, Any] = {"effort": asked.effort} if asked.effort else {}
        return replace(
            self,
            instant=replace(self.instant, **caps),
            thinking=replace(self.thinking, **caps, **effort),
            contemplating=replace(self.contemplating, **caps),
        )

    def model_for(self, mode: str) -> str:
        """The model a mode answers with: its own, else the general one; empty when neither is set."""
        section = {"instant": self.instant, "thinking": self.thinking}.get(mode)
        own = section.model if section else self.modes.get(mode, {}).get("model")
        return own if own and isinstance(own, str) else self.model
