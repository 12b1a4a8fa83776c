"""Signing in to a server of tools by OAuth: a real server of the SDK's, and a browser played by an HTTP client."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import pytest

from chatmodes.cli import main
from chatmodes.settings import Server, Settings, Tools
from chatmodes.tools.base import ToolError
from chatmodes.tools.connection import FaultError
from chatmodes.tools.login import sign_in
from chatmodes.tools.servers import Owner
from chatmodes.tools.sign_ins import path_of
from chatmodes.tools.workshop import Workshop
from tests.tools.test_servers import owned

pytestmark = pytest.mark.anyio
SERVER = str(Path(__file__).with_name("signing_server.py"))
# What a person's browser does, as a program: it follows the address to where it leads.
BROWSER = f'{sys.executable} -c "import sys, httpx2; httpx2.get(sys.argv[1], follow_redirects=True)" %s'


def _served(*arguments: str) -> Generator[str]:
    with subprocess.Popen([sys.executable, SERVER, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.fixture(scope="module")
def far() -> Generator[str]:
    yield from _served()


@pytest.fixture
def refusing() -> Generator[str]:
    yield from _served("refuses")


async def browser(address: str, port: int) -> None:
    async with httpx2.AsyncClient(follow_redirects=True) as client:
        answer = await client.get(address, timeout=60)
    assert answer.status_code == 200
    assert "can be closed" in answer.text


class _Later:
    """A browser that is used while the sign-in waits."""

    def __init__(self) -> None:
        self.shown = anyio.Event()
        self.address, self.port = "", 0

    async def __call__(self, address: str, port: int) -> None:
        self.address, self.port = address, port
        self.shown.set()


async def signed_in(url: str) -> Path:
    later = _Later()
    async with anyio.create_task_group() as tasks:

        async def open_it() -> None:
            await later.shown.wait()
            await browser(later.address, later.port)

        tasks.start_soon(open_it)
        with anyio.fail_after(60):
            tools = await sign_in("odd", Server(url=url), later)
        assert [tool.name for tool in tools] == ["add", "clients", "forget"]
    return path_of("odd", url)


def changed(file: Path, **values: object) -> None:
    kept = json.loads(file.read_text())
    for name, value in values.items():
        (kept["tokens"] if name.endswith("token") else kept)[name] = value
    file.write_text(json.dumps(kept))


def tokens(file: Path) -> dict[str, str]:
    return json.loads(file.read_text())["tokens"]


async def added(owner: Owner) -> str:
    return (await owner.call("add", {"a": 2, "b": 40})).text


async def test_a_sign_in_is_kept_for_its_owner_alone_and_every_later_start_uses_it(far: str, home: Path) -> None:
    file = await signed_in(far)
    assert home in file.parents
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700
    for _ in range(2):
        async with owned(Server(url=far)) as owner:
            assert owner.state == "ready", owner.problem
            assert await added(owner) == "42"


async def test_without_a_sign_in_a_start_says_how_to_and_asks_nobody(far: str, home: Path) -> None:
    file = await signed_in(far)
    async with owned(Server(url=far)) as owner:
        before = (await owner.call("clients", {})).text
    kept = file.read_bytes()
    file.unlink()
    async with owned(Server(url=far)) as owner:
        assert owner.problem == "The server odd wants you to sign in: `chatmodes mcp login odd` does that."
    assert not file.exists()
    file.write_bytes(kept)
    async with owned(Server(url=far)) as owner:
        assert (await owner.call("clients", {})).text == before  # the program was registered by the sign-in alone


@pytest.mark.parametrize(
    "what", [{"expires": 1.0}, {"access_token": "refused"}, {"access_token": "x", "expires": None}]
)
async def test_what_has_expired_or_is_refused_is_renewed_and_kept(far: str, what: dict[str, object]) -> None:
    file = await signed_in(far)
    changed(file, **what)
    before = tokens(file)
    async with owned(Server(url=far)) as owner:
        assert owner.state == "ready", owner.problem
        assert await added(owner) == "42"
    after = tokens(file)
    assert after["access_token"] != before["access_token"]
    assert after["refresh_token"] != before["refresh_token"]
    assert file.stat().st_mode & 0o777 == 0o600
    async with owned(Server(url=far)) as owner:
        assert owner.state == "ready", owner.problem


async def test_what_is_refused_in_the_middle_is_renewed_for_calls_at_the_same_time(far: str) -> None:
    await signed_in(far)
    async with owned(Server(url=far)) as owner:
        await owner.call("forget", {})
        found: list[str] = []

        async def call() -> None:
            found.append(await added(owner))

        with anyio.fail_after(60):
            async with anyio.create_task_group() as tasks:
                for _ in range(4):
                    tasks.start_soon(call)
        assert found == ["42"] * 4


async def test_a_sign_in_that_another_program_renewed_is_taken_over(far: str) -> None:
    file = await signed_in(far)
    async with owned(Server(url=far)) as first, owned(Server(url=far)) as second:
        await first.call("forget", {})
        assert await added(first) == "42"  # with new tokens, which leave the second's worth nothing
        assert await added(second) == "42"
    async with owned(Server(url=far)) as owner:
        assert owner.state == "ready", owner.problem
    assert file.exists()


async def test_a_sign_in_that_holds_no_more_is_told_and_the_run_goes_on_without_the_server(far: str) -> None:
    file = await signed_in(far)
    changed(file, access_token="refused", refresh_token="refused")
    settings = Settings(tools=Tools(use=("calculate", "mcp:odd")), mcp={"odd": Server(url=far)})
    async with anyio.create_task_group() as tasks:
        toolbox = await Workshop(tasks).toolbox(settings)
        assert [spec.name for spec in toolbox.specs] == ["calculate", "read_result"]
        (note,) = toolbox.notes
        assert "does not hold any more: `chatmodes mcp login odd` renews it." in note
        assert "refused" not in note
        tasks.cancel_scope.cancel()


async def test_a_sign_in_lost_in_the_middle_ends_the_call_with_the_same_sentence(far: str) -> None:
    file = await signed_in(far)
    changed(file, refresh_token="refused")
    async with owned(Server(url=far)) as owner:
        assert owner.state == "ready", owner.problem
        await owner.call("forget", {})
        with anyio.fail_after(60), pytest.raises(ToolError, match="`chatmodes mcp login odd`"):
            await added(owner)


@pytest.mark.parametrize("garbage", [b"", b"{}", b"\xff", b'{"tokens": 1}'])
async def test_a_damaged_file_is_no_sign_in(far: str, garbage: bytes) -> None:
    file = await signed_in(far)
    file.write_bytes(garbage)
    async with owned(Server(url=far)) as owner:
        assert "wants you to sign in" in owner.problem


async def test_another_address_by_the_same_name_is_sent_nothing(far: str, refusing: str) -> None:
    await signed_in(far)
    async with owned(Server(url=refusing)) as owner:
        assert owner.problem == "The server odd wants you to sign in: `chatmodes mcp login odd` does that."
    assert path_of("odd", far) != path_of("other", far)


async def test_only_the_answer_to_this_sign_in_is_taken(far: str) -> None:
    later = _Later()

    async def strangers() -> None:
        await later.shown.wait()
        assert parse_qs(urlsplit(later.address).query)["code_challenge_method"] == ["S256"]
        back = f"http://127.0.0.1:{later.port}"
        async with httpx2.AsyncClient(timeout=60) as client:
            for path in ("/", "/callback", "/callback?code=x", "/callback?code=x&state=guessed", "/other?state=x"):
                assert (await client.get(back + path)).status_code == 400
            assert (await client.post(f"{back}/callback?code=x&state=y")).status_code == 400
        async with await anyio.connect_tcp("127.0.0.1", later.port) as stream:
            await stream.send(b"nonsense\r\n\r\n")
        await browser(later.address, later.port)

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(strangers)
        with anyio.fail_after(60):
            assert await sign_in("odd", Server(url=far), later)


async def test_a_refusal_is_told_and_what_was_kept_before_stays(refusing: str) -> None:
    file = path_of("odd", refusing)
    file.parent.mkdir(parents=True)
    file.write_text("before")
    later = _Later()
    async with anyio.create_task_group() as tasks:

        async def open_it() -> None:
            await later.shown.wait()
            await browser(later.address, later.port)

        tasks.start_soon(open_it)
        with anyio.fail_after(60), pytest.raises(FaultError, match=r"the sign-in was refused \(access_denied\)"):
            await sign_in("odd", Server(url=refusing), later)
    assert file.read_text() == "before"


async def test_nobody_is_waited_for_without_end(far: str) -> None:
    later = _Later()
    with anyio.fail_after(60), pytest.raises(FaultError, match=r"Nobody signed in to the server odd within 0\.5 s"):
        await sign_in("odd", Server(url=far), later, seconds=0.5)
    assert not path_of("odd", far).exists()


def program(home: Path, *words: str, **environment: str) -> "subprocess.Popen[str]":
    known = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")}
    return subprocess.Popen(
        [sys.executable, "-m", "chatmodes", "mcp", *words],
        env={**known, "CHATMODES_HOME": str(home), **environment},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_the_command_opens_the_browser_signs_in_and_forgets(
    far: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mcp", "add", "far", "--url", far]) == 0
    with program(home, "login", "far", BROWSER=BROWSER) as process:
        out, err = process.communicate(timeout=90)
    assert process.returncode == 0, err
    assert "/authorize?" in out
    assert out.endswith("You are signed in to far, which has 3 tools.\n")
    assert err == ""
    file = path_of("far", far)
    assert not any(tokens(file)[each] in out for each in ("access_token", "refresh_token"))
    assert "access-" not in (home / "config" / "settings.toml").read_text()
    capsys.readouterr()
    assert main(["mcp", "logout", "far"]) == 0
    assert not file.exists()
    assert main(["mcp", "logout", "far"]) == 0
    assert "There is no sign-in to far." in capsys.readouterr().out


def test_without_a_screen_the_address_is_printed_and_ctrl_c_ends_it(far: str, home: Path) -> None:
    assert main(["mcp", "add", "far", "--url", far]) == 0
    with program(home, "login", "far") as process:
        assert process.stdout
        lines: list[str] = []
        while not lines or "ssh -L" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert any("/authorize?" in line for line in lines)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert not path_of("far", far).exists()


def test_only_what_asks_for_it_is_signed_in_to(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mcp", "add", "near", "--", "program"]) == 0
    assert main(["mcp", "add", "keyed", "--url", "https://far.example/mcp", "--header", "authorization=Bearer x"]) == 0
    capsys.readouterr()
    for name, why in (("near", "is a command"), ("keyed", "the key that your settings have"), ("none", "no server")):
        for action in ("login", "logout"):
            assert main(["mcp", action, name]) == 2
            assert why in capsys.readouterr().err


def test_a_server_that_is_removed_takes_its_sign_in_along(home: Path) -> None:
    url = "https://far.example/mcp"
    assert main(["mcp", "add", "far", "--url", url]) == 0
    path_of("far", url).parent.mkdir(parents=True)
    path_of("far", url).write_text("{}")
    assert main(["mcp", "remove", "far"]) == 0
    assert not path_of("far", url).exists()
