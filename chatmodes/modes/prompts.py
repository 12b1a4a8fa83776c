"""The modes' prompts: text files in `config/prompts`, each replaceable by one of the same name in the user's folder.

Files rather than strings in the code, since they are what a user most wants to see and change about a mode. A prompt's
head, its leading `#` lines, says what it is responsible for and its version; the rest goes to the model, with
`{{name}}` where something is filled in. Braces of any other kind are left alone: drafts and JSON are full of them.
"""

import re
from pathlib import Path
from typing import NamedTuple

from chatmodes.messages import Message, Text
from chatmodes.settings import ConfigError, home, shipped

_PLACE = re.compile(r"\{\{(\w+)\}\}")
_VERSION = re.compile(r"^#\s*Version:\s*(\S+)", re.M | re.I)
LARGEST = 100_000
"""Bytes; a prompt file beyond it is some other file by mistake."""


class Prompt(NamedTuple):
    """A prompt as it was read."""

    name: str
    version: str
    text: str
    path: Path


def load(name: str) -> Prompt:
    """The user's prompt of that name, else the shipped one. Raises `ConfigError` when it cannot serve."""
    standard = _read(name, shipped("prompts") / f"{name}.txt")
    own = home("config") / "prompts" / f"{name}.txt"
    if not own.is_file():
        return standard
    prompt = _read(name, own)
    wanted, found = set(_PLACE.findall(standard.text)), set(_PLACE.findall(prompt.text))
    if missing := sorted(wanted - found - {"hint"}):
        raise ConfigError(
            f"{own} lacks {{{{{missing[0]}}}}}, where the mode puts what it works on.", f"Compare {standard.path}."
        )
    if unknown := sorted(found - wanted):
        raise ConfigError(
            f"{own} has {{{{{unknown[0]}}}}}, which nothing fills in.",
            f"This prompt knows {', '.join(f'{{{{{w}}}}}' for w in sorted(wanted)) or 'no placeholder'}.",
        )
    return prompt


def fill(name: str, **values: str) -> str:
    """The prompt's text with every `{{name}}` replaced. Raises `ConfigError` like `load`."""
    text = _PLACE.sub(lambda found: values.get(found[1], ""), load(name).text)
    return re.sub(r"[ \t]+$", "", text, flags=re.M).strip()


def lines(name: str) -> list[str]:
    """A prompt file that is a list, one item a line."""
    return [line.strip() for line in load(name).text.splitlines() if line.strip()]


def appended(messages: tuple[Message, ...], instruction: str) -> tuple[Message, ...]:
    """The conversation with an instruction behind its last message.

    Behind the question rather than in the system message: small models forget what stands there, and a user's own
    system prompt stays as it is.
    """
    *before, last = messages
    if last.role == "assistant":  # it has called a tool and goes on: what is asked of it is no part of what it said
        return (*messages, Message("user", (Text(instruction),)))
    return (*before, Message(last.role, (*last.parts, Text("\n\n" + instruction))))


def _read(name: str, path: Path) -> Prompt:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        text = data.decode()
    except OSError as error:
        raise ConfigError(f"The prompt {path} cannot be read: {error.strerror}.", "Check the file.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"The prompt {path} is not UTF-8 text.", "Save it as UTF-8.") from error
    if len(data) > LARGEST:
        raise ConfigError(f"The prompt {path} is larger than 100 kB.", "Is this the right file?")
    head, body = _split(text)
    if not body:
        raise ConfigError(f"The prompt {path} is empty.", "Remove the file to use the shipped one.")
    version = _VERSION.search(head)
    return Prompt(name, version[1] if version else "", body, path)


def _split(text: str) -> tuple[str, str]:
    """The head, up to the first line that does not begin with `#`, and the body."""
    all_lines = text.splitlines()
    at = 0
    while at < len(all_lines) and all_lines[at].startswith("#"):
        at += 1
    return "\n".join(all_lines[:at]), "\n".join(all_lines[at:]).strip()
