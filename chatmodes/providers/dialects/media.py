"""Pictures and PDFs as text on the wire. Encoded once: N agents of a run send the same."""

import base64
from functools import lru_cache

_KEPT = 32
"""Encoded files that are kept; a run sends the same few many times over."""


@lru_cache(maxsize=_KEPT)
def base64_of(content: bytes) -> str:
    """The bytes in base64."""
    return base64.b64encode(content).decode("ascii")


def data_url(media_type: str, content: bytes) -> str:
    """The bytes as a URL that holds them. An address on the network is never sent: the provider would fetch it with
    rights of its own."""
    return f"data:{media_type};base64,{base64_of(content)}"
