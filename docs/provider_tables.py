"""Makes the tables of docs/providers.md from the program's own data: `python docs/provider_tables.py`.

The fields are read from the attribute docstrings of the two classes that read providers.toml, the providers from
config/providers.toml, so that neither can say what the program does not do. A test runs it and compares.
"""

import ast
import inspect
import re
from pathlib import Path

from chatmodes.providers.known import profiles, traits
from chatmodes.providers.known.profiles import Profile, load_shipped
from chatmodes.providers.known.traits import Traits

PAGE = Path(__file__).with_name("providers.md")
_NOT_A_FIELD = {"id", "own"}
_API = {"chat": "chat completions", "responses": "Responses", "messages": "Messages"}
_ANSWER = {True: "yes", False: "no", None: "?"}


def render(page: str) -> str:
    """The page with its tables as they are today."""
    tables = {
        "providers": providers(),
        "profile": fields(profiles, "Profile", _NOT_A_FIELD),
        "traits": fields(traits, "Traits", set()),
    }
    for name, table in tables.items():
        between = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        page = between.sub(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)
    return page


def providers() -> str:
    """A row for each provider, by the model that Thinking takes there where none is named."""
    head = "provider|id in model names|key|API|reasoning shown|effort|images|PDFs|tools|caching|cost".split("|")
    rows = [_row(profile) for name, profile in load_shipped().items() if name != "endpoint"]
    return _table([*head], rows)


def _row(profile: Profile) -> list[str]:
    model = profile.reasoning or profile.fast
    here = profile.traits(model or "any-model")
    return [
        profile.name,
        f"`{profile.id}`",
        _key(profile),
        _API[here.dialect],
        _reasoning(here),
        ", ".join(here.efforts) or "–",
        _ANSWER[here.images],
        _ANSWER[here.pdfs],
        _ANSWER[here.tools],
        _caching(here),
        _cost(profile),
    ]


def _key(profile: Profile) -> str:
    ways = [f"`{name}`" for name in profile.key_variables[:1]]
    if profile.key_command:
        ways.append(f"printed by `{profile.key_command[0]}`")
    if not ways:
        return "none"
    return " or ".join(ways) + ("" if profile.key_needed else ", if it asks for one")


def _reasoning(here: Traits) -> str:
    if not here.reasons:
        return "as the model sends it"
    shown = {"text": "whole", "summary": "a summary", "no": "not shown"}[here.reasoning_shown]
    return f"{shown}; always on" if here.always_reasons else shown


def _caching(here: Traits) -> str:
    if here.cache_points:
        written = f", written at {here.cache_write:g}x" if here.cache_write != 1 else ""
        return f"up to {here.cache_points} marks from {here.cache_minimum} tokens on{written}"
    return "by a run's key" if here.cache_key else "the server's own"


def _cost(profile: Profile) -> str:
    if profile.free:
        return "free"
    return "price list" if profile.prices else "what the server says, else unknown"


def fields(module: object, name: str, without: set[str]) -> str:
    """A row for each field of a class: its default and its docstring. A field without one has its neighbour's."""
    tree = ast.parse(inspect.getsource(module))  # pyright: ignore[reportArgumentType] - it is a module
    found = next(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name)
    rows: list[list[str]] = []
    for at, node in enumerate(found.body):
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name) or node.target.id in without:
            continue
        after = found.body[at + 1] if at + 1 < len(found.body) else None
        said = ""
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
            said = " ".join(str(after.value.value).split())
        default = f"`{ast.unparse(node.value)}`" if node.value else "required"
        rows.append([f"`{node.target.id}`", default, said])
    return _table(["field", "default", "meaning"], rows)


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
