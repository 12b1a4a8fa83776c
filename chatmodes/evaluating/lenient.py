"""JSON as Python writes it, which is not always JSON.

It puts NaN where a table has an empty cell, and half of a character where a text was cut: of a file of 12,000 lines
that is a reason to read the line otherwise, and none to leave it out.
"""

import json


def mended(data: bytes) -> bytes:
    """The same in JSON: null for NaN, and a question mark for half of a character. Raises `ValueError` where it is
    neither."""
    return json.dumps(json.loads(data, parse_constant=_constant), ensure_ascii=False).encode(errors="replace")


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError(f"{name} is no number")
