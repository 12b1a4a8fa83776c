"""Keys: which one an action has at this moment, and rebinding through the settings, checked before the first press.

Textual ignores an unknown binding id and calls back at each key press for a clash; a person who mistyped a line of the
settings wants one sentence at the start.

The keys are the program's and not a widget's: a hint in the status line names the screen's key, a note in the
transcript the chat's. So what they are is kept here, once, and whoever writes a hint asks `shown`.
"""

from collections.abc import Iterable, Mapping, Sequence

from textual.binding import Binding, BindingType

PLACES = {
    "": "Everywhere",
    "chat": "In the chat",
    "chat/composer": "In the composer",
    "chat/transcript": "In the transcript",
    "chat/agents": "In the agents' panes",
    "chat/list": "In the list",
    "comparison": "In a comparison",
    "picture": "Looking at pictures",
}
"""Where bindings are active: one place lies in another whose name it begins with. Titles as the help has them."""

_SHORT = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "delete": "Del",
    "slash": "/",
    "question_mark": "?",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}

_shipped: dict[str, dict[str, Binding]] = {place: {} for place in PLACES}
_own: dict[str, str] = {}


def learn(place: str, bindings: Iterable[BindingType]) -> None:
    """The bindings of a place (`PLACES`) as they are shipped, from the module that has them."""
    _shipped[place].update((one.id, one) for one in bindings if isinstance(one, Binding) and one.id)


def shipped() -> list[tuple[str, list[Binding]]]:
    """The bindings with an id by place, in the order of `PLACES`, as far as their modules are imported."""
    return [(place, list(bindings.values())) for place, bindings in _shipped.items()]


def use(own: Mapping[str, str]) -> None:
    """The keys that the settings give, in place of those used before."""
    _own.clear()
    _own.update(own)


def keys(action: str) -> list[str]:
    """The keys that an action has at this moment."""
    chosen = _own.get(action) or next((known[action].key for known in _shipped.values() if action in known), "")
    return [key.strip() for key in chosen.split(",") if key.strip()]


def shown(action: str) -> str:
    """The first key of an action as a reader knows it: `Ctrl+R`."""
    return next((display(key) for key in keys(action)), "")


def display(key: str) -> str:
    """A key's name as it stands on keyboards: `ctrl+pageup` is `Ctrl+PgUp`. A single letter is what is typed."""
    *held, last = key.split("+")
    name = _SHORT.get(last) or (last.upper() if held and len(last) == 1 else last)
    return "+".join([*(one.capitalize() for one in held), name if len(name) == 1 else name[:1].upper() + name[1:]])


def check(keys: Mapping[str, str], places: Sequence[tuple[str, Sequence[Binding]]]) -> tuple[dict[str, str], list[str]]:
    """The part of `keys` (action to "key,key") that can be used, and a sentence for each line that cannot."""
    known = {binding.id: (binding, place) for place, bindings in places for binding in bindings if binding.id}
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
    taken: dict[str, list[tuple[str, str]]] = {}
    for action, (binding, place) in known.items():
        for key in good.get(action, binding.key).split(","):
            for other, there in taken.setdefault(key, []):
                if other != action and (action in good or other in good) and _together(place, there):
                    problems.append(
                        f"[keys] gives {key} to both {other!r} and {action!r}. Choose another key for one of them."
                    )
            taken[key].append((action, place))
    return good, problems


def _together(one: str, other: str) -> bool:
    """Whether both places have the keyboard at once: two widgets never have."""
    return f"{one}/".startswith(f"{other}/") or f"{other}/".startswith(f"{one}/") or not one or not other


def _nearest(action: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(action, list(known), 1)), None)
