"""Every example of docs/library.md runs as it stands."""

import ast
import asyncio
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

import chatmodes
from tests.fake import Fake, Wire
from tests.fake.chunks import chunk
from tests.library.calling import script

DOCUMENT = Path(__file__).parents[2] / "docs" / "library.md"


def example(heading: str, at: int = 0) -> str:
    """The code under a heading of the document."""
    section = DOCUMENT.read_text("utf-8").split(f"## {heading}\n")[1].split("\n## ")[0]
    return re.findall(r"```python\n(.*?)```", section, re.S)[at]


def test_the_documented_script_runs(endpoint: Fake, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(example("A script"))
    result = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert (result.returncode, result.stdout) == (0, "144\n"), result.stderr
    assert "tokens, reasoned" in result.stderr


@pytest.mark.parametrize(("model", "told"), [("say:ANSWER: 144", "ANSWER: 144"), ("fault:401", "No answer: ")])
def test_the_documented_stream_runs(
    endpoint: Fake, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, model: str, told: str
) -> None:
    monkeypatch.setenv("CHATMODES_MODEL", model)
    exec(compile(example("As it comes"), "script", "exec"), {})
    assert capsys.readouterr().out.startswith(told)


async def _in_a_notebook(cell: str) -> None:
    """Run a cell as a notebook does: top-level await, in a loop that runs already."""
    code = compile(cell, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    waiting = eval(code, {"chatmodes": chatmodes})  # the document's own code
    if waiting is not None:  # a cell without `await` has run by now
        await waiting


@pytest.mark.anyio
async def test_the_documented_cell_runs(endpoint: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    await _in_a_notebook(example("A cell of a notebook"))
    assert capsys.readouterr().out.count("ANSWER: 144") == 2
    roles = [message["role"] for message in (endpoint.chats[-1].json or {})["messages"]]
    assert roles == ["user", "assistant", "user"]


def test_the_documented_modes_run_at_once(endpoint: Fake, tmp_path: Path) -> None:
    file = tmp_path / "script.py"
    file.write_text(example("Several at once"))
    result = subprocess.run([sys.executable, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert {line.split(":")[0] for line in result.stdout.splitlines()} == {"instant", "thinking", "contemplating"}
    assert 5 <= len(endpoint.chats) <= 7, "three drafts that agree decide, whether the other two have gone out or not"


@pytest.mark.anyio
async def test_the_documented_attachments_are_sent(
    endpoint: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (40, 30), "navy").save(tmp_path / "chart.png")
    (tmp_path / "notes.txt").write_text("The sky was blue.")
    await _in_a_notebook(example("Pictures and files"))
    sent = json.dumps(endpoint.chats[-1].json)
    assert "data:image/" in sent
    assert "The sky was blue." in sent


@pytest.mark.anyio
async def test_the_documented_tools_run(
    endpoint: Fake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("The sky was blue.")
    endpoint.scripts["say:ANSWER: 144"] = script("price", {"item": "apple", "amount": 2})
    await _in_a_notebook(example("Tools"))
    assert capsys.readouterr().out.endswith('{"item":"apple","price":7.0,"currency":"EUR"}\')]\n')
    endpoint.scripts["say:ANSWER: 144"] = script("switch", {"lamp": "hall", "on": True})
    await _in_a_notebook(example("Tools", 1))
    assert capsys.readouterr().out == "hall is on\n"
    endpoint.scripts["say:ANSWER: 144"] = script("calculate", {"expression": "2 ** 100"})
    await _in_a_notebook(example("Tools", 2))
    assert "1267650600228229401496703205376" in capsys.readouterr().out
    endpoint.scripts["say:ANSWER: 144"] = script("read_file", {"path": "notes.txt"})
    await _in_a_notebook(example("Tools", 3))
    told = capsys.readouterr().out
    assert told.startswith("read_file wants to touch ")
    assert "The sky was blue." in told


@pytest.mark.anyio
async def test_the_documented_stop_keeps_what_came(endpoint: Fake, capsys: pytest.CaptureFixture[str]) -> None:
    endpoint.scripts["say:ANSWER: 144"] = _endless
    await _in_a_notebook(example("Stopping"))
    assert capsys.readouterr().out.startswith("that is enough: 'and on ")
    endpoint.wait_until(lambda: endpoint.chats[-1].cut)


async def _endless(wire: Wire) -> None:
    while True:
        await wire.event(chunk({"content": "and on "}))
        await asyncio.sleep(0.01)
