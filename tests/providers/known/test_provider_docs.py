"""The documentation of providers says what the program's data says, and its examples are files that load."""

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from chatmodes.providers.known.profiles import load_profiles

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "providers.md").read_text(encoding="utf-8")


def test_the_tables_are_the_programs_data_of_today() -> None:
    made: str = runpy.run_path(str(DOCS / "provider_tables.py"))["render"](PAGE)
    assert made == PAGE, "run: python docs/provider_tables.py"


def test_every_provider_and_every_field_is_there() -> None:
    for name in load_profiles().keys() - {"endpoint"}:
        assert f"| `{name}` |" in PAGE
    for field in ("key_needed", "key_command", "dialect", "off_effort", "context_window", "images"):
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{field}` |"))
        assert len(row.split(" | ")[2]) > 10, f"{field} has no meaning"


@pytest.mark.parametrize("example", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_an_example_loads(home: Path, example: str) -> None:
    (home / "config").mkdir()
    (home / "config" / "providers.toml").write_text(example)
    assert load_profiles()


def test_a_catalogue_is_compared(tmp_path: Path) -> None:
    cerebras: dict[str, Any] = {
        "env": ["CEREBRAS_API_KEY"],
        "models": {
            "gpt-oss-120b": {
                "reasoning": True, "reasoning_options": [{"type": "effort", "values": ["low", "high"]}],
                "tool_call": True, "modalities": {"input": ["text"], "output": ["text"]}, "limit": {"context": 65_536},
            },
            "whisper-large": {"limit": {"context": 1}},
        },
    }  # fmt: skip
    catalogue: dict[str, Any] = {
        "cerebras": cerebras,
        "moonshotai": {"env": ["KIMI_API_KEY"], "api": "https://api.kimi.example/v1", "models": {}},
        "somebody-else": {"models": {"x": {}}},
    }
    path = tmp_path / "api.json"
    path.write_text(json.dumps(catalogue))
    command = [sys.executable, str(DOCS / "compare_catalogue.py"), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.splitlines() == [
        "cerebras/gpt-oss-120b: context_window 131072, there 65536",
        "cerebras/gpt-oss-120b: efforts low, medium, high, there low, high",
        "moonshot: address https://api.moonshot.ai/v1, there https://api.kimi.example/v1",
        "moonshot: key in MOONSHOT_API_KEY, there also KIMI_API_KEY",
    ]
    alone = subprocess.run([*command, "groq"], capture_output=True, text=True, timeout=60, check=True)
    assert alone.stdout == "No differences.\n"
