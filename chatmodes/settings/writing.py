"""The user's settings.toml changed by the program: one line of it, with everything else as it was written.

A settings file is its owner's text, with comments that say why. So a change keeps them, is checked before anything is
written, and leaves the file alone where it cannot be made.
"""

import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any, cast

import msgspec

from chatmodes.settings.catalogue import Setting, path_of, setting, shown
from chatmodes.settings.checking import checked
from chatmodes.settings.errors import ConfigError
from chatmodes.settings.files import LARGEST, keep, parse_toml, read_regular
from chatmodes.settings.loading import user_file

_REFUSED = "Not written"


def set_value(name: str, value: object) -> Path:
    """Write a setting of a dotted name to the user's file, which is made where there is none, and return its path.

    `value` is what TOML has for it: text, number, bool, list or table. Raises `ConfigError` for a name that is no
    setting, a value that is not right for it, and a file that cannot be read or written; the file is then as it was.
    """
    setting(name)
    plain = msgspec.to_builtins(value)
    return _change(name, list(cast("tuple[object, ...]", plain)) if isinstance(plain, tuple) else plain)


def unset(name: str) -> bool:
    """Take a setting out of the user's file, so that the default holds; whether it was in there. Raises `ConfigError`
    as `set_value` does."""
    setting(name)
    table: Any = _read()[1]
    for part in path_of(name):
        if not isinstance(table, dict) or part not in table:
            return False
        table = cast("dict[str, Any]", table)[part]
    _change(name, None)
    return True


def parsed(found: Setting, text: str) -> object:
    """What a person typed for a setting, as its value. Raises `ConfigError`, which says what is right."""
    match found.kind:
        case "switch" if text.lower() in _SWITCHES:
            return _SWITCHES[text.lower()]
        case "integer" | "number":
            try:
                return int(text) if found.kind == "integer" else float(text)
            except ValueError:
                raise _wrong(found, text) from None
        case "list" if not text.lstrip().startswith("["):
            return [part.strip() for part in text.split(",") if part.strip()]
        case "list":
            return _toml(text, found)
        case "text" if found.name.startswith("modes."):
            try:
                return _toml(text, found)
            except ConfigError:
                return text
        case "text" | "choice":
            return text
        case "switch":
            raise _wrong(found, text)
        case "table":
            raise ConfigError(f"{found.name} is a table.", f"Name an entry of it, as in {found.name}.NAME.")


_SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _toml(text: str, found: Setting) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        raise _wrong(found, text) from None


def _wrong(found: Setting, text: str) -> ConfigError:
    return ConfigError(
        f"{_REFUSED}: {found.name} is {shown(text)}; it must be {found.expects}.", f"It is {found.about}."
    )


def _read() -> tuple[str, dict[str, Any]]:
    """The user's file as text and as a table, whatever is wrong with its values. Raises `ConfigError`."""
    path = user_file()
    try:
        text = read_regular(path, LARGEST).decode("utf-8-sig")
    except FileNotFoundError:
        return "", {}
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    return text, parse_toml(text, str(path))


def _change(name: str, value: object) -> Path:
    path, parts = user_file(), path_of(name)
    text, table = _read()
    wanted = deepcopy(table)
    _put(wanted, parts, value)
    checked(wanted, _REFUSED)
    written = _rewritten(text, parts, value, path)
    if _filled(parse_toml(written, str(path))) != _filled(wanted):
        raise _by_hand(path)
    keep(path, written)
    return path


def _filled(table: dict[str, Any]) -> dict[str, Any]:
    """A table without the empty ones in it, which say nothing: with its last entry a heading goes or stays."""
    inner = {
        key: _filled(cast("dict[str, Any]", each)) if isinstance(each, dict) else each for key, each in table.items()
    }
    return {key: each for key, each in inner.items() if each != {}}


def _put(table: Any, parts: tuple[str, ...], value: object) -> None:
    """Set an entry of nested tables, TOML's or tomlkit's; None takes it out."""
    *outer, last = parts
    for part in outer:
        if part not in table:
            table[part] = {}
        table = table[part]
    if value is None:
        del table[last]
    else:
        table[last] = value


def _rewritten(text: str, parts: tuple[str, ...], value: object, path: Path) -> str:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        _put(document, parts, value)
        return tomlkit.dumps(document)
    except (TOMLKitError, TypeError, ValueError, RecursionError) as error:  # what tomllib reads and this does not
        raise _by_hand(path) from error


def _by_hand(path: Path) -> ConfigError:
    return ConfigError(f"{path} is written in a way that cannot be changed here.", "Change that line in an editor.")
