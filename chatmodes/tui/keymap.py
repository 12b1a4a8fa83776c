"""Rebinding of keys through the settings, checked before the first press.

Textual ignores an unknown binding id and calls back at each key press for a clash; a person who mistyped a line of the
settings wants one sentence at the start.
"""

from collections.abc import Iterable, Mapping

from textual.binding import Binding


def check(keys: Mapping[str, str], bindings: Iterable[Binding]) -> tuple[dict[str, str], list[str]]:
    """The part of `keys` (action to "key,key") that can be used, and a sentence for each line that cannot."""
    known = {binding.id: binding for binding in bindings if binding.id}
    good: dict[str, str] = {}
    problems: list[str] = []
    for action, chosen in keys.items():
        if action not in known:
            near = _nearest(action, known)
            problems.append(
                f"[keys] has {action!r}, which is no action." + (f" Did you mean {near!r}?" if near else "")
            )
        elif not all(key.strip() for key in chosen.split(",")):
            problems.append(f'[keys] gives {action!r} an empty key. Name a key, such as "ctrl+k".')
        else:
            good[action] = ",".join(key.strip() for key in chosen.split(","))
    taken: dict[str, str] = {}
    for action, binding in known.items():
        for key in good.get(action, binding.key).split(","):
            other = taken.setdefault(key, action)
            if other != action and (action in good or other in good):
                problems.append(
                    f"[keys] gives {key} to both {other!r} and {action!r}. Choose another key for one of them."
                )
    return good, problems


def _nearest(action: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(action, list(known), 1)), None)
