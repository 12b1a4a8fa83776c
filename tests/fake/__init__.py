"""A loopback server that speaks the chat API the way each real provider does, and fails in every way they fail."""

from tests.fake.server import Fake
from tests.fake.wire import Recorded, Wire

__all__ = ["Fake", "Recorded", "Wire"]
