"""Who imports what, proved in a fresh interpreter: the static graph cannot tell a deferred import from an early one."""

import subprocess
import sys

import pytest

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


def test_version_imports_nothing_of_the_program() -> None:
    code = (
        "import sys; sys.argv = ['chatmodes', '--version']\n"
        "from chatmodes.__main__ import main\nmain()\n"
        "print(*[name for name in sys.modules if name.startswith('chatmodes') or name in ('msgspec', 'anyio')])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, modules = result.stdout.splitlines()
    assert version.startswith("chatmodes ")
    assert set(modules.split()) == {"chatmodes", "chatmodes.__main__"}
