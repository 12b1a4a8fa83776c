"""What describes the command line: help, the manual page and completion say what the program does."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmodes.cli import COMMANDS, manual, whole_parser
from chatmodes.cli.completion import SHELLS, script
from chatmodes.cli.parsers import commands
from tests.cli.program import inside

PAGE = Path(__file__).parent.parent.parent / "docs" / "chatmodes.1"


def every_command() -> Iterator[list[str]]:
    """The words of each command and of what is below it."""
    for name, parser in commands(whole_parser()).items():
        yield [name]
        yield from ([name, inner] for inner in commands(parser))


@pytest.mark.parametrize("words", [[], *every_command(), ["models", "pull"]], ids=" ".join)
def test_every_command_has_help(words: list[str]) -> None:
    result = inside(*words, "--help")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith(f"usage: {' '.join(['chatmodes', *words[:1]])}")
    assert words[-1:] == [] or words[-1] in result.out


def test_the_manual_page_is_current() -> None:
    """Made anew by: uv run python -m chatmodes.cli.manual > docs/chatmodes.1"""
    assert PAGE.read_text("utf-8") == manual.page()


def test_the_manual_page_names_every_command_and_nothing_that_roff_would_run() -> None:
    page = manual.page()
    for words in every_command():
        assert f".SS chatmodes {' '.join(words)}" in page
    known = (".TH ", ".SH ", ".SS ", ".TP", ".PP", ".B ", ".I ", ".BR ", ".RI ", ".IR ", ".br")
    assert all(line.startswith(known) for line in page.splitlines() if line.startswith((".", "'")))


@pytest.mark.parametrize("shell", list(SHELLS))
def test_completion_knows_every_command(shell: str) -> None:
    result = inside("completion", shell)
    assert (result.code, result.err) == (0, "")
    assert all(name in result.out for name in (*COMMANDS, "--template", "contemplating", "contemplating.agents"))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["comp"], {"compare", "completion"}),
        (["ask", "--mode", "con"], {"contemplating"}),
        (["ask", "--temp"], {"--temperature", "--template"}),
        (["settings", "get", "contemplating.a"], {"contemplating.agents"}),
        (["completion", "f"], {"fish"}),
    ],
)
def test_bash_completes(words: list[str], offered: set[str]) -> None:
    line = " ".join(f"'{word}'" for word in ["chatmodes", *words])
    code = f'{script("bash")}\nCOMP_WORDS=({line}); COMP_CWORD={len(words)}; _shtab_chatmodes; echo "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert {word.strip() for word in done.stdout.split()} >= offered
    assert all(word.startswith(words[-1]) for word in done.stdout.split())


def test_a_shell_that_there_is_no_script_for_is_wrong_usage() -> None:
    result = inside("completion", "csh")
    assert result.code == 2
    assert "bash" in result.err
