"""Which key belongs to which provider, and where it comes from: the environment, the keyring, a private file, or a
program that prints it.

A room of its own so that exactly one function hands out keys, each to the provider it was stored for. Whoever needs
one asks here with a profile; nobody else reads a key variable. A key that could not be sent in a header is turned
down here with a sentence, since the HTTP library would name it in its traceback.
"""

import os
from collections.abc import Iterable
from typing import Literal, Protocol

import msgspec

from chatmodes.providers.keys import commands
from chatmodes.providers.keys.commands import KeyCommands
from chatmodes.providers.keys.stores import BadKeyError, KeyFile, Keyring

Source = Literal["environment", "keyring", "file", "command"]


class KeyOwner(Protocol):
    """What keys need to know of a provider's profile."""

    @property
    def id(self) -> str: ...
    @property
    def key_variables(self) -> tuple[str, ...]:
        """Environment variables that may hold the key, the preferred one first."""
        ...

    @property
    def key_needed(self) -> bool:
        """False for servers on one's own machine."""
        ...

    @property
    def key_command(self) -> tuple[str, ...]:
        """A program and its arguments that print the key; empty where there is none."""
        ...

    def address(self) -> str:
        """Where the provider is; empty where it is not set up."""
        ...


class Key(str):
    """A key. It is sent as the text it is, and shows itself as nothing else: not in a repr, hence no local variable
    of a traceback and no struct that holds it."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Key('***')"


class Place(msgspec.Struct, frozen=True):
    """Where a provider's key is, without the key."""

    provider: str
    source: Source | None
    """None where there is no key."""
    detail: str = ""
    """The variable's name, the file's path, or the program's name."""
    problem: str = ""
    """Why the key there cannot be used; empty when it can."""
    hint: str = ""


_file = KeyFile()
_keyring = Keyring()
_commands = KeyCommands()


def find_key(profile: KeyOwner) -> Key | None:
    """The provider's key; None where it has none. Raises `BadKeyError` for one that is there and unusable.

    Blocks while a keyring is asked, for 10 s at the worst and once in a process, or while a program prints a key: call
    it from a thread.
    """
    for source, detail, key in _candidates(profile):
        return checked(key, _origin(source, detail))
    return None


def where(profile: KeyOwner, *, ask_keyring: bool = True) -> Place:
    """Where `find_key` finds the provider's key. Never raises: what is wrong there is in `problem`.

    Without `ask_keyring` a key that the file says is in the keyring counts as there, as does one that the keyring gave
    before or that an installed program would print, and nothing can block.
    """
    try:
        for source, detail, key in _candidates(profile, ask_keyring=ask_keyring):
            place = Place(profile.id, source, detail)
            try:
                checked(key, _origin(source, detail))
            except BadKeyError as problem:
                return msgspec.structs.replace(place, problem=str(problem), hint=problem.hint)
            return place
    except BadKeyError as problem:
        return Place(profile.id, None, str(_file.path), str(problem), problem.hint)
    return Place(profile.id, None)


def surely_missing(profile: KeyOwner, place: Place) -> bool:
    """Whether a key is needed, and none is anywhere, the keyring included: `place` is where it is without asking that.
    Never blocks: False until it was asked."""
    return profile.key_needed and not (place.source or place.problem) and _keyring.asked(profile.id)


def forget_printed(provider: str) -> None:
    """Ask the program for a provider's key again next time: what it printed was refused."""
    _commands.forget(provider)


def to_ask_again(profiles: Iterable[KeyOwner]) -> list[KeyOwner]:
    """Those whose key only the keyring can have, whatever it said before: it may have been unlocked. Never blocks."""
    wanted = list(profiles)
    for profile in wanted:
        _keyring.forget(profile.id)
    return [profile for profile in wanted if profile.key_needed and where(profile, ask_keyring=False).source is None]


def ask_the_keyring(profiles: Iterable[KeyOwner]) -> None:
    """Ask the keyring for these keys. Blocks like `find_key`, once for all of them where the keyring fails."""
    for profile in profiles:
        where(profile)


