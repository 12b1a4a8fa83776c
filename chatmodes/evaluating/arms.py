"""The arms of an evaluation: a mode with its settings, under a name."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec
from msgspec.structs import replace

from chatmodes.evaluating.journal import FORM
from chatmodes.modes import base, prompts
from chatmodes.providers.local.weights import installed
from chatmodes.settings import ConfigError, Settings, home, read_toml, shipped
from chatmodes.version import __version__

_THINKING = ("think", "answer")
_CONTEMPLATING = ("draft", "hints", "round", "distil", "reconcile", "select")
_PROMPTS = {
    "thinking": _THINKING,
    "contemplating": _CONTEMPLATING,
    "auto": ("classify", *_THINKING, *_CONTEMPLATING),
}
"""The prompts that answers of each mode come from. Instant has none, and those of other packages are not known."""
_OTHERS = ("answer-only", "choose", "grade", "grade-answer")
"""What the arm of that name and multiple choice are asked by, and the grader."""
MATCHED = "maj@k"
"""The arm that votes with as many drafts as Contemplating's tokens pay for."""


@dataclass(frozen=True, eq=False)
class Arm:
    """One way of answering all items. Equal only to itself: it names its results."""

    name: str
    mode: str
    model: str
    settings: Settings

    def fingerprint(self, endpoint: str = "") -> str:
        """Changes with what could change an answer: an old one is then no answer of this arm.

        What the user's providers.toml says of the providers called is in it, the model files, and the program's
        version; how the models are asked (`sampling`), and the tools that they may call. Timeouts are left out: they
        only make answers fail, and those are asked for again anyway. So is the grader, which reads what is kept.
        """
        sections = base.SHIPPED if self.mode == "auto" else (self.mode,)
        # What `sampling` says takes the place of what a mode's own section does, which then changes nothing.
        settings = self.settings.in_effect()
        material = [
            *(part.encode() for part in (FORM, self.mode, self.model, settings.system, endpoint, __version__)),
            msgspec.json.encode(self._providers(), order="sorted"),
            msgspec.json.encode(self._weights()),
            msgspec.json.encode(settings.sampling),
            msgspec.json.encode(self._tools(), order="sorted"),
            *(msgspec.json.encode(_section(settings, section)) for section in sections),
            *(prompts.load(name).text.encode() for name in _PROMPTS.get(self.mode, ())),
        ]
        return hashlib.sha256(b"\0".join(material)).hexdigest()[:16]

    def _tools(self) -> list[object]:
        """What is offered, what may run of it, and the servers that it comes from; nothing where nothing is offered."""
        tools = self.settings.tools
        if not tools.use:
            return []
        everything = "all" in tools.use
        return [tools, {name: at for name, at in self.settings.mcp.items() if everything or f"mcp:{name}" in tools.use}]

    def _providers(self) -> dict[str, object]:
        """What the user has set of the providers that this arm calls."""
        models = base.get(self.mode).models(self.settings, self.model, None)
        own = home("config") / "providers.toml"
        if not own.is_file():
            return {}
        called = {model.partition("/")[0] for model in models}
        return {name: said for name, said in read_toml(own).items() if name in called}

    def _weights(self) -> list[tuple[str, int, int]]:
        """The model files on this machine that this arm calls: their names, sizes and times."""
        models = base.get(self.mode).models(self.settings, self.model, None)
        if not any(model.startswith("local/") for model in models):
            return []
        here = [found for found in installed(self.settings.local) if f"local/{found.name}" in models]
        stats = [(found.name, found.path.stat()) for found in here if found.path.is_file()]
        return [(name, stat.st_size, stat.st_mtime_ns) for name, stat in stats]


def _section(settings: Settings, mode: str) -> object:
    return getattr(settings, mode) if mode in base.SHIPPED else settings.modes.get(mode, {})


class PromptUsed(msgspec.Struct, frozen=True):
    """A prompt of the modes or of the grader as it will be sent: what explains a result beside the model."""

    name: str
    version: str
    """As its file says; empty where that says none."""
    own: bool
    """The user's own file stands in for the shipped one."""
    digest: str
    """Of its text, since an own file may change under one version."""


def prompts_used() -> list[PromptUsed]:
    """All prompts that an evaluation may use. Raises `ConfigError` for one that cannot serve."""
    return [
        PromptUsed(
            prompt.name,
            prompt.version,
            prompt.path.parent != shipped("prompts"),
            hashlib.sha256(prompt.text.encode()).hexdigest()[:16],
        )
        for prompt in map(prompts.load, sorted({*_PROMPTS["auto"], *_OTHERS}))
    ]


def arm_named(name: str, settings: Settings, model_for: Callable[[str], str]) -> Arm:
    """An arm by its name: a mode, `answer-only`, or `maj@N` (N sampled chains, counted). Raises `ConfigError`.

    `model_for` tells which model a mode answers with.
    """
    if base.exists(name):
        base.check(settings, name)
        return Arm(name, name, model_for(name), settings)
    if name == "answer-only":
        system = "\n\n".join(part for part in (settings.system, prompts.fill("answer-only")) if part)
        return Arm(name, "instant", model_for("instant"), replace(settings, system=system))
    if majority := re.fullmatch(r"maj@(\d+)", name):
        return majority_of(int(majority[1]), settings, model_for("contemplating"))
    raise ConfigError(f"There is no mode {name!r}.", f"There are {', '.join(base.names())}, answer-only and maj@N.")


def majority_of(k: int, settings: Settings, model: str) -> Arm:
    """The plain vote of k drafts, heads counted: no early stop, no reconciling call."""
    if not 1 <= k <= 64:
        raise ConfigError(f"maj@{k} is not possible: a vote has from 1 to 64 drafts.")
    contemplating = replace(
        settings.contemplating,
        agents=k,
        quorum=k,
        reconcile="vote",
        rounds=1,
        spend="time",
        weigh=False,
        early_stop=False,
    )
    return Arm(f"maj@{k}", "contemplating", model, replace(settings, contemplating=contemplating))
