"""What the library's tests share: the loopback server as the endpoint of the environment."""

import pytest

from tests.fake import Fake


@pytest.fixture
def endpoint(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """The loopback server as the endpoint of the environment."""
    monkeypatch.setenv("CHATMODES_BASE_URL", fake.url)
    monkeypatch.setenv("CHATMODES_MODEL", "say:ANSWER: 144")
    return fake
