"""`chatmodes templates`: prompts kept for reuse, which `ask --template` fills in; llm's can be imported."""

import argparse
import json
from pathlib import Path

from chatmodes.cli import FAILED, complain, say
from chatmodes.cli.options import Commands
from chatmodes.cli.table import table
from chatmodes.sanitize import clean, escape_controls, one_line
from chatmodes.settings import ConfigError
from chatmodes.settings.templates import Template, folder, how_to_make, load_template, names, save_template


def add_parser(commands: Commands) -> None:
    """`templates [list | show | import | path]`."""
    parser = commands.add_parser(
        "templates",
        help="prompts kept for reuse",
        description="Prompts kept for reuse: files NAME.toml with prompt, system, model, mode, defaults and "
        "[sampling]. $name stands for a variable, $input for what is typed. `ask --template NAME` uses one.",
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION")
    listing = actions.add_parser("list", help="all templates (the default)")
    listing.add_argument("--json", action="store_true", help="a list of {name, kind, variables, about}")
    showing = actions.add_parser("show", help="what a template says")
    showing.add_argument("name", metavar="NAME")
    importing = actions.add_parser("import", help="take over llm's templates")
    importing.add_argument(
        "files", metavar="FILE", nargs="+", type=Path, help="YAML files of llm's, or folders of them"
    )
    importing.add_argument("--overwrite", action="store_true", help="replace templates of the same names")
    actions.add_parser("path", help="the folder they are in")


def run(args: argparse.Namespace) -> int:
    """Do what the action says. Raises `ConfigError` for a template that cannot be used."""
    match args.action:
        case "path":
            print(folder())
        case "show":
            load_template(args.name)  # which says what is wrong with it
            print(clean((folder() / f"{args.name}.toml").read_text("utf-8-sig")).rstrip())
        case "import":
            return _import(args.files, overwrite=args.overwrite)
        case _:
            _list(as_json=getattr(args, "json", False))
    return 0


def _list(*, as_json: bool) -> None:
    found: dict[str, Template] = {}
    for name in names():
        try:
            found[name] = load_template(name)
        except ConfigError as error:
            complain(str(error), error.hint)
    if as_json:
        items = [{"name": name, **_described(each)} for name, each in found.items()]
        print(escape_controls(json.dumps(items, indent=2, ensure_ascii=False)))
    elif found:
        rows = [(name, each.kind, ", ".join(each.variables), _about(each)) for name, each in found.items()]
        print(table(("template", "kind", "variables", "about"), rows, excerpt=True))
    else:
        say(f"No templates yet. {how_to_make()}")
        say("Or take over llm's: chatmodes templates import FILE")


def _described(template: Template) -> dict[str, object]:
    return {"kind": template.kind, "variables": template.variables, "about": _about(template)}


def _about(template: Template) -> str:
    return one_line(template.about or template.prompt or template.system, 2_000)


def _import(files: list[Path], *, overwrite: bool) -> int:
    from chatmodes.settings.llm_templates import read_llm_template

    failed = False
    for path in _expanded(files):
        try:
            name, template, left_out = read_llm_template(path)
            target = save_template(name, template, overwrite=overwrite)
        except ConfigError as error:
            complain(str(error), error.hint)
            failed = True
            continue
        without = f", without {', '.join(left_out)}" if left_out else ""
        say(f"{path.name} is the template {name}{without}: {target}")
    return FAILED if failed else 0


def _expanded(files: list[Path]) -> list[Path]:
    """The files, and those in folders among them. Raises `ConfigError` for a folder without any."""
    expanded: list[Path] = []
    for path in files:
        if not path.is_dir():
            expanded.append(path)
            continue
        inside = sorted(each for each in path.iterdir() if each.suffix in (".yaml", ".yml"))
        if not inside:
            raise ConfigError(f"{path} holds no YAML file.", "llm keeps its templates where `llm templates path` says.")
        expanded += inside
    return expanded
