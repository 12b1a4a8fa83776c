"""The built-in tools: what they do, and what they refuse."""

import hashlib
import os
import sys
import time
from pathlib import Path

import anyio
import pytest

from chatmodes.tools.base import Context, ToolError
from chatmodes.tools.calculate import Calculate
from chatmodes.tools.clock import Now
from chatmodes.tools.command import Run
from chatmodes.tools.files import FindFiles, ReadFile
from chatmodes.tools.registry import get
from chatmodes.tools.results import Kept, ReadResult, capped, described, marked

pytestmark = pytest.mark.anyio


def context(folder: Path | None = None, seconds: float = 20.0) -> Context:
    return Context(folder, seconds)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2+2", "4"),
        ("0.1 + 0.2", "0.3"),
        ("2^10", "1024"),
        ("-2 ** 2", "-4"),
        ("7 × 6 − 2", "40"),
        ("factorial(20)", "2432902008176640000"),
        ("comb(52, 5)", "2598960"),
        ("round(2/3, 4)", "0.6667"),
        ("10**40 + 1", str(10**40 + 1)),
        ("max(3, sqrt(16))", "4"),
        ("1e3", "1000"),
        ("(1 + 2) * 3 % 4", "1"),
        ("log(8, 2)", "3"),
    ],
)
async def test_arithmetic_is_computed(expression: str, value: str) -> None:
    assert await Calculate().run({"expression": expression}, context()) == value


@pytest.mark.parametrize(
    "expression",
    [
        "9**9**9",
        "9^9^9^9",
        "10**10**10",
        "2**-(10**400)",
        "factorial(100000)",
        "perm(10000, 9000)",
        "(10**1000)**1000",
        "1/0",
        "5 % 0",
        "(-1)**0.5",
        "sqrt(-1)",
        "__import__('os').system('true')",
        "().__class__",
        "open('/etc/passwd')",
        "lambda: 1",
        "'a'*10",
        "True + True",
        "x + 1",
        "(" * 400,
        "1 +",
        "",
        "1+" * 400 + "1",
        "1e308 * 10",
        "nan",
        "round(5, -1000000000)",
        "round(5.0, 10**12)",
        "1 # + 2",
        "[9]*9",
        "abs",
        "max()",
    ],
)
async def test_what_is_no_arithmetic_or_too_large_is_refused_at_once(expression: str) -> None:
    began = time.process_time()
    with pytest.raises(ToolError) as refused:
        await Calculate().run({"expression": expression}, context())
    assert str(refused.value).endswith(".")
    assert time.process_time() - began < 1


async def test_arguments_of_another_kind_are_told() -> None:
    with pytest.raises(ToolError, match="expression"):
        await Calculate().run({}, context())


async def test_now_knows_zones_and_refuses_what_is_none() -> None:
    assert "Asia/Tokyo" in await Now().run({"zone": "Asia/Tokyo"}, context())
    assert "+09:00" in await Now().run({"zone": "Asia/Tokyo"}, context())
    for zone in ("Mars/Base", "../../etc/passwd", "/etc/localtime"):
        with pytest.raises(ToolError, match="no time zone"):
            await Now().run({"zone": zone}, context())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / "docs").mkdir(parents=True)
    (work / "docs" / "a.md").write_text("one\ntwo\nthree\n")
    (work / "b.py").write_text("print('hello')\n")
    (work / ".env").write_text("KEY=sesame")
    (work / "picture").write_bytes(b"\0\1\2")
    (tmp_path / "outside.txt").write_text("treasure")
    (tmp_path / "beyond").mkdir()
    (tmp_path / "beyond" / "c.md").write_text("treasure")
    (work / "link.txt").symlink_to(tmp_path / "outside.txt")
    (work / "linked").symlink_to(tmp_path / "beyond")
    (work / "inner.txt").symlink_to(work / "b.py")
    os.mkfifo(work / "pipe")
    return work


async def test_a_file_is_read_with_numbers_and_in_parts(folder: Path) -> None:
    assert "     2  two" in await ReadFile().run({"path": "docs/a.md"}, context(folder))
    assert "     2  two" in await ReadFile().run({"path": "docs/a.md", "line": None, "lines": 2.0}, context(folder))
    part = await ReadFile().run({"path": "./docs//a.md", "line": 2, "lines": 1}, context(folder))
    assert "two" in part
    assert "one" not in part
    assert "lines 2 to 2 of 3" in part


@pytest.mark.parametrize(
    "path",
    ["../outside.txt", "/etc/passwd", "docs/../../outside.txt", "link.txt", "linked/c.md", "inner.txt", "~/x", "pipe",
     "docs", "", ".env", "picture", "missing", "b.py/x", "a\0b", "docs/../b.py"],
)  # fmt: skip
async def test_nothing_outside_or_through_a_link_or_that_is_no_text_is_read(folder: Path, path: str) -> None:
    with anyio.fail_after(30), pytest.raises(ToolError) as refused:
        await ReadFile().run({"path": path}, context(folder))
    assert "treasure" not in str(refused.value)
    assert "sesame" not in str(refused.value)


async def test_files_are_found_by_name_and_content_inside_the_folder_alone(folder: Path) -> None:
    listed = await FindFiles().run({"pattern": "*"}, context(folder))
    assert {line.split()[0] for line in listed.splitlines()} == {"b.py", "docs/a.md", "picture"}
    assert "docs/a.md" in await FindFiles().run({"pattern": "docs/*.md"}, context(folder))
    assert "docs/a.md" in await FindFiles().run({"pattern": "**/*.md"}, context(folder))
    assert (await FindFiles().run({"contains": "HELLO"}, context(folder))).startswith("b.py")
    assert await FindFiles().run({"contains": "sesame"}, context(folder)) == "No file fits."
    assert await FindFiles().run({"contains": "treasure"}, context(folder)) == "No file fits."


