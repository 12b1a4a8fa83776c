"""No file and no folder leads back to itself, imports that are deferred or meant for type checkers included."""

import ast
from collections.abc import Iterable
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import chatmodes

Graph = dict[str, set[str]]

ROOT = Path(chatmodes.__file__).parent


def name_of(file: Path) -> str:
    """A file's dotted name; a folder's face has the folder's."""
    return ".".join(file.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__")


def imported(source: str, modules: Iterable[str]) -> set[str]:
    """The modules among `modules` that a source imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inside = {f"{node.module}.{alias.name}" for alias in node.names} & set(modules)
            found |= inside or {node.module}
    return found & set(modules)


@cache
def of_files() -> Graph:
    files = {name_of(file): file for file in ROOT.rglob("*.py")}
    return {name: imported(file.read_text("utf-8"), files) - {name} for name, file in files.items()}


def of_children(graph: Graph, folder: str) -> Graph:
    """What stands in a folder, files and folders, by who among them imports whom."""

    def child(name: str) -> str | None:
        return name.removeprefix(f"{folder}.").partition(".")[0] if name.startswith(f"{folder}.") else None

    children: Graph = {}
    for name, targets in graph.items():
        if here := child(name):
            children.setdefault(here, set()).update({there for each in targets if (there := child(each))} - {here})
    return children


def circle(graph: Graph) -> list[str]:
    """A circle of the graph, its first name once more at the end; empty where there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def test_no_file_leads_back_to_itself() -> None:
    assert circle(of_files()) == []


@pytest.mark.parametrize("folder", sorted({name_of(face) for face in ROOT.rglob("__init__.py")}))
def test_nothing_in_a_folder_leads_back_to_itself(folder: str) -> None:
    assert circle(of_children(of_files(), folder)) == []


def test_a_circle_is_found_where_only_a_type_checker_walks_it() -> None:
    sources = {
        "house": "",
        "house.base": "if TYPE_CHECKING:\n    from house.hall import context",
        "house.hall": "",
        "house.hall.context": "from house.wing.stairs import Step",
        "house.wing": "",
        "house.wing.stairs": "def up():\n    import house.base",
    }
    graph = {name: imported(source, sources) for name, source in sources.items()}
    assert set(circle(graph)) == {"house.base", "house.hall.context", "house.wing.stairs"}
    assert set(circle(of_children(graph, "house"))) == {"base", "hall", "wing"}
