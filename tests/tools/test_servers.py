"""Servers of tools, real processes each: what works, and that each one's faults stay its own."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import anyio
import pytest

from chatmodes.cli import main
from chatmodes.cli.findings import servers
from chatmodes.messages import ToolCall
from chatmodes.settings import ConfigError, Server, Settings, Tools, load
from chatmodes.tools.base import Context, ToolError
from chatmodes.tools.connection import log_path
from chatmodes.tools.servers import Owner
from chatmodes.tools.workshop import Workshop

pytestmark = pytest.mark.anyio
ODD = str(Path(__file__).with_name("odd_server.py"))
MADE = (
    "from mcp.server import MCPServer\n"
    "server = MCPServer('made')\n"
    "@server.tool()\n"
    "def add(a: int, b: int) -> int:\n"
    "    '''Adds.'''\n"
    "    return a + b\n"
    "server.run()\n"
)


def odd(*arguments: str) -> Server:
    return Server(command=sys.executable, args=(ODD, *arguments))


@asynccontextmanager
async def owned(server: Server, *, start: float = 60.0) -> AsyncGenerator[Owner]:
    owner = Owner("odd", server, start=start)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(owner.live)
        with anyio.fail_after(90):
            await owner.settled.wait()
        yield owner
        tasks.cancel_scope.cancel()


async def call(owner: Owner, **arguments: object) -> str:
    (offer,) = owner.offers
    found = await offer.tool.run(arguments, Context(None, 60))
    assert isinstance(found, str)
    return found


async def gone(pid: int) -> None:
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    with anyio.fail_after(30):
        await anyio.wait_readable(handle)
    os.close(handle)


async def test_a_servers_tools_are_called_and_it_ends_with_its_owner(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    async with owned(odd("", str(note))) as owner:
        assert owner.state == "ready"
        assert [offer.name for offer in owner.offers] == ["odd/echo"]
        assert owner.offers[0].wire == "odd__echo"
        assert owner.offers[0].digest
        assert await call(owner, word="hello") == '{"word": "hello"}'
    await gone(int(note.read_text()))


async def test_a_server_made_with_the_sdk_is_called() -> None:
    async with owned(Server(command=sys.executable, args=("-c", MADE))) as owner:
        assert owner.state == "ready", owner.problem
        assert await call(owner, a=2, b=40) == "42"
        with pytest.raises(ToolError, match="rror"):
            await call(owner, a="x", b=1)


@contextmanager
def served(*arguments: str) -> Generator[str]:
    """A server over HTTP, in a process of its own."""
    program = [sys.executable, str(Path(ODD).with_name("http_server.py")), *arguments]
    with subprocess.Popen(program, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("kind", ["json", "events"])
async def test_a_server_over_http_is_called_and_its_answers_are_bounded(kind: str) -> None:
    with served(kind) as url:
        async with owned(Server(url=url)) as owner:
            assert owner.state == "ready", owner.problem
            assert [offer.name for offer in owner.offers] == ["odd/add", "odd/flood"]
            assert (await owner.call("add", {"a": 2, "b": 40})).text == "42"
            with anyio.fail_after(60), pytest.raises(ToolError, match="odd"):
                await owner.call("flood", {})


async def test_a_servers_key_goes_with_each_request_and_without_it_the_server_is_refused() -> None:
    with served("json", "sesame") as url:
        async with owned(Server(url=url, headers={"Authorization": "Bearer sesame"})) as owner:
            assert owner.state == "ready", owner.problem
        async with owned(Server(url=url)) as owner:
            assert owner.state == "failed"
            assert "odd" in owner.problem


async def test_an_address_where_nobody_listens_says_so() -> None:
    async with owned(Server(url="http://127.0.0.1:9/mcp")) as owner:
        assert owner.state == "failed"
        assert owner.problem.startswith("The server odd ")


async def test_a_server_that_hangs_at_its_start_is_given_up_and_ended(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    async with owned(odd("hangs", str(note)), start=3) as owner:
        assert owner.state == "failed"
        assert "did not start within 3 s" in owner.problem
        if note.exists() and (pid := note.read_text()):  # a busy machine may not even have started Python by then
            await gone(int(pid))


@pytest.mark.parametrize("fault", ["dies at once", "is sloppy"])
async def test_a_server_that_cannot_be_used_says_so_in_one_sentence(fault: str) -> None:
    async with owned(odd(fault)) as owner:
        assert owner.state == "failed"
        assert owner.problem.startswith("The server odd ")
        assert "\n" not in owner.problem
        assert log_path("odd") in owner.problem
        if fault == "dies at once":
            assert "I cannot go on." in await anyio.Path(log_path("odd")).read_text()


async def test_a_program_that_is_not_there_says_so() -> None:
    async with owned(Server(command="no-such-program-here")) as owner:
        assert owner.state == "failed"


async def test_a_server_that_dies_is_started_once_more_and_then_left() -> None:
    async with owned(odd("dies when called")) as owner:
        for _ in range(2):
            with anyio.fail_after(60), pytest.raises(ToolError, match="odd"):
                await call(owner)
            with anyio.fail_after(60):
                await owner.settled.wait()
        assert owner.state == "failed"
        with pytest.raises(ToolError):
            await owner.call("echo", {})


async def test_a_call_that_hangs_can_be_left_at_once() -> None:
    async with owned(odd("hangs when called")) as owner:
        with anyio.fail_after(30):
            with anyio.move_on_after(0.2) as limit:
                await call(owner)
            assert limit.cancelled_caught


async def test_a_line_that_never_ends_is_cut_off_with_its_server() -> None:
    async with owned(odd("never ends its line")) as owner:
        with anyio.fail_after(60), pytest.raises(ToolError, match="ended in the middle"):
            await call(owner)
    assert "16,000,000 bytes" in await anyio.Path(log_path("odd")).read_text()


async def test_what_floods_or_fails_is_a_result() -> None:
    async with owned(odd("floods")) as owner:
        assert len(await call(owner)) == 3_000_000
    async with owned(odd("fails")) as owner:
        with pytest.raises(ToolError, match=r"\{\}"):
            await call(owner)
    async with owned(odd("floods its log")) as owner:
        assert await call(owner) == "{}"


async def test_a_hostile_description_is_clean_and_capped() -> None:
    async with owned(odd("is hostile")) as owner:
        about = owner.offers[0].spec.description
        assert len(about) < 2_100
        assert "\x1b" not in about
        assert "\u202e" not in about


async def test_a_definition_that_changes_has_another_digest() -> None:
    digests: list[str] = []
    for _ in range(2):
        async with owned(odd("changes")) as owner:
            digests.append(owner.offers[0].digest)
    assert digests[0] != digests[1]


async def test_a_tool_that_changes_while_its_server_runs_is_not_run_as_it_was_offered() -> None:
    async with owned(odd("renames while it runs")) as owner:
        (before,) = owner.offers
        assert await call(owner, a=1) == '{"a": 1}'
        with pytest.raises(ToolError, match="has changed or withdrawn this tool"):
            await before.tool.run({"a": 2}, Context(None, 60))
        (after,) = owner.offers
        assert (after.tool.description, after.digest == before.digest) == ("Version 1", False)
        assert await call(owner, a=3) == '{"a": 3}'


async def test_a_servers_tool_is_named_by_nothing_that_rules_have_a_meaning_for() -> None:
    async with owned(odd("has odd names")) as owner:
        assert [offer.name for offer in owner.offers] == ["odd/_", "odd/echo", "odd/a_b", "odd/_a-z__"]


async def test_a_list_without_an_end_is_read_to_a_bound() -> None:
    async with owned(odd("never ends its list")) as owner:
        assert (owner.state, [offer.name for offer in owner.offers]) == ("ready", ["odd/echo"])


async def test_a_result_is_not_held_against_what_its_server_says_of_results() -> None:
    """Both are the server's, and matching this pattern would take longer than anybody lives."""
    async with owned(odd("breaks its promise")) as owner:
        assert await call(owner) == "{}"


