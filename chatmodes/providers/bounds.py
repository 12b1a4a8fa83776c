"""What a server may make us hold and read. Counted after decompression, or a bomb of a kilobyte would pass."""

MIB = 1024 * 1024
ERROR = 64 * 1024
"""Bytes of an error response that are read; a complaint is a sentence."""
EVENT = 8 * MIB
"""Bytes of one event, one line, or one answer that is no stream. Encrypted reasoning comes in one piece."""
CALLS = 1000
"""Tool calls of one answer."""
SPARE = 4 * MIB
"""Characters of an answer beyond what was asked for."""
A_TOKEN = 16
"""Characters that one token may have, on the whole of an answer."""
OVERHEAD = 1024
"""Bytes around each piece of an answer that are no waste: names, ids, log probabilities, filters' verdicts."""
REPEATED = 8
"""How often a text may stand in a stream: as a delta, and in the ends of part, item and response."""
WASTE = 16 * MIB
"""Bytes of a stream that brought nothing: comments, pings, events nobody knows."""
FRAME = 160
"""Bytes that each event counts beyond its own: looking at an empty one costs time all the same."""
LIST = 16 * MIB
"""Bytes of a list of models; the longest known one has 3 MB."""


def longest(max_tokens: int | None) -> int:
    """Characters that an answer may have whose cap was `max_tokens`."""
    return SPARE + A_TOKEN * (max_tokens or 0)


def most_waste(max_tokens: int | None) -> int:
    """Bytes that may bring nothing. Some servers send an empty event for each token of reasoning that they hide."""
    return WASTE + OVERHEAD * (max_tokens or 0)


def size(limit: int) -> str:
    """A limit as people write it."""
    return f"{limit // MIB} MB" if limit >= MIB else f"{limit // 1024} KB"
