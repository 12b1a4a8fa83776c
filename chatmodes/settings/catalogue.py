"""Every setting as data: its kind, bounds, default and one line of what it is for.

What lists settings, edits them or explains a wrong one reads this, and the kinds and bounds come from the types in
`schema.py`, so that a setting is described in one place and checked by the same rule everywhere.
"""

import json
from functools import cache
from typing import Any, Literal, NamedTuple, cast

import msgspec
from msgspec import inspect

from chatmodes.settings.errors import ConfigError
from chatmodes.settings.schema import Settings

Kind = Literal["switch", "integer", "number", "text", "choice", "list", "table"]

ABOUT = {
    "mode": "how prompts are answered",
    "model": "the model that answers, as PROVIDER/MODEL; empty: the best one that is found",
    "system": "a system prompt for every conversation",
    "cost_limit": "US dollars; a prompt that may cost more is asked about first",
    "sampling.temperature": "how freely models choose their words; unset: as the model's profile says",
    "sampling.max_tokens": "the most tokens of an answer or a draft; 0: the mode's own",
    "sampling.effort": "how hard a model that reasons should; empty: the mode's own",
    "sampling.stop": "texts at which a model stops",
    "instant.model": "the model that Instant takes; empty: the general one",
    "instant.max_tokens": "the most tokens of an answer",
    "thinking.model": "the model that Thinking takes; empty: the general one",
    "thinking.effort": "an effort level of the model's own; empty: its profile's",
    "thinking.max_tokens": "the most tokens of an answer, its reasoning included",
    "contemplating.agents": "how many agents draft at once",
    "contemplating.panel": "models for the agents' slots, in turn; empty: the chat's model in all of them",
    "contemplating.reconciler": "the model that reconciles the drafts; empty: the chat's",
    "contemplating.quorum": "drafts that may settle the answer; 0: 3 of one model for open questions, else all",
    "contemplating.reconcile": "how drafts become one answer",
    "contemplating.rounds": "how often the agents draft; later drafts see notes that compare the earlier ones",
    "contemplating.grace": "seconds a mixed panel waits for stragglers once the quorum is in",
    "contemplating.max_tokens": "the most tokens of each agent; one that reasons has Thinking's, where that is more",
    "contemplating.spend": "time: all agents at once; tokens: three, and two more as long as they differ",
    "contemplating.weigh": "a draft with false arithmetic, or that its model was unsure of, counts less",
    "contemplating.early_stop": "stop drafts that can no longer change the answer",
    "auto.classifier": "a model for one short call that chooses the mode; empty: a rule decides",
    "auto.cascade": "what would be thought through is drafted twice, quickly, and contemplated where the drafts differ",
    "timeouts.connect": "seconds for reaching a server; 0: no limit",
    "timeouts.first_token": "seconds for the first token; 0: no limit",
    "timeouts.idle": "seconds between two tokens; 0: no limit",
    "timeouts.run": "seconds for a whole answer; 0: no limit",
    "local.gguf": "a model file of your own; empty: the one that ships",
    "local.context": "tokens for each slot of the embedded model; 0: what it was made for, 8192 at most",
    "local.slots": "how many calls the embedded model answers at once",
    "local.threads": "how many threads the embedded model takes; 0: all cores",
    "compare.modes": "the columns of a comparison",
    "compare.cost_limit": "US dollars; a comparison that may cost more is asked about first",
    "store.private": "write nothing to disk",
    "store.titles": "let the model name a conversation after its first answer",
    "tools.use": "tools that models are offered: names, search, mcp:SERVER, or all",
    "tools.allow": "what runs without being asked about, TOOL or TOOL:PATTERN",
    "tools.deny": "what never runs, TOOL or TOOL:PATTERN; this wins",
    "tools.rounds": "how often a model may call tools before it has to answer",
    "tools.timeout": "seconds for one call of a tool",
    "mcp": "servers of tools, a table for each: command, args and env, or url",
    "tui.theme": "the colours",
    "tui.sidebar": "show conversations at the left, where the terminal is wide enough",
    "tui.reduced_motion": "no animations",
    "tui.bell": "ring when a long run ends out of focus",
    "tui.notify_after": "seconds a run must take before its end is announced",
    "tui.vim": "vim's keys in the composer: Esc, hjkl, w b e, d c y, p, u",
    "keys": "key bindings: an action and its keys, separated by commas",
    "modes": "settings of modes that come with other packages, a table for each",
}


class Setting(NamedTuple):
    """One setting, as a person edits it."""

    name: str
    """Dotted, as in `contemplating.agents`."""
    kind: Kind
    """A `list` holds texts, or tables where the schema allows them; the names in a `table` are the user's own."""
    default: Any
    """None where leaving it out means something that no value says."""
    choices: tuple[str, ...]
    """Of a `choice`: nothing else is right."""
    low: float | None
    high: float | None
    about: str

    @property
    def expects(self) -> str:
        """What a value of it has to be, as the end of a sentence."""
        match self.kind:
            case "switch":
                return "true or false"
            case "choice":
                return f"one of {', '.join(self.choices)}"
            case "integer" | "number":
                return f"a {'whole ' if self.kind == 'integer' else ''}number {self.bounds}".rstrip()
            case "text":
                return "a text in quotes"
            case "list":
                return "a list in brackets"
            case "table":
                return "a table of its own"

    @property
    def bounds(self) -> str:
        """The numbers that are allowed, in words; empty where all are."""
        if self.low is None:
            return "" if self.high is None else f"of at most {self.high:g}"
        return f"at least {self.low:g}" if self.high is None else f"from {self.low:g} to {self.high:g}"