async def test_a_result_that_is_no_utf_8_or_asks_back_is_that_calls_alone() -> None:
    async with owned(odd("is not UTF-8")) as owner:
        assert await call(owner) == "caf\ufffd"
    async with owned(odd("asks back")) as owner:
        for _ in range(3):
            with pytest.raises(ToolError, match=r"asks for something in return|keep to the protocol"):
                await call(owner)
        assert owner.state == "ready"


async def test_a_list_that_keeps_to_no_protocol_is_told_without_a_traceback_of_the_sdk() -> None:
    async with owned(odd("is sloppy")) as owner:
        assert "does not keep to the protocol (tools.0" in owner.problem
        assert "pydantic" not in owner.problem


async def test_a_run_is_offered_the_servers_tools_and_goes_without_those_that_failed() -> None:
    settings = Settings(
        tools=Tools(use=("calculate", "mcp:good", "mcp:bad"), allow=("good/*",)),
        mcp={"good": odd(""), "bad": odd("dies at once")},
    )
    async with anyio.create_task_group() as tasks:
        toolbox = await Workshop(tasks).toolbox(settings)
        assert [spec.name for spec in toolbox.specs] == ["calculate", "good__echo", "read_result"]
        assert "bad" in toolbox.notes[0]
        wanted = toolbox.read(ToolCall("c", "good__echo", '{"a": 1}'))
        decided = toolbox.decide(wanted)
        assert decided is not None
        assert decided.allowed
        assert '{"a": 1}' in (await toolbox.run(wanted)).text
        tasks.cancel_scope.cancel()


