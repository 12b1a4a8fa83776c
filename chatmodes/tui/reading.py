"""The store, read away from the event loop: a slow disk must not hold up a key press."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


async def read(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Call something that blocks in a thread, and give what it returns or raises."""
    from chatmodes.chat import in_thread  # its room is imported with the engine, behind the first frame

    return await in_thread(call, *args, **kwargs)
