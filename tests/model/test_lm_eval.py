"""lm-evaluation-harness over the modes of `chatmodes serve` with the embedded model: the command of docs/evaluation.md,
as it stands there but for the port and the length of answers.

Its task for GSM8K reads the data set by name. A folder of that name beside it, with items of our own, comes first.
"""

import json
import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.model.frameworks import DOCS, environment

pytestmark = [pytest.mark.slow, pytest.mark.model, pytest.mark.timeout(900)]

HEAD = """---
configs:
- config_name: main
  data_files:
  - {split: train, path: train.jsonl}
  - {split: test, path: test.jsonl}
---
"""


@pytest.fixture(scope="module")
def lm_eval(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command `lm_eval` in an environment of its own."""
    return environment(tmp_path_factory.mktemp("lm_eval"), "lm_eval[api]==0.4.13") / "lm_eval"


def gsm8k(folder: Path) -> None:
    """Items of our own under the data set's name: one to ask, and five that are shown before it."""
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(HEAD, encoding="utf-8")
    lines = [
        {"question": f"Ann has {n} eggs and buys 2. How many has she?", "answer": f"{n}+2={n + 2}.\n#### {n + 2}"}
        for n in range(3, 9)
    ]
    for name, some in (("train", lines[1:]), ("test", lines[:1])):
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, some)) + "\n", encoding="utf-8")


def command_of_the_docs() -> list[str]:
    """The words of the command as docs/evaluation.md has it."""
    found = re.search(r"```sh\n(lm_eval .*?)```", DOCS.read_text("utf-8"), re.S)
    assert found
    return shlex.split(found[1].replace("\\\n", " "))


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
def test_a_mode_is_a_model_of_the_harness(lm_eval: Path, address: str, mode: str, tmp_path: Path) -> None:
    gsm8k(tmp_path / "openai" / "gsm8k")
    said = command_of_the_docs()
    assert "max_gen_toks=4096" in " ".join(said)
    changed = [
        word.replace("http://127.0.0.1:8484/v1", address)
        .replace("model=contemplating", f"model={mode}")
        .replace("max_gen_toks=4096", "max_gen_toks=100")
        for word in said[1:]
    ]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "cache")}
    ran = subprocess.run(
        [str(lm_eval), *changed, "--output_path", "results"],
        cwd=tmp_path, env=env, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    (path,) = (tmp_path / "results").rglob("*.json")
    found = json.loads(path.read_text("utf-8"))
    assert found["n-samples"]["gsm8k"]["effective"] == 1
    assert 0 <= found["results"]["gsm8k"]["exact_match,flexible-extract"] <= 1
