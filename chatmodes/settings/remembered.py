"""What the program remembers of its user's last choices, without being told to: no settings, which a person writes.

A choice that is remembered stands in where the settings say nothing: a face asks `Loaded.origin` and takes what is
remembered only over a default.
"""

from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.files import read_regular, write_private
from chatmodes.settings.folders import home, private_folder

LARGEST_STATE = 100_000


class Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """The last choices; empty where there were none. What a newer version adds is passed over by an older one."""

    mode: str = ""
    model: str = ""
    theme: str = ""
    sizes: dict[str, int] = {}
    """Widths and heights in cells, by what has them."""


class Recalled(NamedTuple):
    """What is remembered, and why it is not what was: a sentence, empty where all is well."""

    choices: Remembered
    problem: str = ""


def state_file() -> Path:
    """Where the choices are kept; it need not be there."""
    return home("data") / "state.json"


def recall() -> Recalled:
    """The last choices. Never raises: a file that is damaged or cannot be read is as if nothing were remembered."""
    path = state_file()
    try:
        return Recalled(msgspec.json.decode(read_regular(path, LARGEST_STATE), type=Remembered))
    except FileNotFoundError:
        return Recalled(Remembered())
    except ConfigError as error:
        return Recalled(Remembered(), f"{error} The last choices are forgotten.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # a ValidationError is a DecodeError
        return Recalled(Remembered(), f"{path} is damaged; the last choices are forgotten.")


def remember(**choices: Any) -> None:
    """Keep choices, fields of `Remembered` by name; the others stay. `sizes` are added to those that are known.

    Raises `OSError` where the file cannot be written.
    """
    known = recall().choices
    if "sizes" in choices:
        choices["sizes"] = {**known.sizes, **choices["sizes"]}
    changed = msgspec.structs.replace(known, **choices)
    if changed == known:
        return
    path = state_file()
    private_folder(path.parent)
    write_private(path, msgspec.json.format(msgspec.json.encode(changed)) + b"\n")


def forget() -> None:
    """Remember nothing."""
    with suppress(FileNotFoundError):
        state_file().unlink()
