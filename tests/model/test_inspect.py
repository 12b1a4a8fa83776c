"""inspect_ai, the field's own framework, over the modes of `chatmodes serve` with the embedded model: the path of
docs/evaluation.md, walked.

It runs from an environment of its own, which `uv` makes; it brings half a hundred packages that nothing here needs.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.model.frameworks import DOCS, environment

pytestmark = [pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(900)]

ITEMS = (
    {"input": "A baker sells 4 rolls for 2 dollars each. How many dollars does she get?", "target": "8"},
    {"input": "Tom has 3 boxes of 5 pencils and gives 2 pencils away. How many pencils are left?", "target": "13"},
)
"""Our own, in GSM8K's form."""


@pytest.fixture(scope="module")
def inspect(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `inspect` in an environment of its own."""
    return environment(tmp_path_factory.mktemp("inspect"), "inspect-ai==0.3.285", "openai>=2") / "inspect"


def task_of_the_docs() -> str:
    """The task as docs/evaluation.md has it."""
    found = re.search(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.S)
    assert found
    return found[1]


def said(content: str | list[dict[str, str]]) -> str:
    """The answer in a message of inspect's, where what was reasoned stands apart."""
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return "".join(part["text"] for part in parts if part["type"] == "text").strip()


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
def test_a_mode_is_a_model_of_inspects(inspect: Path, address: str, mode: str, tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(task_of_the_docs(), encoding="utf-8")
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, ITEMS)), encoding="utf-8")
    command = [
        inspect, "eval", "task.py", "--model", f"openai-api/modes/{mode}", "--max-tokens", "100",
        "--log-dir", "logs", "--log-format", "json", "--display", "none", "--max-connections", "1",
    ]  # fmt: skip
    env = {**os.environ, "MODES_BASE_URL": address, "MODES_API_KEY": "none"}
    ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (path,) = (tmp_path / "logs").glob("*.json")
    log = json.loads(path.read_text("utf-8"))
    assert log["status"] == "success"
    assert all(said(sample["output"]["choices"][0]["message"]["content"]) for sample in log["samples"])
    assert log["stats"]["model_usage"][f"openai-api/modes/{mode}"]["output_tokens"] > 0
    assert 0 <= log["results"]["scores"][0]["metrics"]["accuracy"]["value"] <= 1
