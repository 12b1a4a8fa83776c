"""Who may ask: keys, hosts, origins, sizes, and how many at once."""

import gzip
import http.client
import json
import socket
from typing import Any

import pytest

from chatmodes.server import guard
from chatmodes.server.guard import Rules, rules_for
from chatmodes.settings import ConfigError
from tests.fake import Fake
from tests.server.conftest import served

BODY = json.dumps({"model": "instant/endpoint/say:hi", "messages": [{"role": "user", "content": "hi"}]})


def ask(address: str, headers: Any, body: str | bytes = BODY, path: str = "/v1/chat/completions") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("POST" if body else "GET", path, body or None, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def test_a_key_is_asked_for_where_there_is_one(fake: Fake) -> None:
    with served(fake, rules=rules_for("127.0.0.1", "s3cret", [])) as address:
        assert ask(address, {})[0] == 401
        assert "www-authenticate: Bearer" in raw(address, "content-length: 0", "connection: close", body="")
        assert ask(address, {"Authorization": "Bearer wrong"})[0] == 401
        assert ask(address, {"Authorization": "Bearer s3cret"})[0] == 200
        assert ask(address, {}, "", "/health") == (200, {"status": "ok"})
        assert "s3cret" not in json.dumps(ask(address, {"Authorization": "Bearer wrong"})[1])


@pytest.mark.parametrize("sent", ["bearer schlüssel", "Bearer  schlüssel ", "BEARER schlüssel"])
def test_a_key_is_compared_as_bytes_and_its_scheme_in_any_case(fake: Fake, sent: str) -> None:
    with served(fake, rules=rules_for("127.0.0.1", "schlüssel\n", [])) as address:
        assert ask(address, {"Authorization": sent.encode()})[0] == 200
        assert ask(address, {"x-api-key": "schlüssel".encode()})[0] == 200
        assert ask(address, {"Authorization": "Bearer ", "x-api-key": "schlüssel".encode()})[0] == 200
        assert ask(address, {"Authorization": sent})[0] == 401  # as Latin-1, which is another key
        assert ask(address, {"Authorization": "Basic schlüssel".encode()})[0] == 401


@pytest.mark.parametrize("name", ["LOCALHOST:8484", "[::1]:8484", "127.0.0.1"])
def test_this_machine_has_several_names(fake: Fake, name: str) -> None:
    with served(fake) as address:
        assert ask(address, {"Host": name})[0] == 200


LOOKALIKES = [
    "127.0.0.1.nip.io", "localhost.evil.example", "user@127.0.0.1", "127.0.0.1@evil.example", "localhost:80:80",
    "127.0.0.1/", "127.0.0.1#", "localhost:http", "127.0.0.1, evil.example", "[::1", "127.1", "2130706433", "",
]  # fmt: skip


def test_what_only_looks_like_its_name_is_refused(fake: Fake) -> None:
    with served(fake) as address:
        answers = [ask(address, {"Host": name}) for name in LOOKALIKES]
    for name, (status, body) in zip(LOOKALIKES, answers, strict=True):
        assert (name, status, body["error"]["code"]) == (name, 403, "wrong_host")
        assert "127.0.0.1 or localhost" in body["error"]["message"]  # what to do
    assert not fake.chats


def raw(address: str, *lines: str, body: str = BODY, version: str = "1.1") -> str:
    """The answer to a request whose headers are sent as they are, up to the end of the connection."""
    host, port = address.removeprefix("http://").split(":")
    head = "\r\n".join([f"POST /v1/chat/completions HTTP/{version}", "host: 127.0.0.1", *lines])
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(f"{head}\r\n\r\n{body}".encode())
        answer = b""
        while data := connection.recv(65536):
            answer += data
    return answer.decode()


@pytest.mark.parametrize(
    "twice",
    [
        ("authorization: Bearer wrong", "authorization: Bearer s3cret"),
        ("x-api-key: wrong", "x-api-key: s3cret"),
        ("authorization: Bearer s3cret", "origin: https://evil.example", "origin: https://chat.example"),
    ],
)
def test_a_second_word_on_who_asks_is_none(fake: Fake, twice: tuple[str, ...]) -> None:
    with served(fake, rules=rules_for("127.0.0.1", "s3cret", ["https://chat.example"])) as address:
        answer = raw(address, *twice, f"content-length: {len(BODY)}", "connection: close")
    assert answer.startswith("HTTP/1.1 400")
    assert '"repeated_header"' in answer
    assert not fake.chats


CHUNKED = f"{len(BODY):x}\r\n{BODY}\r\n0\r\n\r\n"


@pytest.mark.parametrize(
    ("lines", "version"),
    [
        (("transfer-encoding: chunked", f"content-length: {len(CHUNKED)}"), "1.1"),
        (("content-length: 5", "transfer-encoding: chunked"), "1.1"),
        (("transfer-encoding: chunked",), "1.0"),
    ],
)
def test_a_body_whose_length_is_told_in_two_ways_may_hide_another_request(
    fake: Fake, lines: tuple[str, ...], version: str
) -> None:
    with served(fake) as address:
        answer = raw(address, *lines, body=CHUNKED, version=version)
        fair = raw(address, "transfer-encoding: chunked", "connection: close", body=CHUNKED)
    assert fair.startswith("HTTP/1.1 200")
    assert answer.startswith("HTTP/1.1 400")
    assert '"ambiguous_length"' in answer
    assert "connection: close" in answer.lower()


def test_a_page_of_another_origin_and_a_rebound_name_are_refused(fake: Fake) -> None:
    with served(fake) as address:
        assert ask(address, {"Origin": "https://evil.example"})[0] == 403
        assert ask(address, {"Host": "evil.example"})[0] == 403
        assert ask(address, {"Host": "localhost"})[0] == 200
    assert len(fake.chats) == 1


def test_a_page_that_was_let_in_may_ask_and_read(fake: Fake) -> None:
    with served(fake, rules=rules_for("127.0.0.1", "", ["https://chat.example"])) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        connection.request("OPTIONS", "/v1/chat/completions", headers={"Origin": "https://chat.example"})
        assert connection.getresponse().headers["access-control-allow-origin"] == "https://chat.example"
        assert ask(address, {"Origin": "https://chat.example"})[0] == 200


def test_a_page_may_send_the_headers_that_an_sdk_in_it_has(fake: Fake) -> None:
    """The SDKs name themselves in headers of their own, each of which a browser asks for first."""
    wanted = "authorization,content-type,x-stainless-lang,x-stainless-retry-count"
    with served(fake, rules=rules_for("127.0.0.1", "key", ["https://chat.example"])) as address:
        for origin, status in (("https://chat.example", 204), ("https://evil.example", 403)):
            connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
            asking = {"Origin": origin, "Access-Control-Request-Headers": wanted}
            connection.request("OPTIONS", "/v1/chat/completions", headers=asking)
            answer = connection.getresponse()
            allowed = answer.headers.get("access-control-allow-headers")
            assert (answer.status, allowed) == (status, wanted if status == 204 else None)
            connection.close()


def test_a_page_of_the_internet_that_was_let_in_may_ask_this_machine(fake: Fake) -> None:
    """Browsers ask for that by a header of its own."""
    asking = {"Origin": "https://chat.example", "Access-Control-Request-Private-Network": "true"}
    with served(fake, rules=rules_for("127.0.0.1", "", ["https://chat.example"])) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        connection.request("OPTIONS", "/v1/chat/completions", headers=asking)
        assert connection.getresponse().headers["access-control-allow-private-network"] == "true"
        connection.close()


def test_a_body_that_is_packed_is_named_as_such(fake: Fake) -> None:
    with served(fake) as address:
        status, answer = ask(address, {"content-encoding": "gzip"}, gzip.compress(BODY.encode()))
    assert (status, answer["error"]["code"]) == (415, "unsupported_encoding")


def test_a_body_that_does_not_go_on_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "UPLOADING", 0.2)
    with served(fake) as address:
        host, port = address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\ncontent-length: 99\r\n\r\n{")
            told = b""
            while data := connection.recv(65536):
                told += data
    assert told.startswith(b"HTTP/1.1 408")
    assert b"x-should-retry: false" in told


def test_a_body_is_bounded(fake: Fake) -> None:
    with served(fake, rules=Rules(frozenset({"127.0.0.1"}), largest=1000)) as address:
        status, answer = ask(address, {}, "x" * 2000)
        assert (status, answer["error"]["code"]) == (413, "request_too_large")


def test_more_than_so_many_at_once_are_told_to_wait(fake: Fake) -> None:
    with served(fake, rules=Rules(frozenset({"127.0.0.1"}), at_once=1)) as address:
        slow = json.dumps({**json.loads(BODY), "model": "instant/endpoint/slow:tps=2,repeat=50", "stream": True})
        first = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
        first.request("POST", "/v1/chat/completions", slow)
        fake.wait_until(lambda: len(fake.chats) == 1)
        assert ask(address, {})[0] == 429
        assert ask(address, {}, "", "/health")[0] == 200  # or a balancer takes it for dead
        first.close()


@pytest.mark.parametrize("origin", ["*", "chat.example", "https://chat.example/page", "null", "https://[", ""])
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    with pytest.raises(ConfigError, match="no origin"):
        rules_for("127.0.0.1", "", [origin])
    assert rules_for("127.0.0.1", "", ["HTTPS://Chat.example:8080/"]).origins == {"https://chat.example:8080"}


@pytest.mark.parametrize("host", ["127.0.0.2", "::1", "Localhost"])
def test_an_address_of_this_machine_alone_needs_no_key(host: str) -> None:
    assert host.lower() in rules_for(host, "", []).hosts


def test_other_machines_need_a_key() -> None:
    with pytest.raises(ConfigError, match="every address"):
        rules_for("", " \n", [])
    with pytest.raises(ConfigError, match="other machines"):
        rules_for("0.0.0.0", "", [])
    assert rules_for("0.0.0.0", "key", []).key == "key"


@pytest.mark.parametrize("body", ["not json", "[]", '{"model": "instant"', "[" * 100_000])
def test_a_body_that_is_none_is_one_sentence(fake: Fake, body: str) -> None:
    with served(fake) as address:
        status, answer = ask(address, {}, body)
    assert status == 400
    assert answer["error"]["message"]
