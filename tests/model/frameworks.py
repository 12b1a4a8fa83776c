"""The field's own frameworks, each in an environment of its own: half a hundred packages that nothing here needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs" / "evaluation.md"
"""What says how they are used; the tests do as it says."""


def environment(folder: Path, *packages: str) -> Path:
    """The commands of a new environment with these packages; where they cannot be had, the test is left out."""
    uv = os.environ.get("UV") or shutil.which("uv")
    assert uv, "uv makes this test's environment: run it as `uv run pytest -m slow`"
    subprocess.run([uv, "venv", "-q", str(folder)], check=True, timeout=120)
    commands = folder / ("Scripts" if sys.platform == "win32" else "bin")
    command = [uv, "pip", "install", "-q", "--python", str(commands / "python"), *packages]
    installed = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if installed.returncode:
        pytest.skip(f"{packages[0]} cannot be installed here: {installed.stderr.strip()[:200]}")
    return commands
