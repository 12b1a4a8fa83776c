"""What may run: by the user's rules, and by the words that were given in this run and this conversation.

A tool that touches nothing runs. Everything else needs a rule or a word, and what a model, a page or a server says is
neither. A no is final: no other rule and no word gets round it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from chatmodes.settings import ConfigError, Settings
from chatmodes.tools.offers import Requested
from chatmodes.tools.pins import Pins
from chatmodes.tools.rules import Rule, named, parsed

Far = Literal["once", "run", "conversation", "always"]
"""How far a yes goes, as `modes.asking` has it."""


@dataclass(frozen=True)
class Decision:
    """Whether a call runs, and where it does not, what the model reads."""

    allowed: bool
    why: str = ""


YES = Decision(True)


@dataclass(frozen=True)
class Grant:
    """A word that holds on: calls of one rule, of the tool by that definition."""

    rule: Rule
    digest: str


@dataclass
class Approval:
    """One run's view of what may run. `conversation` is shared by the runs of one, `always` by all of a program."""

    allow: tuple[Rule, ...]
    deny: tuple[Rule, ...]
    pins: Pins
    conversation: list[Grant] = field(default_factory=list[Grant])
    always: list[Grant] = field(default_factory=list[Grant])
    """What was written to the settings since this program read them."""
    run: list[Grant] = field(default_factory=list[Grant])

    def decide(self, call: Requested) -> Decision | None:
        """The rules' and earlier words' say; None where the user has to be asked."""
        name, subjects = call.offer.name, call.subjects
        if rule := named(self.deny, name, subjects):
            return Decision(False, f"It was not run: the user's rule {str(rule)!r} forbids it. Go on without it.")
        if not call.offer.touches:
            return YES
        if any(self._granted(grant, call) for grant in (*self.run, *self.conversation, *self.always)):
            return YES
        return YES if named(self.allow, name, subjects[:1]) and not self.changed(call) else None

    def _granted(self, grant: Grant, call: Requested) -> bool:
        return (
            grant.digest == call.offer.digest and named((grant.rule,), call.offer.name, call.subjects[:1]) is not None
        )

    def changed(self, call: Requested) -> bool:
        """Whether the tool is defined otherwise than when a rule of the user's was first used for it."""
        pinned = self.pins.get(call.offer.name)
        return bool(call.offer.digest) and pinned is not None and pinned != call.offer.digest

    def pin(self, call: Requested) -> None:
        """Remember the definition that a rule of the user's is used for the first time. Raises `ConfigError`.

        A word for less than always changes nothing about a rule: what was pinned stays.
        """
        ruled = named(self.allow, call.offer.name, call.subjects[:1]) is not None
        if ruled and call.offer.digest and self.pins.get(call.offer.name) is None:
            self.pins.put(call.offer.name, call.offer.digest)

    def grant(self, call: Requested, far: Far) -> None:
        """Let a word hold for as far as it goes, in this program."""
        grant = Grant(call.rule, call.offer.digest)
        if far != "once":
            {"run": self.run, "conversation": self.conversation, "always": self.always}[far].append(grant)

    def keep(self, call: Requested) -> None:
        """Write a rule for calls like this one, of the tool by this definition. Raises `ConfigError`."""
        if call.offer.digest:
            self.pins.put(call.offer.name, call.offer.digest)
        keep_rule(str(call.rule))


def approval_of(settings: Settings, conversation: list[Grant], always: list[Grant]) -> Approval:
    """The view of a run by these settings. Reads a small file; raises `ConfigError` for what is no rule."""
    return Approval(_rules(settings.tools.allow), _rules(settings.tools.deny), Pins(), conversation, always)


def _rules(texts: Iterable[str]) -> tuple[Rule, ...]:
    return tuple(map(parsed, texts))


def keep_rule(rule: str) -> None:
    """Write a rule to the user's settings, for all runs to come. Raises `ConfigError`."""
    from chatmodes.settings.writing import set_value  # TOML with its comments, needed only to write

    kept = kept_rules()
    if rule not in kept:
        set_value("tools.allow", [*kept, rule])


def revoke_rule(rule: str) -> None:
    """Take a rule out of the user's settings. Raises `ConfigError`, also where there is none such."""
    from chatmodes.settings.writing import set_value

    kept = kept_rules()
    if rule not in kept:
        raise ConfigError(f"There is no rule {rule!r} in your settings.", "`chatmodes tools rules` lists them.")
    set_value("tools.allow", [each for each in kept if each != rule])


def kept_rules() -> list[str]:
    """The rules that the user's own file allows by; what a command line adds is not in there."""
    from chatmodes.settings import load

    return list(load().tools.allow)
