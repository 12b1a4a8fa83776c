"""What a repository's `.chatmodes.toml` may change: it comes from others, so it grants nothing and loosens nothing.

It may choose among what its user has set up, which is then said, and make a run smaller. What may stand in it is a
list of what is allowed, so that a setting that is added to the program is refused there until somebody thinks of it.
"""

from collections import Counter
from pathlib import Path
from typing import Any

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.folders import home, working_folder

PROJECT_FILE = ".chatmodes.toml"
LARGEST_PROJECT = 64_000
"""Bytes; a larger one is refused unread."""

_ALLOWED = frozenset(
    """
    mode model system cost_limit sampling instant thinking contemplating auto timeouts compare store tui
""".split()
)
_DOWNWARDS = (
    "cost_limit",
    "instant.max_tokens",
    "thinking.max_tokens",
    "contemplating.agents",
    "contemplating.rounds",
    "contemplating.max_tokens",
    "compare.cost_limit",
)
_LOOSE = {"store.private": False, "store.titles": True, "auto.cascade": True, "contemplating.early_stop": False}
"""What of two values spends or keeps more."""
_TOLD = {
    "mode": "the mode",
    "model": "the model",
    "system": "a system prompt",
    "sampling": "how models are asked",
    "instant.model": "Instant's model",
    "thinking.model": "Thinking's model",
    "thinking.effort": "the effort",
    "contemplating.panel": "the panel",
    "contemplating.reconciler": "the reconciler",
    "auto.classifier": "the classifier",
}
"""What decides where a prompt goes or how it is put: never taken from a repository in silence."""
_QUORUM = 3
"""What a quorum of 0 is in a panel of one model."""
_TIGHTEN = "Take that line out of it: a project's file may only tighten this."


def project_file(folder: Path | None = None) -> Path | None:
    """Where a project's file would be; None where there is no working directory."""
    folder = folder or working_folder()
    return folder / PROJECT_FILE if folder else None


def check_sections(path: Path, project: dict[str, Any]) -> None:
    """Raise `ConfigError` for what no project's file may set, whatever it says."""
    for name, value in project.items():
        if name not in _ALLOWED:
            written = f"[{name}]" if isinstance(value, dict | list) else name
            hint = f"Move it to {home('config')}/settings.toml, if it is a setting that you want."
            raise ConfigError(f"{path} sets {written}, which a project's file may not.", hint)


def check_loosening(path: Path, users: dict[str, Any], project: dict[str, Any]) -> None:
    """Raise `ConfigError` where a project's file would spend more, or keep more, than `users`, which holds without it.

    Both are tables that are right by themselves.
    """
    for name in _DOWNWARDS:
        mine, theirs = _get(users, name), _get(project, name)
        if theirs is not None and theirs > mine:
            raise _refused(path, f"{name} to {theirs}, above yours of {mine}")
    _check_caps(path, users, project)
    _check_quorum(path, users, project)
    for name in ("contemplating.panel", "compare.modes"):
        _check_list(path, name, _get(users, name), _get(project, name) or [])
    for name, loose in _LOOSE.items():
        if _get(users, name) is not loose and _get(project, name) is loose:
            raise _refused(path, f"{name} to {str(loose).lower()}, but your settings say {str(not loose).lower()}")


def told(names: list[str]) -> tuple[str, str]:
    """Of the settings that come from a project's file, what a person has to know: a sentence and a few words.

    Both are empty where that is nothing.
    """
    parts = [words for name, words in _TOLD.items() if any(f"{each}.".startswith(f"{name}.") for each in names)]
    if not parts:
        return "", ""
    listed = " and ".join(filter(None, [", ".join(parts[:-1]), parts[-1]]))
    return f"{PROJECT_FILE} of this folder sets {listed}.", f"{', '.join(parts)} from {PROJECT_FILE}"


def _check_caps(path: Path, users: dict[str, Any], project: dict[str, Any]) -> None:
    """A cap for all modes takes the place of each mode's own, and 0 gives it back."""
    name = "sampling.max_tokens"
    theirs, mine = _get(project, name), _get(users, name)
    smallest = mine or min(_get(users, f"{mode}.max_tokens") for mode in ("instant", "thinking", "contemplating"))
    if theirs is not None and (theirs > smallest or theirs == 0 < mine):
        raise _refused(path, f"{name} to {theirs}, above yours of {smallest}")


def _check_quorum(path: Path, users: dict[str, Any], project: dict[str, Any]) -> None:
    name = "contemplating.quorum"
    theirs, mine = _get(project, name), _get(users, name)
    if theirs is not None and (theirs > (mine or _QUORUM) or theirs == 0 < mine):
        raise _refused(path, f"{name} to {theirs}, above yours of {mine or _QUORUM}")


def _check_list(path: Path, name: str, mine: list[Any], theirs: list[Any]) -> None:
    """Nothing in the project's list that is not in the user's, and nothing more often."""
    left = Counter(map(_plain, mine))
    for each in theirs:
        if not left[_plain(each)]:
            raise _refused(path, f"{name} with {_plain(each)[0]!r}, which yours does not have")
        left[_plain(each)] -= name == "compare.modes"  # a panel is gone round by the agents, a mode is a run


def _plain(item: str | dict[str, Any]) -> tuple[Any, ...]:
    return (item,) if isinstance(item, str) else (item["model"], item.get("temperature"), item.get("effort", ""))


def _get(table: dict[str, Any], name: str) -> Any:
    section, _, field = name.rpartition(".")
    return (table.get(section, {}) if section else table).get(field)


def _refused(path: Path, what: str) -> ConfigError:
    return ConfigError(f"{path} sets {what}.", _TIGHTEN)