@cache
def catalogue() -> tuple[Setting, ...]:
    """All settings, in the order of `config/settings.toml`."""
    return tuple(_settings(Settings, ""))


def setting(name: str) -> Setting:
    """The setting of a dotted name; a name inside a `table` stands for a text or a value of the user's own.

    Raises `ConfigError`, which says what was probably meant.
    """
    known = {each.name: each for each in catalogue()}
    if name in known:
        return known[name]
    table = known.get(name.partition(".")[0])
    if table and table.kind == "table" and name.partition(".")[2]:
        return Setting(name, "text", "", (), None, None, table.about)
    raise ConfigError(f'There is no setting "{name}".', _suggestion(name))


def path_of(name: str) -> tuple[str, ...]:
    """A dotted name's tables and its last part: an action under `keys` may have dots of its own."""
    table, _, rest = name.partition(".")
    return (table, rest) if table == "keys" and rest else tuple(name.split("."))


def value_of(settings: Settings, name: str) -> Any:
    """What a setting of a dotted name is; None where a table has no such entry. Raises `ConfigError`."""
    setting(name)
    value: Any = settings
    for part in path_of(name):
        if isinstance(value, dict):
            value = cast("dict[str, Any]", value).get(part)
        elif value is not None:
            value = getattr(value, part, None)
    return value


def explained(error: msgspec.ValidationError, table: dict[str, Any], where: str) -> ConfigError:
    """What msgspec says of a table, as a sentence about the setting, with what would be right."""
    said, _, path = str(error).partition(" - at `$")
    name = path.strip("`").partition("[")[0].strip(".")
    unknown = said.partition("unknown field `")[2].strip("`")
    if unknown and not path.endswith("]`"):
        full = f"{name}.{unknown}".strip(".")
        return ConfigError(f"{where}: there is no setting {full}.", _suggestion(full))
    found = next((each for each in catalogue() if each.name == name), None)
    if found is None or "[" in path:
        if found is None and name and not any(each.name.startswith(f"{name}.") for each in catalogue()):
            return ConfigError(f"{where}: {error}.", _ALL)
        about = f"{name} must be a table: write [{name}] and its lines below it" if found is None else f"{name}: {said}"
        return ConfigError(f"{where}: {about}.", _ALL)
    value: Any = table
    for part in name.split("."):
        value = value[part]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    bounds = found.bounds if number and said.startswith(_OUTSIDE) else ""
    hint = f"The default is {shown(found.default)}." if found.default not in (None, "", ()) else f"It is {found.about}."
    return ConfigError(f"{where}: {name} is {shown(value)}; it must be {bounds or found.expects}.", hint)


def shown(value: object) -> str:
    """A value as it stands in a TOML file, as far as it can be said on a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(shown, cast('list[object]', value)))}]"
    if isinstance(value, msgspec.Struct):
        value = {name: each for name, each in msgspec.structs.asdict(value).items() if each not in (None, "")}
    if isinstance(value, dict):
        table = cast("dict[str, object]", value)
        return f"{{{', '.join(f'{name} = {shown(each)}' for name, each in table.items())}}}"
    return "" if value is None else str(value)


_ALL = "`chatmodes settings list` shows every setting."
_OUTSIDE = ("Expected `int` >", "Expected `int` <", "Expected `float` >", "Expected `float` <")


def _suggestion(name: str) -> str:
    from difflib import get_close_matches

    names = [each.name for each in catalogue()]
    if inside := [each for each in names if each.startswith(f"{name}.")]:
        return f"It is a table: {', '.join(inside)}."
    meant = [each for each in names if each.rpartition(".")[2] == name] or get_close_matches(name, names, 1)
    return f"Did you mean {meant[0]}? {_ALL}" if meant else _ALL


def _settings(section: type[msgspec.Struct], prefix: str) -> list[Setting]:
    described: list[Setting] = []
    for field in cast("inspect.StructType", inspect.type_info(section)).fields:
        name, kind = f"{prefix}{field.name}", field.type
        if isinstance(kind, inspect.StructType):
            described += _settings(kind.cls, f"{name}.")
            continue
        default = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
        described.append(Setting(name, *_kind(kind, default), ABOUT[name]))
    return described


def _kind(kind: inspect.Type, default: Any) -> tuple[Kind, Any, tuple[str, ...], float | None, float | None]:
    if isinstance(kind, inspect.UnionType):  # of a value and None
        kind = next(each for each in kind.types if not isinstance(each, inspect.NoneType))
    match kind:
        case inspect.BoolType():
            return "switch", default, (), None, None
        case inspect.IntType(ge=low, le=high):
            return "integer", default, (), low, high
        case inspect.FloatType(ge=low, le=high):
            return "number", default, (), low, high
        case inspect.LiteralType(values=values):
            return "choice", default, tuple(map(str, values)), None, None
        case inspect.VarTupleType():
            return "list", default, (), None, None
        case inspect.DictType():
            return "table", default, (), None, None
        case _:
            return "text", default, (), None, None