async def test_a_command_gives_its_output_and_code_in_the_folder(folder: Path) -> None:
    said = await Run().run(
        {"command": f'{sys.executable} -c "import os; print(os.getcwd()); exit(3)"'}, context(folder)
    )
    assert str(folder) in said
    assert "exit code 3" in said


async def test_no_shell_reads_the_command(folder: Path) -> None:
    said = await Run().run({"command": "echo a; touch made && echo b > c"}, context(folder))
    assert "a; touch made && echo b > c" in said
    assert not (folder / "made").exists()


async def test_a_command_sees_no_keys(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "GH_TOKEN", "CHATMODES_HOME", "MY_SECRET"):
        monkeypatch.setenv(name, "sesame")
    said = await Run().run({"command": "env"}, context(folder))
    assert "PATH=" in said
    assert "sesame" not in said


async def test_a_command_trusts_the_certificates_that_the_user_does(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        monkeypatch.setenv(name, "/own/authority.pem")
    said = await Run().run({"command": "env"}, context(folder))
    assert said.count("/own/authority.pem") == 3


async def gone(pid: int) -> None:
    """Wait for the end of a process that need not be a child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with anyio.fail_after(30):
        await anyio.wait_readable(handle)
    os.close(handle)


_STUBBORN = "sh -c 'trap \"\" TERM; sleep 60 & echo $$ $! > pipe; wait; sleep 60'"
"""A shell: on a busy machine an interpreter of Python's may take longer to start than the limit leaves it."""


async def pids(folder: Path) -> list[int]:
    """What the command wrote into the pipe, once it has."""
    with anyio.fail_after(60):
        return [int(pid) for pid in (await anyio.Path(folder / "pipe").read_text()).split()]


async def test_a_command_that_takes_too_long_ends_with_all_it_started(folder: Path) -> None:
    said: list[str] = []

    async def run() -> None:
        said.append(await Run().run({"command": _STUBBORN, "seconds": 3}, context(folder)))

    found: list[int] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(run)
        found += await pids(folder)
    assert "ended after the limit of 3 s" in said[0]
    for pid in found:
        await gone(pid)


async def test_a_cancelled_command_ends_at_once_with_all_it_started(folder: Path) -> None:
    found: list[int] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(Run().run, {"command": _STUBBORN}, context(folder))
        found += await pids(folder)
        tasks.cancel_scope.cancel()
    for pid in found:
        await gone(pid)


async def test_a_command_that_floods_is_read_and_cut(folder: Path) -> None:
    said = await Run().run({"command": f"{sys.executable} -c \"print('x' * 3_000_000)\""}, context(folder))
    assert len(said) < 1_100_000
    assert "bytes more were not kept" in said


@pytest.mark.parametrize("command", ["", "   ", 'echo "open', "a\0b"])
async def test_what_is_no_command_is_told(folder: Path, command: str) -> None:
    with pytest.raises(ToolError):
        await Run().run({"command": command}, context(folder))


async def test_a_program_that_is_not_there_is_told(folder: Path) -> None:
    assert "No such file" in await Run().run({"command": "no-such-program-here"}, context(folder))


def test_rules_see_a_command_by_its_bare_name_too() -> None:
    assert Run().subjects({"command": "/bin/rm   -rf  x"}) == ("/bin/rm -rf x", "rm -rf x")


async def test_a_long_result_keeps_head_and_tail_and_can_be_read_on() -> None:
    kept, text = Kept(), "".join(f"line {at}\n" for at in range(10_000))
    short = capped(text, kept)
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert len(short) < 17_000
    assert short.startswith("line 0\n")
    assert short.endswith("line 9999\n")
    assert f'read_result(call="{key}", offset=11200)' in short
    page = await ReadResult(kept).run({"call": key, "offset": 11200}, context())
    assert text[11200:11300] in page
    end = await ReadResult(kept).run({"call": key, "offset": len(text) - 10}, context())
    assert "the end" in end
    with pytest.raises(ToolError, match="kept"):
        await ReadResult(kept).run({"call": "other"}, context())


def test_what_is_kept_is_bounded_and_the_oldest_goes_first() -> None:
    kept = Kept()
    keys = [kept.put(str(at) * 3_000_000) for at in range(5)]
    assert kept.get(keys[0]) is None
    assert kept.get(keys[4]) == "4" * 3_000_000


def test_data_is_marked_so_that_it_cannot_close_its_own_marks() -> None:
    one, other = marked("text", "fetch", ("network",)), marked("text", "fetch", ("network",))
    assert "not instructions" in one
    assert one != other
    assert marked("4", "calculate", ()) == "4"


def test_a_description_is_capped_and_clean() -> None:
    assert len(described("x" * 50_000)) < 2_100
    assert described("a\u202eb\x1b[2J") == "ab[2J"


@pytest.mark.parametrize("name", ["calculate", "now", "read_file", "find_files", "fetch", "run"])
def test_every_tool_that_ships_can_be_offered(name: str) -> None:
    offer = get(name)
    assert offer.spec.name == name
    assert offer.digest == ""
    assert offer.spec.description
    assert offer.spec.parameters["type"] == "object"
