"""A request's body: JSON as clients write it, which is not always JSON as it should be."""

import re
from typing import Any, cast

import msgspec
from starlette.requests import Request

from chatmodes.server.errors import RequestError

_ESCAPES = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)", re.DOTALL
)
"""Both halves of a character, one half alone, which is caught, or any other escape."""


async def body_of(request: Request) -> dict[str, Any]:
    """The object that a request sends. Raises `RequestError` for what is none."""
    if (coding := request.headers.get("content-encoding", "identity")) != "identity":
        message = f"A body in {coding} is not read; send it as it is."
        raise RequestError(message, status=415, code="unsupported_encoding")
    try:
        body = _decoded(await request.body())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RequestError(f"The body is not JSON: {error}.") from error
    if not isinstance(body, dict):
        raise RequestError("The body must be a JSON object.")
    return cast("dict[str, Any]", body)


def _decoded(data: bytes) -> Any:
    """The value. Programs that cut a text at a length cut characters in two, and send the half as an escape: that is
    read as the mark for what is no character."""
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError:
        mended = _ESCAPES.sub(lambda found: rb"\ufffd" if found[1] else found[0], data)
        if mended == data:
            raise
        return msgspec.json.decode(mended)