async def test_a_killed_program_leaves_no_server(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pid")
    code = (
        "import anyio, sys; from chatmodes.settings import Server; from chatmodes.tools.servers import Owner\n"
        "async def main(): await Owner('odd', Server(command=sys.executable, args=tuple(sys.argv[1:]))).live()\n"
        "anyio.run(main)"
    )
    program = await anyio.open_process(
        [sys.executable, "-c", code, ODD, "hangs", str(tmp_path / "pid")], stdout=None, stderr=None
    )
    with anyio.fail_after(60):
        server = int(await anyio.Path(tmp_path / "pid").read_text())
    program.send_signal(signal.SIGKILL)
    await program.wait()
    await gone(server)


def test_servers_are_added_listed_and_removed(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "add", "odd", "--env", "A=b", "--", sys.executable, ODD, "--flag"]) == 0
    assert load().mcp["odd"] == Server(command=sys.executable, args=(ODD, "--flag"), env={"A": "b"})
    assert main(["mcp", "add", "far", "--url", "https://far.example/mcp", "--header", "Authorization=Bearer x"]) == 0
    assert load().mcp["far"].headers == {"Authorization": "Bearer x"}
    capsys.readouterr()
    assert main(["mcp", "list"]) == 0
    assert "https://far.example/mcp" in capsys.readouterr().out
    assert main(["mcp", "remove", "odd"]) == 0
    assert list(load().mcp) == ["far"]
    for wrong in (["remove", "odd"], ["add", "a b", "--", "x"], ["add", "x"], ["add", "x", "--url", "file:///"],
                  ["add", "x", "--env", "A", "--", "y"],
                  ["add", "x", "--url", "https://x", "--env", "A=b"],
                  ["add", "x", "--header", "A=b", "--", "y"], ["test", "none"]):  # fmt: skip
        assert main(["mcp", *wrong]) == 2


def test_doctor_says_how_servers_stand(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatmodes.tools.servers.START", 60.0)
    assert main(["mcp", "add", "good", "--", sys.executable, ODD, ""]) == 0
    assert main(["mcp", "add", "bad", "--", "no-such-program-here"]) == 0
    capsys.readouterr()
    found = {each.name: each for each in anyio.run(servers, load())}
    assert found["good"].state == "ok"
    assert found["good"].detail.startswith("1 tool, started in ")
    assert "tokens of each request" in found["good"].detail
    assert found["bad"].state == "problem"
    assert "The server bad cannot be used" in found["bad"].detail


def test_a_rule_is_listed_and_taken_back(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "config").mkdir()
    (home / "config" / "settings.toml").write_text('[tools]\nallow = ["run:git status", "now"]\ndeny = ["run:rm *"]\n')
    assert main(["tools", "rules"]) == 0
    assert "run:git status" in capsys.readouterr().out
    assert main(["tools", "revoke", "run:git status"]) == 0
    assert load().tools.allow == ("now",)
    assert main(["tools", "revoke", "run:git status"]) == 2
    assert main(["tools", "list"]) == 0
    assert "calculate" in capsys.readouterr().out
    with pytest.raises(ConfigError):
        load({"tools": {"rounds": 0}})
