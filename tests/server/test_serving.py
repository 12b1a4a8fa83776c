"""The server under use: many at once, readers that stall, the end of it, several of them, and faults behind it."""

import base64
import io
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import openai
import pytest
from openai import OpenAI
from PIL import Image

from chatmodes.cli import serve
from chatmodes.server import app, chat_request, following, responses_request, serving, stream, workers
from chatmodes.server.workers import Workers
from chatmodes.settings import load
from tests.cli.program import chatmodes
from tests.fake import Fake
from tests.fake.chunks import chunk
from tests.fake.wire import Wire
from tests.server import conftest
from tests.server.conftest import running, served


def asking(model: str, **more: Any) -> bytes:
    """The bytes of a request for a stream."""
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "hi"}], "stream": True, **more})
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()
    )


def asked(address: str, model: str) -> socket.socket:
    """A connection with a request on its way, which reads nothing until it is told to."""
    host, port = address.removeprefix("http://").split(":")
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(60)
    connection.connect((host, int(port)))
    connection.sendall(asking(model))
    return connection


def rest(connection: socket.socket) -> str:
    """All that comes until the server closes or the body ends."""
    found = b""
    while b"\r\n0\r\n\r\n" not in found and (data := connection.recv(65536)):
        found += data
    return found.decode()


def test_many_are_answered_at_once(address: str, fake: Fake) -> None:
    """A person needs five calls at once; a house has as many as there are people."""
    with ExitStack() as stack:
        for _ in range(70):
            stack.enter_context(asked(address, "instant/endpoint/hang"))
        fake.wait_until(lambda: len(fake.chats) == 70, 60)
    fake.wait_until(lambda: all(request.cut for request in fake.chats), 60)


def _narrow(host: str, port: int) -> socket.socket:
    """A socket behind which the system keeps little of what is not read."""
    listener = serving.listen(host, port)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    return listener


async def _flood(wire: Wire) -> None:
    while True:
        await wire.event(chunk({"content": "and on and on " * 20}))


async def _much_then_nothing(wire: Wire) -> None:
    for _ in range(500):
        await wire.event(chunk({"content": "and on and on " * 200}))
    await wire.hang()


def test_nothing_grows_for_a_reader_that_stalls(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "BEHIND", 300)
    monkeypatch.setattr(conftest, "listen", _narrow)
    fake.scripts["flood"] = _flood
    with served(fake) as address, asked(address, "instant/endpoint/flood") as connection:
        fake.wait_until(lambda: bool(fake.chats and fake.chats[0].cut), 60)
        told = rest(connection)  # what it says once it reads again
    assert "its reader was too slow" in told
    assert "[DONE]" in told


def test_a_reader_that_takes_nothing_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "STUCK", 0.3)
    monkeypatch.setattr(stream, "QUIET", 0.1)
    monkeypatch.setattr(conftest, "listen", _narrow)
    fake.scripts["much"] = _much_then_nothing
    with served(fake) as address, asked(address, "instant/endpoint/much"):
        fake.wait_until(lambda: bool(fake.chats and fake.chats[0].cut), 60)


def test_a_quiet_stream_says_that_it_lives(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "QUIET", 0.05)
    with served(fake) as address, asked(address, "instant/endpoint/hang") as connection:
        found = b""
        while found.count(b": still at work\n\ndata: {") < 2:
            found += connection.recv(65536)


def test_a_client_that_leaves_before_anything_is_planned_ends_its_run(fake: Fake) -> None:
    settings = load({"auto": {"classifier": "endpoint/hang"}})
    with served(fake, settings=settings) as address:
        with asked(address, "auto/endpoint/echo"):
            fake.wait_until(lambda: len(fake.chats) == 1)
        fake.wait_until(lambda: fake.chats[0].cut)


@pytest.fixture
def profile(fake: Fake, home: Path) -> Callable[[str], None]:
    """Writes what is known of the models of a provider called `mine`, which is the fake."""

    def write(known: str) -> None:
        file = home / "config" / "providers.toml"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f'[mine]\nname = "Mine"\nbase_url = "{fake.url}"\n[mine.defaults]\n{known}\n')

    return write


