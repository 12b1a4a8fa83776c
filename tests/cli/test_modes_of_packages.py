"""A mode that a stranger's package brings: installed with the usual tool, it is a mode like ours."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatmodes.modes import base
from chatmodes.settings import ConfigError, Settings, load
from tests.cli.program import Result, chatmodes
from tests.fake import Fake

PROJECT = """
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "stranger-modes"
version = "1.0"

[project.entry-points."chatmodes.modes"]
shout = "stranger_modes:Shout"
absent = "stranger_modes.missing:Absent"
hollow = "stranger_modes:Hollow"
clumsy = "stranger_modes:Clumsy"
instant = "stranger_modes:Shout"
"""

BACKEND = '''
"""Builds this one wheel with nothing but the standard library, so that a test needs no network."""
import zipfile

ENTRY_POINTS = """[chatmodes.modes]
shout = stranger_modes:Shout
absent = stranger_modes.missing:Absent
hollow = stranger_modes:Hollow
clumsy = stranger_modes:Clumsy
instant = stranger_modes:Shout
"""

def build_wheel(wheel_directory, config_settings=None, metadata_directory=None):
    name, info = "stranger_modes-1.0-py3-none-any.whl", "stranger_modes-1.0.dist-info"
    with zipfile.ZipFile(f"{wheel_directory}/{name}", "w") as wheel:
        wheel.write("stranger_modes.py")
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\\nName: stranger-modes\\nVersion: 1.0\\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(f"{info}/entry_points.txt", ENTRY_POINTS)
        wheel.writestr(f"{info}/RECORD", "")
    return name
'''

MODULE = '''
"""Written by somebody who has read `chatmodes.modes.base` and nothing else."""
import msgspec

from chatmodes import events as ev
from chatmodes.messages import user
from chatmodes.modes.agent import Agent
from chatmodes.modes.draft import Request
from chatmodes.modes.base import section_of
from chatmodes.modes.context import Outcome
from chatmodes.providers.calls import ProviderError


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    suffix: str = "!"


class Shout:
    name, purpose, mark, section = "shout", "answers loudly", "!", Settings

    def models(self, settings, model, model_of):
        return {model}

    def plan(self, ctx):
        ctx.models.describe(ctx.model)
        return ev.Plan((ev.Slot("answer", "draft", ctx.model),))

    async def answer(self, ctx, plan):
        draft = await Agent(ctx, plan.slots[0], Request(ctx.messages, 100)).run()
        if draft.error:
            raise ProviderError(draft.error, draft.usage)
        suffix = section_of(ctx.settings, self.name, Settings).suffix
        ctx.emit(ev.AnswerDelta(run=ctx.run, at=ctx.at, text=draft.text.upper() + suffix))
        return Outcome("single")


class Hollow:
    name = "hollow"


class Clumsy(Shout):
    name = "clumsy"

    async def answer(self, ctx, plan):
        raise ZeroDivisionError
'''


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the package is installed in."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("site")
    for name, text in (("pyproject.toml", PROJECT), ("backend.py", BACKEND), ("stranger_modes.py", MODULE)):
        (source / name).write_text(text)
    uv = shutil.which("uv")
    install = [uv, "pip"] if uv else [sys.executable, "-m", "pip"]
    options = ["--python", sys.executable, "--offline"] if uv else ["--no-index"]
    subprocess.run(
        [*install, "install", "--no-deps", *options, "--target", str(target), str(source)],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    return target


@pytest.fixture
def package(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The package on the path of this process and of programs it starts."""
    monkeypatch.syspath_prepend(str(installed))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")]))
    base.forget()
    return installed


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """What a test found is no other test's."""
    yield
    base.forget()


def ask(fake: Fake, *args: str) -> Result:
    return chatmodes("ask", "Hi", *args, "--base-url", fake.url, "--model", "say:hello")


