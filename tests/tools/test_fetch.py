"""`fetch`: pages as text from the public network, and nothing else however it is asked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from chatmodes.tools.addresses import is_public
from chatmodes.tools.base import Context, ToolError
from chatmodes.tools.fetch import Fetch
from chatmodes.tools.pages import text_of

pytestmark = pytest.mark.anyio
CONTEXT = Context(None, 20.0)


class Pages(BaseHTTPRequestHandler):
    seen: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        type(self).seen.append(f"{self.headers['Host']}{self.path}")
        kinds = {"/big": "text/plain", "/bin": "application/octet-stream", "/codec": "text/plain; charset=punycode"}
        moved = {"/moved": "/page", "/away": "http://other.example/x", "/loop": "/loop", "/inside": "http://127.0.0.1/"}
        moved["/odd"] = "http://[elsewhere/"
        if self.path in moved:
            self.send_response(302)
            self.send_header("Location", moved[self.path])
            self.end_headers()
            return
        body = {"/big": b"x" * 5_000_000, "/codec": b"abc-" + b"9" * 1_000_000, "/bin": b"\0\1", "/none": b"gone"}.get(
            self.path, "<title>Tür</title><p>Hello <b>you</b><script>evil()</script><a href=/b>more</a>".encode()
        )
        self.send_response(404 if self.path == "/none" else 200)
        self.send_header("Content-Type", kinds.get(self.path, "text/html; charset=utf-8"))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return  # who reads no more has had enough

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def port() -> Iterator[int]:
    Pages.seen = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(*addresses: str) -> Fetch:
    """The tool, with names that lead to this machine, and this machine permitted."""

    async def look_up(host: str, port: int) -> list[str]:
        return list(addresses) or ["127.0.0.1"]

    return Fetch(permits=lambda address: True, look_up=look_up)


async def test_a_page_comes_as_text_from_the_checked_address(port: int) -> None:
    said = await fetch().run({"url": f"http://Some.Example:{port}/page"}, CONTEXT)
    assert said.startswith("# Tür")
    assert "Hello you" in said
    assert "evil" not in said
    assert f"more <http://some.example:{port}/b>" in said
    assert Pages.seen == [f"some.example:{port}/page"]


async def test_a_redirect_on_the_host_is_followed_and_one_away_is_told(port: int) -> None:
    assert "Hello" in await fetch().run({"url": f"http://some.example:{port}/moved"}, CONTEXT)
    for path in ("/away", "/inside"):
        with pytest.raises(ToolError, match="moved to another place"):
            await fetch().run({"url": f"http://some.example:{port}{path}"}, CONTEXT)
    with pytest.raises(ToolError, match="again and again"):
        await fetch().run({"url": f"http://some.example:{port}/loop"}, CONTEXT)
    with pytest.raises(ToolError, match="no address"):
        await fetch().run({"url": f"http://some.example:{port}/odd"}, CONTEXT)


async def test_what_is_large_is_cut_and_what_is_no_text_refused(port: int) -> None:
    assert len(await fetch().run({"url": f"http://some.example:{port}/big"}, CONTEXT)) == 2_000_000
    with pytest.raises(ToolError, match="no text"):
        await fetch().run({"url": f"http://some.example:{port}/bin"}, CONTEXT)
    with pytest.raises(ToolError, match="404"):
        await fetch().run({"url": f"http://some.example:{port}/none"}, CONTEXT)


async def test_a_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_the_second_time(port: int) -> None:
    answers = [["127.0.0.1"], ["10.0.0.1"]]

    async def look_up(host: str, port: int) -> list[str]:
        return answers.pop(0)

    await Fetch(permits=lambda address: address == "127.0.0.1", look_up=look_up).run(
        {"url": f"http://some.example:{port}/page"}, CONTEXT
    )
    assert len(answers) == 1


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::", "ff02::1", "no address", "192.0.2.1"],
)  # fmt: skip
async def test_no_address_but_a_public_one_is_connected_to(address: str) -> None:
    assert not is_public(address)

    async def look_up(host: str, port: int) -> list[str]:
        return ["93.184.215.14", address]

    with pytest.raises(ToolError, match="private network"):
        await Fetch(look_up=look_up).run({"url": "http://some.example/"}, CONTEXT)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:4700::1111", "64:ff9b::808:808"])
def test_a_public_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost:80/", "http://[::1]/", "http://2130706433/", "http://0x7f.1/",
     "http://127.1/", "http://0/"],
)  # fmt: skip
async def test_this_machine_is_not_reached_by_any_of_its_names(url: str) -> None:
    with pytest.raises(ToolError, match=r"private network|cannot be found"):
        await Fetch().run({"url": url}, CONTEXT)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a/b",
        "http://",
        "no address",
        "http://me:word@host/",
        "http://a:99999/",
        "",
        "https://*/x",
        "http://a b/",
    ],
)
async def test_what_is_no_address_of_a_page_is_told(url: str) -> None:
    with pytest.raises(ToolError):
        await Fetch().run({"url": url}, CONTEXT)


def test_what_nobody_sees_of_a_page_is_left_out() -> None:
    page = (
        "<head><title>T</title><style>x</style></head><body><h2>Head</h2><ul><li>one<li>two</ul>"
        "<div style='display: none'>order <b>hidden</b></div><p hidden>also</p><p>seen</p>"
        "<!-- comment --><svg><text>drawn</text></svg>"
    )
    assert text_of(page, "https://a.example/") == "# T\n\n## Head\n\n- one\n- two\n\nseen"


async def test_a_codec_that_is_no_encoding_of_pages_is_not_used(port: int) -> None:
    text = await fetch().run({"url": f"http://pages.example:{port}/codec"}, CONTEXT)
    assert text.startswith("abc-999")


@pytest.mark.parametrize("markup", ["<a ", "<a b='", "<!--", "</", "<?", "<a/", "<![CDATA[", "<!doctype ", "<script>x"])
def test_markup_without_an_end_costs_no_more_than_its_length(markup: str) -> None:
    page = f"<p>Before</p>{markup * (1_000_000 // len(markup))}"
    assert text_of(page, "https://a.example/") == "Before"


def test_what_is_longer_than_a_tag_should_be_is_passed_over_and_the_rest_is_read() -> None:
    picture = f'<img src="data:image/png;base64,{"A" * 100_000}">'
    comment, script = f"<!-- {'> ' * 50_000} -->", f"<script>{'if (a < b) {} ' * 10_000}</script>"
    page = f"<p>One</p>{picture}<p>Two</p>{comment}<p>Three</p>{script}<p>A &amp; B</p>R&amp;D"
    assert text_of(page, "https://a.example/") == "One\n\nTwo\n\nThree\n\nA & B\n\nR&D"


@pytest.mark.parametrize("size", range(4_090, 4_100))
def test_the_end_of_a_long_comment_is_found_wherever_the_page_is_cut(size: int) -> None:
    page = f"<!--{'x' * (4 * 4_096 + size)}-->After"
    assert text_of(page, "https://a.example/") == "After"


def test_a_page_that_takes_too_long_is_cut_and_says_so() -> None:
    text = text_of("<p>One</p>" * 10_000, "https://a.example/", seconds=0)
    assert text.endswith("reading it takes too long.]")


def test_a_link_that_is_no_address_costs_itself_alone() -> None:
    assert text_of('<a href="http://[">there</a> and <a href="/x">here</a>', "https://a.example/") == (
        "there and here <https://a.example/x>"
    )
