"""Identifiers that sort by the time they were made and can't be guessed into colliding.

Nine characters of milliseconds and seven of randomness (35 bits), in Crockford's base 32, lower case: short enough to
type, and several programs writing at once need not agree on a counter.
"""

import os
import threading
import time

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_TIME, _RANDOM = 9, 7

_lock = threading.Lock()
_last = 0


def new_id(at: float | None = None) -> str:
    """A new identifier for now, or for `at` (seconds since 1970) where something older is imported.

    Within one program those for now never go back, also when the clock does.
    """
    global _last
    if at is not None:
        milliseconds = max(int(at * 1000), 0)
    else:
        with _lock:
            milliseconds = _last = max(time.time_ns() // 1_000_000, _last)
    return _digits(milliseconds, _TIME) + _digits(int.from_bytes(os.urandom(5), "big"), _RANDOM)


def stable_id(at: float, *names: str) -> str:
    """The identifier of something another program made at a time and called by these names: always the same one."""
    import hashlib

    digest = hashlib.sha256("\0".join(names).encode()).digest()
    return _digits(max(int(at * 1000), 0), _TIME) + _digits(int.from_bytes(digest[:5], "big"), _RANDOM)


def is_id(text: str) -> bool:
    """Whether this could be an identifier of ours or of an import: it goes into file names and links."""
    return 0 < len(text) <= 64 and text.isascii() and all(c.isalnum() or c in "-_" for c in text)


def _digits(number: int, length: int) -> str:
    digits = [_ALPHABET[number >> 5 * place & 31] for place in range(length)]
    return "".join(reversed(digits))