def test_what_could_not_be_done_as_asked_is_told(fake: Fake, profile: Callable[[str], None]) -> None:
    """A model whose profile takes no temperature answers without, and a client reads so beside the answer."""
    profile("sampling = false")
    with served(fake) as address, OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        said: Any = [{"role": "user", "content": "hi"}]
        answer: Any = client.chat.completions.create(model="instant/mine/echo", messages=said, temperature=0.5)
        assert answer.choices[0].message.content == "hi"
        assert "takes no temperature" in answer.choices[0].message.reasoning_content
        items = client.responses.create(model="instant/mine/echo", input="hi", temperature=0.5).output
        assert "takes no temperature" in str(items)


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
def test_pictures_for_a_model_without_eyes_are_refused(fake: Fake, profile: Callable[[str], None], mode: str) -> None:
    profile("images = false")
    made = io.BytesIO()
    Image.new("RGB", (8, 8)).save(made, "PNG")
    url = f"data:image/png;base64,{base64.b64encode(made.getvalue()).decode()}"
    said: Any = [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]
    with (
        served(fake) as address,
        OpenAI(base_url=f"{address}/v1", api_key="none") as client,
        pytest.raises(openai.BadRequestError, match="takes no pictures"),
    ):
        client.chat.completions.create(model=f"{mode}/mine/echo", messages=said)
    assert fake.chats == []


def test_tools_of_the_servers_own_are_run_as_its_settings_grant_them(fake: Fake, tmp_path: Path) -> None:
    """What no rule allows is refused: nobody is there to be asked, and no client can grant anything."""
    settings = load({"tools": {"use": ["run"], "allow": ["run:echo *"]}})
    with served(fake, settings=settings) as address, OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        said: Any = [{"role": "user", "content": "hi"}]
        for command, answered in (("echo done", "done"), (f"touch {tmp_path}/x", "not")):
            fake.forget()
            model = f"instant/endpoint/calls:run,argument=command,with={command} #"
            answer = client.chat.completions.create(model=model, messages=said)
            assert answer.choices[0].message.content == "Called 1 times."
            assert answer.choices[0].message.tool_calls is None
            assert answered in str(fake.chats[-1].messages[-1]["content"])
        assert list(tmp_path.iterdir()) == []
        create: Any = client.chat.completions.create
        with pytest.raises(openai.BadRequestError, match="allow"):
            create(model="instant/endpoint/echo", messages=said, extra_body={"allow": ["run"]})


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
def test_a_clients_tool_stands_before_the_servers_of_that_name(fake: Fake, mode: str) -> None:
    settings = load({"tools": {"use": ["calculate"]}})
    mine: Any = {"type": "function", "function": {"name": "calculate", "description": "Mine", "parameters": {}}}
    with served(fake, settings=settings) as address, OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        said: Any = [{"role": "user", "content": "hi"}]
        answer: Any = client.chat.completions.create(
            model=f"{mode}/endpoint/calls:calculate", messages=said, tools=[mine]
        )
        assert [call.function.name for call in answer.choices[0].message.tool_calls] == ["calculate"]
    told = fake.chats[0].fields["tools"]
    assert [tool["function"]["description"] for tool in told if tool["function"]["name"] == "calculate"] == ["Mine"]


def test_headers_and_a_role_come_while_auto_is_still_choosing(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "PLANNED", 0.1)
    settings = load({"auto": {"classifier": "endpoint/hang"}})
    with served(fake, settings=settings) as address, asked(address, "auto/endpoint/echo") as connection:
        found = b""
        while b'"role":"assistant"' not in found:
            found += connection.recv(65536)
    assert found.startswith(b"HTTP/1.1 200")


def test_an_open_stream_ends_with_a_sentence_when_the_server_stops(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "GRACE", 0.2)
    told: list[str] = []
    with ExitStack() as stack:
        with served(fake) as address:
            connection = stack.enter_context(asked(address, "instant/endpoint/hang:So far"))
            fake.wait_until(lambda: len(fake.chats) == 1)
            reading = threading.Thread(target=lambda: told.append(rest(connection)))
            reading.start()
        reading.join(60)
    assert "the server is stopping" in told[0]
    assert told[0].rstrip().endswith("0")  # the body is whole


