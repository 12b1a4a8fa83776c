"""Prompts kept for reuse: files of the user's own, with variables to fill in and settings to ask with.

One kind of file serves three uses. A template has a prompt with variables; a snippet is a prompt and nothing else; a
persona is a system prompt alone, for whatever is asked. `$name` or `${name}` stands for a variable, `$$` for a dollar,
and `$input` for what is typed or piped in; a dollar before anything else is one.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgspec

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.files import keep, parse_toml, read_regular
from chatmodes.settings.folders import home
from chatmodes.settings.schema import Sampling

LARGEST_TEMPLATE = 256_000
"""Bytes."""
INPUT = "input"
"""The variable that stands for what is typed."""

_VARIABLE = re.compile(r"\$(?:(\$)|([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A prompt for reuse, as its file says."""

    about: str = ""
    """A line for who looks through the list."""
    prompt: str = ""
    system: str = ""
    mode: str = ""
    model: str = ""
    defaults: dict[str, str] = {}
    """Values of variables that need not be given."""
    sampling: Sampling = Sampling()

    @property
    def kind(self) -> Literal["template", "snippet", "persona"]:
        """What it serves for."""
        if not self.prompt:
            return "persona"
        return (
            "snippet" if self == Template(prompt=self.prompt, about=self.about) and not self.variables else "template"
        )

    @property
    def variables(self) -> tuple[str, ...]:
        """The variables it has besides the input, in the order in which they appear."""
        found = (match[2] or match[3] for match in _VARIABLE.finditer(f"{self.system}\n{self.prompt}"))
        return tuple(name for name in dict.fromkeys(found) if name and name != INPUT)

    @property
    def flags(self) -> dict[str, Any]:
        """Its settings, in the shape that `resolve` takes; a model it names is meant for every mode."""
        flags: dict[str, Any] = {name: value for name in ("mode", "model") if (value := getattr(self, name))}
        if self.model:
            flags |= {"instant": {"model": ""}, "thinking": {"model": ""}}
            flags["contemplating"] = {"panel": [], "reconciler": ""}
        asked = {
            name: value for name, value in msgspec.to_builtins(self.sampling).items() if value not in (None, "", 0)
        }
        return {**flags, "sampling": asked} if asked else flags


class Filled(NamedTuple):
    """A template with its variables filled in."""

    prompt: str
    """Empty where neither the template nor the user says anything."""
    system: str
    """Empty where the template has none: the settings' own holds."""


def folder() -> Path:
    """Where templates are; it need not be there."""
    return home("config") / "templates"


def names() -> list[str]:
    """The templates there are, in order. What is no file of a usable name is passed over."""
    try:
        found = [path.stem for path in folder().iterdir() if path.suffix == ".toml" and _NAME.fullmatch(path.stem)]
    except OSError:
        return []
    return sorted(found)


def how_to_make(name: str = "NAME") -> str:
    """How a template comes to be, as a sentence."""
    return f"Put a file {name}.toml into {folder()}, with a line such as: prompt = 'Review this $language: $input'"


def load_template(name: str) -> Template:
    """The template of that name. Raises `ConfigError` for one that there is not, which names those there are, and for
    one that cannot be read."""
    path = _path(name)
    try:
        text = read_regular(path, LARGEST_TEMPLATE).decode("utf-8-sig")
    except FileNotFoundError as error:
        known = ", ".join(names())
        hint = f"There are {known}." if known else how_to_make(name)
        raise ConfigError(f'There is no template "{name}".', hint) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text.", "Save it as UTF-8.") from error
    return checked_template(parse_toml(text, str(path)), str(path))


def checked_template(table: dict[str, Any], where: str) -> Template:
    """A table as a template. Raises `ConfigError`, which begins with `where` it comes from."""
    try:
        template = msgspec.convert(table, Template)
    except (msgspec.ValidationError, RecursionError) as error:
        fields = ", ".join(field.name for field in msgspec.structs.fields(Template))
        raise ConfigError(f"{where}: {error}.", f"A template has {fields}.") from error
    if not template.prompt.strip() and not template.system.strip():
        raise ConfigError(f"{where} has neither a prompt nor a system prompt.", 'Write prompt = "…" into it.')
    return template


def save_template(name: str, template: Template, *, overwrite: bool = False) -> Path:
    """Keep a template under a name and return its file.

    Raises `ConfigError` for a name that cannot be one, or that is taken and not to be overwritten, and where the file
    cannot be written.
    """
    path = _path(name)
    if path.exists() and not overwrite:
        raise ConfigError(f'There is a template "{name}" already: {path}.', "Choose another name, or remove that one.")
    import tomlkit

    document = tomlkit.document()
    for field, value in msgspec.to_builtins(template).items():
        document[field] = tomlkit.string(value, multiline="\n" in value) if isinstance(value, str) else value
    text = tomlkit.dumps(document)
    if checked_template(parse_toml(text, name), name) != template:  # a text that a multi-line string does not keep
        text = tomlkit.dumps(msgspec.to_builtins(template))
    keep(path, text)
    return path


def filled(name: str, template: Template, typed: str, values: Mapping[str, str]) -> Filled:
    """The prompt and the system prompt, with `typed` in the place of `$input`, or behind the prompt where it has none.

    Raises `ConfigError` for a variable without a value and for a value without a variable.
    """
    known = template.variables
    if unknown := [each for each in values if each not in known]:
        takes = f"It takes {', '.join(known)}." if known else "It takes none."
        raise ConfigError(f'The template "{name}" has no variable {unknown[0]}.', takes)
    given = {**template.defaults, **values, INPUT: typed}
    if missing := [each for each in known if each not in given]:
        hint = f"Say it on the command line: -p {missing[0]} VALUE"
        raise ConfigError(f'The template "{name}" needs {", ".join(missing)}.', hint)
    prompt = _substituted(template.prompt, given)
    if INPUT not in _named(template.prompt):
        prompt = "\n\n".join(part for part in (prompt.strip(), typed) if part)
    return Filled(prompt.strip(), _substituted(template.system, given).strip())


def _substituted(text: str, values: Mapping[str, str]) -> str:
    return _VARIABLE.sub(lambda found: "$" if found[1] else values[found[2] or found[3]], text)


def _named(text: str) -> set[str]:
    return {found[2] or found[3] for found in _VARIABLE.finditer(text)}


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} cannot be a template's name.",
            "Letters, digits, dots, dashes and underscores make one, up to 64.",
        )
    return folder() / f"{name}.toml"
