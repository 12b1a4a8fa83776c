"""The fake server is itself relied upon: a fault that does not happen would make every test of it pass."""

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from tests.fake import Fake
from tests.fake.dialects import DIALECTS


def post(url: str, model: str, **fields: Any) -> str:
    body = {"model": model, "stream": True, "messages": [{"role": "user", "content": "What is 2+2?"}], **fields}
    request = urllib.request.Request(
        f"{url}/chat/completions", json.dumps(body).encode(), {"authorization": "Bearer k"}
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read().decode()


def test_a_models_name_selects_the_behaviour(fake: Fake) -> None:
    assert '"content": "What"' in post(fake.url, "echo")
    assert '"content": " 4"' in post(fake.url, "sim:accuracy=1")
    assert "ok" in post(fake.url, "say:ok,finish=length")
    assert [r.model for r in fake.chats] == ["echo", "sim:accuracy=1", "say:ok,finish=length"]


def test_a_reset_is_a_reset(fake: Fake) -> None:
    with pytest.raises(ConnectionResetError):
        post(fake.url, "fault:reset-mid-stream")


def test_a_fault_may_pass_after_some_times(fake: Fake) -> None:
    with pytest.raises(urllib.error.HTTPError):
        post(fake.url, "fault:500,times=1")
    assert "after" in post(fake.url, "fault:500,times=1")


@pytest.mark.parametrize("provider", DIALECTS)
def test_each_provider_answers_the_plainest_request(fake: Fake, provider: str) -> None:
    assert "Hello" in post(fake.like(provider), "some-model")
