"""The embedded model: weights on this machine, served by llama.cpp in a process of its own."""

from chatmodes.providers.local.server import Endpoint, LocalServer

__all__ = ["Endpoint", "LocalServer"]
