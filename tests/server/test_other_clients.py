"""The server as others than the Python SDK meet it: curl, a page in a browser, the Node SDK, a checker of schemas."""

import functools
import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chatmodes.server.guard import rules_for
from tests.fake import Fake
from tests.fake.chunks import chunk, usage
from tests.fake.wire import Wire
from tests.server.conftest import served
from tests.web.test_browser import CHROMIUM, FLAGS

HERE = Path(__file__).parent
CURL, NODE = shutil.which("curl"), shutil.which("node")
SDK = HERE / "node" / "node_modules" / "openai"
PAGE = """<!doctype html><meta charset="utf-8"><title>waiting</title><pre id="said"></pre><script>
addEventListener("load", async () => {
  const said = document.getElementById("said");
  const base = new URLSearchParams(location.search).get("base");
  try {
    const answer = await fetch(base + "/chat/completions", {
      method: "POST", headers: { "content-type": "application/json", authorization: "Bearer s3cret" },
      body: JSON.stringify({ model: "instant/endpoint/slow:tps=40,tokens=12", stream: true,
                             messages: [{ role: "user", content: "hi" }] }),
    });
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let pieces = 0; ; pieces++) {
      const { done, value } = await reader.read();
      if (done) { document.title = "done " + pieces; break; }
      said.textContent += value;
    }
  } catch (error) { document.title = "failed"; said.textContent = String(error); }
});
</script>"""


async def called(wire: Wire) -> None:
    """A call of the first tool that is offered; a text where there is none."""
    if tools := wire.request.fields.get("tools"):
        call = {"name": tools[0]["function"]["name"], "arguments": '{"location": "Oslo"}'}
        await wire.event(chunk({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": call}]}))
        await wire.event(chunk({}, finish="tool_calls"))
    else:
        await wire.event(chunk({"content": "1, "}))
        await wire.event(chunk({"content": "2"}))
        await wire.event(chunk({}, finish="stop"))
    await wire.event({**chunk(), "choices": [], "usage": usage(5, 2)})
    await wire.event("[DONE]")


def test_curl_reads_a_stream_as_it_comes(address: str, fake: Fake) -> None:
    if CURL is None:
        pytest.skip("no curl here: install the package curl to run this test")
    body = json.dumps(
        {"model": "instant/endpoint/hang:So far", "messages": [{"role": "user", "content": "hi"}], "stream": True}
    )
    command = [CURL, "-sSN", f"{address}/v1/chat/completions", "-H", "content-type: application/json", "-d", body]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as curl:
        assert curl.stdout
        lines = iter(curl.stdout.readline, "")
        assert '"role":"assistant"' in next(lines)
        assert any('"content":"So far"' in line for line in lines)  # though the answer never ends
        curl.terminate()
    fake.wait_until(lambda: fake.chats[0].cut)


def test_curl_is_told_what_is_wrong(address: str) -> None:
    if CURL is None:
        pytest.skip("no curl here: install the package curl to run this test")
    command = [CURL, "-sS", "-w", "%{http_code}", f"{address}/v1/chat/completions", "-d", "model=instant"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.endswith("400")
    assert "not JSON" in json.loads(done.stdout[:-3])["error"]["message"]


class _Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.end_headers()
        self.wfile.write(PAGE.encode())

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def page() -> Iterator[str]:
    """The address of a page that asks, on an origin of its own."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Page) as server:
        thread = threading.Thread(target=functools.partial(server.serve_forever, 0.05), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join(10)


@pytest.mark.parametrize("let_in", [True, False])
def test_a_page_reads_a_stream_where_its_origin_was_let_in(fake: Fake, page: str, let_in: bool) -> None:
    if CHROMIUM is None:
        pytest.skip("no Chromium here: install the package chromium to run the browser tests")
    from playwright.sync_api import sync_playwright

    rules = rules_for("127.0.0.1", "s3cret", [page] if let_in else [])
    with served(fake, rules=rules) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        tab = browser.new_page()
        tab.goto(f"{page}/?base={address}/v1")
        tab.wait_for_function("document.title != 'waiting'", timeout=60_000)
        title, said = tab.title(), tab.inner_text("#said")
        browser.close()
    if let_in:
        assert title.startswith("done")
        assert int(title.split()[1]) > 1  # in pieces
        assert "[DONE]" in said
    else:
        assert title == "failed"
        assert fake.chats == []


def test_the_node_sdk(address: str, fake: Fake) -> None:
    if NODE is None or not SDK.exists():
        pytest.skip("no Node SDK here: npm install --prefix tests/server/node")
    fake.scripts["caller"] = called
    command = [NODE, str(HERE / "node" / "ask.mjs"), f"{address}/v1"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["streamed"] == "ANSWER: 42"
    assert "] ANSWER: 42" in found["reasoning"]  # of which agent depends on who is first
    assert found["called"] == {"name": "weather", "arguments": '{"location": "Oslo"}'}
    assert found["finish"] == "tool_calls"
    assert found["response"] == "Hello there"
    assert found["error"]["status"] == 424
    assert "API key" in found["error"]["message"]
    fake.wait_until(lambda: fake.chats[-1].cut)
    assert len([request for request in fake.chats if request.model == "fault:401"]) == 1  # not tried again


@pytest.mark.parametrize("mode", ["instant", "contemplating"])
@pytest.mark.parametrize("form", ["openai-chat", "open-responses"])
def test_answers_keep_to_the_schemas(address: str, fake: Fake, mode: str, form: str) -> None:
    """By llm-comply, which has a list of events in which a reasoning summary's text is missing."""
    fake.scripts["comply"] = called
    command = [str(Path(sys.executable).with_name("llm-comply")), "--base-url", f"{address}/v1", "--json"]
    command += ["--api-key", "none", "--model", f"{mode}/endpoint/comply", "--format", form]
    command += ["--ignore", "response.reasoning_summary_text"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    results = json.loads(done.stdout)["results"]
    assert [each for each in results if each["status"] == "failed"] == []
    assert sum(each["status"] == "passed" for each in results) >= 8
