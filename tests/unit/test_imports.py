"""Who imports what, proved in a fresh interpreter: the static graph cannot tell a deferred import from an early one."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

import chatmodes

HEAVY = ("openai", "httpx2", "pydantic", "textual", "rich", "keyring", "genai_prices", "huggingface_hub", "scipy")


def imported(statement: str) -> set[str]:
    """The top-level packages in `sys.modules` after a statement in an interpreter of its own."""
    code = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(result.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import chatmodes.events, chatmodes.folding, chatmodes.settings", ()),
        ("import chatmodes.modes.instant", ()),
        ("import chatmodes.store", ()),
        ("import chatmodes.chat", ()),
        ("import chatmodes.running, chatmodes.opening, chatmodes.modes.base", ()),
        ("import chatmodes; chatmodes.ask, chatmodes.open", ()),
        ("import chatmodes.cli.options", ()),
        (
            "from chatmodes.cli import main; import contextlib\nwith contextlib.suppress(SystemExit): main(['--help'])",
            (),
        ),
        ("import chatmodes.tui", ("textual", "rich")),
    ],
)
def test_only_what_is_needed_is_imported(statement: str, allowed: tuple[str, ...]) -> None:
    assert imported(statement) & (set(HEAVY) - set(allowed)) == set()


def test_version_imports_nothing_but_itself() -> None:
    code = (
        "import sys; sys.argv = ['chatmodes', '--version']\n"
        "from chatmodes.__main__ import main\nmain()\n"
        "print(*[name for name in sys.modules if name.startswith('chatmodes') or name in ('msgspec', 'anyio')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = result.stdout.splitlines()
    assert version.startswith("chatmodes ")
    assert set(modules.split()) == {"chatmodes", "chatmodes.__main__", "chatmodes.version"}


def imports(file: Path) -> Iterator[str]:
    """The top-level packages a file imports, deferred ones too."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]


def test_every_package_that_is_imported_is_declared() -> None:
    """What comes only with another package goes with that one's next version."""
    root = Path(chatmodes.__file__).parent
    project = tomllib.loads((root.parent / "pyproject.toml").read_text("utf-8"))["project"]
    wanted: list[str] = list(chain(project["dependencies"], *project["optional-dependencies"].values()))
    declared = {re.split(r"[^A-Za-z0-9._-]", each)[0].lower().replace("_", "-") for each in wanted}
    packages = {name for file in root.rglob("*.py") for name in imports(file)} - sys.stdlib_module_names
    comes_with = packages_distributions()
    undeclared = {
        name
        for name in packages - {"chatmodes"}
        if not declared & {each.lower().replace("_", "-") for each in comes_with.get(name, [name])}
    }
    assert undeclared == set()
