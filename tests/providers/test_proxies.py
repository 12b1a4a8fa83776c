"""Requests go through the proxy that is meant for them, or through none."""

from urllib.parse import urlsplit

import pytest

from chatmodes.providers.gateway import open_gateway
from chatmodes.providers.proxies import proxy_for
from chatmodes.providers.urls import is_loopback
from chatmodes.settings import load
from tests.fake import Fake
from tests.providers.calls import ask
from tests.providers.relay import Relay

pytestmark = pytest.mark.anyio
THERE = "http://llm.example.org/v1"


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.parametrize(
    ("variables", "way"),
    [
        ({"HTTP_PROXY": "http://RELAY", "ALL_PROXY": "socks5://127.0.0.1:9"}, "http"),
        ({"HTTP_PROXY": "http://RELAY", "ALL_PROXY": "nonsense://x"}, "http"),
        ({"HTTP_PROXY": "http://RELAY", "HTTPS_PROXY": "socks4://x"}, "http"),
        ({"http_proxy": "RELAY"}, "http"),
        ({"ALL_PROXY": "http://RELAY"}, "http"),
        ({"ALL_PROXY": "socks5://RELAY"}, "socks"),
        ({"ALL_PROXY": "socks5h://RELAY"}, "socks"),
        ({"all_proxy": "socks://RELAY/"}, "socks"),
    ],
)
async def test_the_schemes_own_proxy_comes_before_the_one_for_all(
    fake: Fake, variables: dict[str, str], way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Relay(urlsplit(fake.url).port or 0) as relay:
        for name, value in variables.items():
            monkeypatch.setenv(name, value.replace("RELAY", relay.address))
        async with open_gateway(load(), THERE) as gateway:
            told = await ask(gateway, "endpoint/say:ok")
    assert told.error is None
    assert told.text == "ok"
    assert relay.asked == [f"{way} llm.example.org"], "the proxy looks the host up"


@pytest.mark.parametrize(
    "address", ["nonsense://x", "socks4://127.0.0.1:9", "http://", "http://me:hunter2@127.0.0.1:9"]
)
async def test_a_proxy_that_cannot_be_used_is_named_with_its_variable(
    fake: Fake, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", address)
    async with open_gateway(load(), THERE) as gateway:
        told = await ask(gateway, "endpoint/say:ok")
    assert told.error
    assert told.error.kind == "network"
    assert "ALL_PROXY" in told.error.message
    assert "ALL_PROXY" in told.error.hint
    assert "hunter2" not in told.error.message
    async with open_gateway(load(), fake.url) as gateway:
        assert (await ask(gateway, "endpoint/say:ok")).text == "ok", "this machine needs no proxy"


@pytest.mark.parametrize(
    ("exceptions", "host", "direct"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("192.168.0.0/16, 10.0.0.0/8", "10.255.0.1", True),
        ("10.1.2.3/16", "10.1.9.9", True),
        ("fd00::/8", "[fd12::1]", True),
        ("fd00::/8", "10.1.2.3", False),
        ("10.1.2.3", "10.1.2.3", True),
        ("10.0.0.0/99", "10.1.2.3", False),
        ("example.org", "llm.example.org", True),
        (".example.org", "llm.example.org", True),
        ("*.example.org", "llm.example.org", True),
        ("example.org", "badexample.org", False),
        ("llm.example.org:8000", "llm.example.org", True),
        ("*", "anything.example", True),
        ("", "llm.example.org", False),
        ("", "127.0.0.1", True),
        ("", "localhost", True),
        ("", "[::1]", True),
        ("", "0.0.0.0", True),
    ],
)
def test_what_no_proxy_excepts(exceptions: str, host: str, direct: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    monkeypatch.setenv("NO_PROXY", exceptions)
    assert (proxy_for(f"http://{host}:8000/v1") is None) == direct


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True), ("LOCALHOST.", True), ("box.localhost", True), ("127.0.0.1", True), ("127.9.9.9", True),
        ("::1", True), ("[::1]", True), ("0.0.0.0", True), ("::", True), ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False), ("localhost.example.org", False), ("127.0.0.1.example.org", False), ("", False),
    ],
)  # fmt: skip
def test_one_notion_of_this_machine(host: str, here: bool) -> None:
    assert is_loopback(host) is here
