"""A loopback server that speaks as each real provider does, and fails in every way they fail: in chat completions, in
Responses and in Messages, by the path that is asked."""

from tests.fake.server import Fake
from tests.fake.wire import Recorded, Wire

__all__ = ["Fake", "Recorded", "Wire"]