def list_keys(profiles: Iterable[KeyOwner]) -> list[Place]:
    """Where each provider's key is, those without one left out. The keys themselves stay where they are."""
    places = (where(profile, ask_keyring=False) for profile in profiles)
    return [place for place in places if place.source or place.problem]


def set_key(provider: str, key: str) -> Place:
    """Store a key in the keyring, or where there is none in the file. Raises `BadKeyError`; nothing is stored then."""
    key = checked(key, "The key")
    keys, in_keyring = _file.read()
    try:
        stored = _keyring.set(provider, key)
    except BadKeyError:
        stored = False  # a broken keyring is no reason to lose a key that somebody has just pasted
    others = {name: other for name, other in keys.items() if name != provider}
    marked = tuple(name for name in in_keyring if name != provider)
    if stored:
        _file.write(others, (*marked, provider))
        return Place(provider, "keyring")
    _file.write({**others, provider: key}, marked)
    return Place(provider, "file", str(_file.path))


def remove_key(provider: str) -> tuple[Source, ...]:
    """Delete a stored key wherever it is, and say where it was; empty where there was none. Raises `BadKeyError`."""
    keys, in_keyring = _file.read()
    removed: list[Source] = []
    if provider in in_keyring:
        _keyring.remove(provider)
        removed.append("keyring")
    if provider in keys:
        removed.append("file")
    if removed:
        rest = {name: key for name, key in keys.items() if name != provider}
        _file.write(rest, tuple(name for name in in_keyring if name != provider))
    return tuple(removed)


def checked(key: str, origin: str) -> Key:
    """The key, if it can be sent. Raises `BadKeyError` saying what is wrong with it, beginning with `origin`."""
    if not key or key.isspace():
        raise BadKeyError(f"{origin} is empty.", "Copy the key from the provider's page.")
    if "\n" in key or "\r" in key:
        raise BadKeyError(f"{origin} has a line break in it.", "Copy the key as one line, without what is around it.")
    if key != key.strip():
        raise BadKeyError(f"{origin} begins or ends with a space.", "Take the space away.")
    if any(char.isspace() for char in key):
        raise BadKeyError(f"{origin} has a space in it.", "Give the key alone, without a name or `Bearer` before it.")
    if not key.isascii() or not key.isprintable():
        raise BadKeyError(
            f"{origin} has a character that no key has (position {_first_odd(key)}).",
            "Copy it again from the provider's page; quotation marks and dashes change in some editors.",
        )
    return Key(key)


def _first_odd(key: str) -> int:
    return next(at for at, char in enumerate(key, 1) if not (char.isascii() and char.isprintable()))


def _origin(source: Source, detail: str) -> str:
    return {
        "environment": f"The variable {detail}",
        "keyring": "The key in the keyring",
        "file": f"The key in {detail}",
        "command": f"What {detail!r} printed as the key",
    }[source]


def _candidates(profile: KeyOwner, *, ask_keyring: bool = True) -> Iterable[tuple[Source, str, str]]:
    """Every place that has a key for the provider, best first, each looked into only when the one before had none."""
    for name in profile.key_variables:
        if value := os.environ.get(name):
            yield "environment", name, value
    try:
        keys, in_keyring = _file.read()
    except BadKeyError:
        if profile.key_needed:
            raise
        return  # a server on one's own machine works whatever is wrong with the file of keys
    marked = profile.id in in_keyring
    if marked and not ask_keyring:
        yield "keyring", "", "unread"
    elif marked and (key := _keyring.get(profile.id)):
        yield "keyring", "", key
    if key := keys.get(profile.id):
        yield "file", str(_file.path), key
    # Somebody may have stored it with the keyring's own tools. Asked last, since finding a backend costs 66 ms or more.
    if not marked and profile.key_needed:
        try:
            key = _keyring.get(profile.id) if ask_keyring else _keyring.known(profile.id)
        except BadKeyError:
            key = None  # nothing says that it holds this key, so a broken keyring is not what is wrong
        if key:
            yield "keyring", "", key
    if profile.key_command and profile.address() and commands.installed(profile.key_command):
        key = _commands.get(profile.id, profile.key_command) if ask_keyring else "unread"
        yield "command", profile.key_command[0], key
