"""The arms of an evaluation: a mode with its settings, under a name."""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from chatmodes.evaluating.journal import FORM
from chatmodes.modes import base, prompts
from chatmodes.settings import ConfigError, Settings, shipped

_THINKING = ("think", "answer")
_CONTEMPLATING = ("draft", "hints", "round", "distil", "reconcile", "select")
_PROMPTS = {
    "thinking": _THINKING,
    "contemplating": _CONTEMPLATING,
    "auto": ("classify", *_THINKING, *_CONTEMPLATING),
}
"""The prompts that answers of each mode come from. Instant has none, and those of other packages are not known."""
_GRADING = ("grade",)


@dataclass(frozen=True, eq=False)
class Arm:
    """One way of answering all items. Equal only to itself: it names its results."""

    name: str
    mode: str
    model: str
    settings: Settings

    def fingerprint(self, endpoint: str = "", grader: str = "") -> str:
        """Changes with what could change an answer or its grade: an old result is then no result of this arm.

        Timeouts are left out: they only make answers fail, and those are asked for again anyway.
        """
        sections = base.SHIPPED if self.mode == "auto" else (self.mode,)
        material = [
            *(part.encode() for part in (FORM, self.mode, self.model, self.settings.system, endpoint, grader)),
            *(msgspec.json.encode(_section(self.settings, section)) for section in sections),
            *(prompts.load(name).text.encode() for name in _PROMPTS.get(self.mode, ())),
            *(prompts.load(name).text.encode() for name in (_GRADING if grader else ())),
        ]
        return hashlib.sha256(b"\0".join(material)).hexdigest()[:16]


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
        for prompt in map(prompts.load, sorted({*_PROMPTS["auto"], *_GRADING}))
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
        return Arm(name, "instant", model_for("instant"), msgspec.structs.replace(settings, system=system))
    if majority := re.fullmatch(r"maj@(\d+)", name):
        return majority_of(int(majority[1]), settings, model_for("contemplating"))
    raise ConfigError(f"There is no mode {name!r}.", f"There are {', '.join(base.names())}, answer-only and maj@N.")


def majority_of(k: int, settings: Settings, model: str) -> Arm:
    """The plain vote of k drafts, heads counted: no early stop, no reconciling call."""
    if not 1 <= k <= 64:
        raise ConfigError(f"maj@{k} is not possible: a vote has from 1 to 64 drafts.")
    contemplating = msgspec.structs.replace(
        settings.contemplating,
        agents=k,
        quorum=k,
        reconcile="vote",
        rounds=1,
        spend="time",
        weigh=False,
        early_stop=False,
    )
    return Arm(f"maj@{k}", "contemplating", model, msgspec.structs.replace(settings, contemplating=contemplating))