def test_an_answer_that_ends_in_time_is_whole_when_the_server_stops(fake: Fake) -> None:
    told: list[str] = []
    with ExitStack() as stack:
        with served(fake) as address:
            connection = stack.enter_context(asked(address, "instant/endpoint/slow:tps=40,tokens=30"))
            fake.wait_until(lambda: len(fake.chats) == 1)
            reading = threading.Thread(target=lambda: told.append(rest(connection)))
            reading.start()
        reading.join(60)
    assert '"finish_reason":"stop"' in told[0]
    assert "[DONE]" in told[0]


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_has_not_failed(fake: Fake, told: signal.Signals) -> None:
    command = [sys.executable, "-m", "chatmodes", "serve", "--port", "0", "--base-url", fake.url, "--model", "echo"]
    few = ["sh", "-c", 'ulimit -S -n 256; exec "$@"', "sh", *command]
    with subprocess.Popen(few, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stderr
        line = process.stderr.readline()
        assert line.startswith("Serving at http://127.0.0.1:")
        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = resource.prlimit(process.pid, resource.RLIMIT_NOFILE)
        assert allowed == (min(most, serve.FILES), most)  # a stream takes two
        address = line.split()[2].removesuffix("/v1")
        with OpenAI(base_url=f"{address}/v1", api_key="none") as client:
            answer = client.chat.completions.create(model="instant", messages=[{"role": "user", "content": "hi"}])
            assert answer.choices[0].message.content == "hi"
        process.send_signal(told)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""


def test_a_second_interruption_waits_for_no_answer(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """What is under way is told why it ends, who does not read that is left behind, and nothing of it is an error."""
    monkeypatch.setattr(serving, "GRACE", 600.0)
    monkeypatch.setattr(serving, "LAST_WORDS", 600.0)
    told: list[str] = []
    with ExitStack() as stack:
        with running(fake) as (address, server):
            reader = stack.enter_context(asked(address, "instant/endpoint/hang:So far"))
            stack.enter_context(asked(address, "instant/endpoint/endless:tps=5000"))  # which is not read
            fake.wait_until(lambda: len(fake.chats) == 2)
            reading = threading.Thread(target=lambda: told.append(rest(reader)))
            reading.start()
            server.handle_exit(signal.SIGINT, None)
            server.handle_exit(signal.SIGINT, None)
        reading.join(60)
    assert "the server is stopping" in told[0]
    assert capfd.readouterr().err == ""


def test_workers_are_told_that_nobody_waits(tmp_path: Path) -> None:
    told = tmp_path / "told"
    command = "import signal, sys; tell = lambda *_: open(sys.argv[1], 'a').write('T'); signal.signal(15, tell)\n"
    command += "signal.signal(2, lambda *_: sys.exit(0)); open(sys.argv[1], 'w')\nwhile True: signal.pause()"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        several = Workers([sys.executable, "-c", command, str(told)], listener, print)

        def interrupt() -> None:
            for held in ("", "T"):
                while not told.exists() or told.read_text() != held:
                    os.sched_yield()
                several.stop(signal.SIGINT)

        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        assert several.run(1) == 0
        interrupting.join(60)


def test_workers_share_a_port_and_end_together(fake: Fake) -> None:
    command = [sys.executable, "-m", "chatmodes", "serve", "--port", "0", "--base-url", fake.url, "--model", "echo"]
    with subprocess.Popen([*command, "--workers", "2"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        address = process.stderr.readline().split()[2]
        with OpenAI(base_url=address, api_key="none") as client:
            for _ in range(3):
                assert len(client.models.list().data) >= 4
        first, second = _children(process.pid)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert process.stderr.read() == ""
    assert not _runs(first)
    assert not _runs(second)


def test_workers_do_not_outlive_who_started_them(fake: Fake) -> None:
    command = [sys.executable, "-m", "chatmodes", "serve", "--port", "0", "--base-url", fake.url, "--model", "echo"]
    with subprocess.Popen([*command, "--workers", "2"], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        address = process.stderr.readline().split()[2]
        with OpenAI(base_url=address, api_key="none") as client:
            client.models.list()  # one of them listens at least
        workers = _children(process.pid)
        process.kill()
        deadline = time.monotonic() + 60
        while any(_runs(worker) for worker in workers):
            assert time.monotonic() < deadline
            os.sched_yield()


def test_a_worker_that_cannot_start_ends_them_all(tmp_path: Path) -> None:
    starts, told = tmp_path / "starts", list[str]()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert Workers(_failing(starts), listener, told.append).run(1) == 3
    assert (starts.read_text(), told) == ("x", [])


def test_a_worker_that_dies_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SOON", 0.0)
    starts, told = tmp_path / "starts", list[str]()

    def tell(sentence: str) -> None:
        told.append(sentence)
        if len(told) == 2:
            several.stop()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        several = Workers(_failing(starts), listener, tell)
        assert several.run(1) == 0
    assert told == ["A worker ended with 3; another takes its place."] * 2
    assert starts.read_text().startswith("xx")


def _failing(starts: Path) -> list[str]:
    """A command that notes that it was started, and fails."""
    return [sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write('x'); sys.exit(3)", str(starts)]


def _children(process: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def _runs(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except OSError:
        return False


def test_a_port_in_use_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = chatmodes("serve", "--port", str(port), "--base-url", "http://127.0.0.1:1/v1")
    assert result.code == 2
    assert "Nothing can listen at 127.0.0.1" in result.err
    assert result.err.count("\n") == 1
    assert chatmodes("serve", "--port", "99999").code == 2
    assert chatmodes("serve", "--base-url", "no address", "--port", "0").code == 2


@pytest.mark.parametrize("api", ["chat", "responses"])
def test_an_error_of_the_servers_own_is_not_tried_again(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], api: str
) -> None:
    """The SDK tries again what answers 500, unless it is told not to: agents may have been paid by then. The log tells
    where it came about, and nothing that was said."""
    tried: list[Any] = []
    said = "what was said"

    def breaks(body: dict[str, Any], _: object) -> None:
        tried.append(body)
        raise ExceptionGroup(said, [ZeroDivisionError(said)]) from KeyError(said)

    monkeypatch.setattr(chat_request if api == "chat" else responses_request, "parse", breaks)
    with served(fake) as address, OpenAI(base_url=f"{address}/v1", api_key="none") as client:
        path = "/chat/completions" if api == "chat" else "/responses"
        with pytest.raises(openai.InternalServerError, match="ExceptionGroup") as caught:
            client.post(path, body={"model": "instant"}, cast_to=object)
    assert len(tried) == 1
    logged = capfd.readouterr().err
    assert said not in caught.value.message + logged
    assert all(word in logged for word in ("in breaks", "KeyError", "ExceptionGroup", "ZeroDivisionError"))


def test_several_of_them_share_a_conversation(fake: Fake) -> None:
    """Nothing is kept between requests, so that each may go to another server."""
    with served(fake) as first, served(fake) as second:
        said: list[Any] = [{"role": "user", "content": "one"}]
        for address in (first, second, first):
            with OpenAI(base_url=f"{address}/v1", api_key="none") as client:
                answer = client.chat.completions.create(model="instant/endpoint/echo", messages=said)
            said += [answer.choices[0].message.model_dump(exclude_none=True), {"role": "user", "content": "more"}]
    assert [len(request.messages) for request in fake.chats] == [1, 3, 5]


FAULTS = ("401", "400", "reset-mid-stream", "empty", "html-200", "error-object")


@pytest.mark.parametrize("mode", ["instant", "thinking", "contemplating", "auto"])
def test_a_fault_behind_any_mode_is_told_and_ends(client: OpenAI, mode: str) -> None:
    for fault in FAULTS:
        for streamed in (False, True):
            with pytest.raises(openai.APIError) as caught:
                _read(client, f"{mode}/endpoint/fault:{fault}", streamed)
            assert caught.value.message, (fault, streamed)
            if isinstance(caught.value, openai.APIStatusError):
                assert caught.value.status_code in (400, 404, 424), (fault, streamed)
                assert caught.value.response.headers["x-should-retry"] == "false"


def _read(client: OpenAI, model: str, streamed: bool) -> None:
    create: Any = client.with_options(max_retries=0).chat.completions.create
    said = [{"role": "user", "content": "Why?"}]
    answer = create(model=model, messages=said, stream=streamed, reasoning_effort="low")
    if streamed:
        list(answer)
