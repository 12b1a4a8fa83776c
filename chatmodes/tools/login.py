"""Signing in to a server of tools, once the user asks for it: an address to open is shown, the answer waited for."""

import math
from collections.abc import Awaitable, Callable, Sequence

import anyio

from chatmodes.settings import Server
from chatmodes.tools.callback import listening
from chatmodes.tools.connection import Described, FaultError, connected

WAIT = 300.0
"""Seconds that the user has."""


async def sign_in(
    name: str, server: Server, show: Callable[[str, int], Awaitable[None]], seconds: float = WAIT
) -> Sequence[Described]:
    """Sign in, keep the tokens, and return the server's tools. Raises `FaultError`.

    `show` is given the address that is to be opened in a browser, and the port of this machine that the browser comes
    back to.
    """
    async with listening() as callback:
        from chatmodes.tools.oauth import Signing

        async def shown(address: str) -> None:
            await show(address, callback.port)

        auth = Signing(name, server.url, callback, shown)
        with anyio.move_on_after(seconds):
            async with connected(name, server, math.inf, auth) as connection:
                if not auth.done:
                    raise FaultError(f"The server {name} does not ask anyone to sign in.")
                return connection.tools
    raise FaultError(f"Nobody signed in to the server {name} within {seconds:g} s.")
