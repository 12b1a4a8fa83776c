"""Who may ask: keys, hosts, origins, sizes, and how many at once."""

import http.client
import json
from typing import Any

import pytest

from chatmodes.server.guard import Rules, rules_for
from chatmodes.settings import ConfigError
from tests.fake import Fake
from tests.server.conftest import served

BODY = json.dumps({"model": "instant/endpoint/say:hi", "messages": [{"role": "user", "content": "hi"}]})


def ask(address: str, headers: dict[str, str], body: str = BODY, path: str = "/v1/chat/completions") -> tuple[int, Any]:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    connection.request("POST" if body else "GET", path, body or None, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def test_a_key_is_asked_for_where_there_is_one(fake: Fake) -> None:
    with served(fake, rules=rules_for("127.0.0.1", "s3cret", [])) as address:
        assert ask(address, {})[0] == 401
        assert ask(address, {"Authorization": "Bearer wrong"})[0] == 401
        assert ask(address, {"Authorization": "Bearer s3cret"})[0] == 200
        assert ask(address, {}, "", "/health") == (200, {"status": "ok"})
        assert "s3cret" not in json.dumps(ask(address, {"Authorization": "Bearer wrong"})[1])


def test_a_page_of_another_origin_and_a_rebound_name_are_refused(fake: Fake) -> None:
    with served(fake) as address:
        assert ask(address, {"Origin": "https://evil.example"})[0] == 403
        assert ask(address, {"Host": "evil.example"})[0] == 403
        assert ask(address, {"Host": "localhost"})[0] == 200
    assert len(fake.chats) == 1


def test_a_page_that_was_let_in_may_ask_and_read(fake: Fake) -> None:
    with served(fake, rules=rules_for("127.0.0.1", "", ["https://chat.example"])) as address:
        connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
        connection.request("OPTIONS", "/v1/chat/completions", headers={"Origin": "https://chat.example"})
        assert connection.getresponse().headers["access-control-allow-origin"] == "https://chat.example"
        assert ask(address, {"Origin": "https://chat.example"})[0] == 200


def test_a_body_is_bounded(fake: Fake) -> None:
    with served(fake, rules=Rules(frozenset({"127.0.0.1"}), largest=1000)) as address:
        status, answer = ask(address, {}, "x" * 2000)
        assert (status, answer["error"]["code"]) == (413, "request_too_large")


def test_more_than_so_many_at_once_are_told_to_wait(fake: Fake) -> None:
    with served(fake, rules=Rules(frozenset({"127.0.0.1"}), at_once=1)) as address:
        slow = json.dumps({**json.loads(BODY), "model": "instant/endpoint/slow:tps=2,repeat=50", "stream": True})
        first = http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
        first.request("POST", "/v1/chat/completions", slow)
        fake.wait_until(lambda: len(fake.chats) == 1)
        assert ask(address, {})[0] == 429
        first.close()


def test_other_machines_need_a_key() -> None:
    with pytest.raises(ConfigError, match="other machines"):
        rules_for("0.0.0.0", "", [])
    assert rules_for("0.0.0.0", "key", []).key == "key"


@pytest.mark.parametrize("body", ["not json", "[]", '{"model": "instant"', "[" * 100_000])
def test_a_body_that_is_none_is_one_sentence(fake: Fake, body: str) -> None:
    with served(fake) as address:
        status, answer = ask(address, {}, body)
    assert status == 400
    assert answer["error"]["message"]