def test_it_answers_with_its_own_settings(fake: Fake, package: Path, home: Path) -> None:
    assert ask(fake, "-m", "shout").out == "HELLO!\n"
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text('mode = "shout"\n[modes.shout]\nsuffix = "?"\n')
    assert ask(fake).out == "HELLO?\n"
    told = [json.loads(line) for line in ask(fake, "--json").out.splitlines()]
    assert (told[0]["type"], told[0]["mode"]) == ("run_started", "shout")


def test_bad_settings_of_it_are_named_before_anything_is_sent(fake: Fake, package: Path, home: Path) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text("[modes.shout]\nsufix = 1\n")
    result = ask(fake, "-m", "shout")
    assert result.code == 2
    assert "[modes.shout]" in result.err
    assert "suffix" in result.err
    assert not fake.chats


def test_it_is_compared_and_evaluated_and_listed(fake: Fake, package: Path, tmp_path: Path) -> None:
    where = ("--base-url", fake.url, "--model", "say:hello")
    compared = chatmodes("compare", "Hi", "--modes", "instant,shout", "--json", *where)
    assert [run["answer"] for run in json.loads(compared.out)["runs"]] == ["hello", "HELLO!"]
    items = tmp_path / "items.jsonl"
    items.write_text('{"input": "Hi", "target": "HELLO!"}\n')
    found = chatmodes("eval", str(items), "--modes", "shout", "--json", *where)
    assert found.code == 0, found.err
    assert json.loads(found.out)["modes"][0]["mode"] == "shout"
    assert "shout" in chatmodes("ask", "--help").out
    assert chatmodes("history", "search", "--mode", "shout", "--json").code == 0


@pytest.mark.parametrize(("name", "why"), [("absent", "ModuleNotFoundError"), ("hollow", "lacks purpose")])
def test_a_broken_one_is_a_sentence_with_its_package_and_stops_no_other(
    fake: Fake, package: Path, name: str, why: str
) -> None:
    result = ask(fake, "-m", name)
    assert result.code == 2
    assert "package stranger-modes" in result.err
    assert why in result.err
    assert "Traceback" not in result.err
    assert ask(fake, "-m", "instant").out == "hello\n"


def test_a_mistake_in_one_is_its_packages_and_fails_its_run_alone(fake: Fake, package: Path) -> None:
    compared = chatmodes(
        "compare", "Hi", "--modes", "clumsy,shout", "--json", "--base-url", fake.url, "--model", "say:hello"
    )
    clumsy, shout = json.loads(compared.out)["runs"]
    assert "a mistake in the package stranger-modes (ZeroDivisionError)" in clumsy["error"]["message"]
    assert shout["answer"] == "HELLO!"


def test_an_unknown_mode_says_which_there_are(fake: Fake, package: Path) -> None:
    result = ask(fake, "-m", "shoot")
    assert result.code == 2
    assert all(name in result.err for name in ("instant", "auto", "shout"))
    with pytest.raises(ConfigError, match="no mode 'quick'") as caught:
        base.check(load({"mode": "quick"}), "quick")
    assert "shout" in caught.value.hint


def test_a_shipped_modes_name_is_not_a_packages_to_take(package: Path) -> None:
    assert base.get("instant").purpose == base.SHIPPED["instant"].purpose
    assert base.names()[:4] == tuple(base.SHIPPED)


def test_shipped_modes_look_through_no_package() -> None:
    code = (
        "import sys; from chatmodes.modes import base; base.exists('auto'); base.get('contemplating')\n"
        "print('importlib.metadata' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "False\n"


def test_every_shipped_mode_is_one_and_calls_itself_so() -> None:
    for name, shipped in base.SHIPPED.items():
        mode = base.get(name)
        assert isinstance(mode, base.Mode)
        assert (mode.name, mode.purpose, mode.mark) == (name, shipped.purpose, shipped.mark)
        assert "lab/one" in mode.models(Settings(), "lab/one", None)
