"""What a GGUF file says of itself, read from its header alone.

The program must know a model's context length and what a token of context takes before it starts a server for it: to
size the slots, to refuse what will not fit into memory, and to name a broken file in one sentence where llama.cpp only
says that loading failed. The `gguf` package would bring numpy (30 MB, 100 ms) for these few numbers.

The layout is that of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: magic, version, counts, then typed
key-value pairs. Every length comes from a file of unknown origin, so each one is checked against the file's end.
"""

import mmap
import struct
from pathlib import Path
from typing import Any

import msgspec

from chatmodes.providers.local.abandon import open_regular

MAGIC = b"GGUF"
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_MOST_PAIRS = 100_000
"""Real files have some forty; a count above this is garbage."""


class NotGGUFError(Exception):
    """The file is no GGUF model, or a damaged one. The message says in a clause what is wrong with it."""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """The part of a model's metadata that decides how it can be run; 0 where the file does not say."""

    architecture: str = ""
    name: str = ""
    context: int = 0
    """Tokens the model was trained to see at once."""
    cache_per_token: int = 0
    """Bytes of key-value cache for one token of context, at 16 bits a number."""


def read_header(path: Path) -> Header:
    """The header of the model in `path`. Raises `NotGGUFError`, or `OSError` where the file cannot be read; nothing is
    read of what is no regular file."""
    with open_regular(path) as file:
        if file.read(4) != MAGIC:
            raise NotGGUFError("it does not begin with the letters GGUF")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _header(_pairs(data))
            except (struct.error, UnicodeDecodeError, RecursionError) as error:
                raise NotGGUFError("its header is damaged or cut off") from error


def _pairs(data: mmap.mmap) -> dict[str, Any]:
    """The scalar pairs, as far as the tokenizer: what follows it is its tables, up to half a million strings."""
    version, _tensors, count = struct.unpack_from("<IQQ", data, 4)
    if not 2 <= version <= 16:
        raise NotGGUFError(f"its format has version {version}, which is unknown")
    if count > _MOST_PAIRS:
        raise NotGGUFError("its header is damaged or cut off")
    pairs: dict[str, Any] = {}
    at = 24
    for _ in range(count):
        key, at = _string(data, at)
        if key.startswith("tokenizer.") and any(name.endswith(".context_length") for name in pairs):
            break
        (kind,) = struct.unpack_from("<I", data, at)
        pairs[key], at = _value(data, at + 4, kind)
    return pairs


def _string(data: mmap.mmap, at: int) -> tuple[str, int]:
    (length,) = struct.unpack_from("<Q", data, at)
    end = at + 8 + length
    if end > len(data):
        raise NotGGUFError("its header is damaged or cut off")
    return data[at + 8 : end].decode(), end


def _value(data: mmap.mmap, at: int, kind: int) -> tuple[Any, int]:
    if kind in _SCALARS:
        code = "<" + _SCALARS[kind]
        return struct.unpack_from(code, data, at)[0], at + struct.calcsize(code)
    if kind == _STRING:
        return _string(data, at)
    if kind != _ARRAY:
        raise NotGGUFError("its header is damaged or cut off")
    inner, count = struct.unpack_from("<IQ", data, at)
    at += 12
    if inner in _SCALARS:
        code = f"<{min(count, 1024)}{_SCALARS[inner]}"  # some models give a number for each layer
        first = struct.unpack_from(code, data, at)
        return first, _inside(data, at + count * struct.calcsize("<" + _SCALARS[inner]))
    for _ in range(count):
        _ignored, at = _value(data, at, inner)
    return None, at


def _inside(data: mmap.mmap, at: int) -> int:
    if at > len(data):
        raise NotGGUFError("its header is damaged or cut off")
    return at


def _header(pairs: dict[str, Any]) -> Header:
    architecture = str(pairs.get("general.architecture", ""))

    def number(key: str) -> int:
        """A count; of a list with one for each layer the largest, which errs on the safe side for memory."""
        found = pairs.get(f"{architecture}.{key}", 0)
        values = found if isinstance(found, tuple) else (found,)  # pyright: ignore[reportUnknownVariableType]
        whole = [value for value in values if isinstance(value, int)]  # pyright: ignore[reportUnknownVariableType]
        return max(whole, default=0)

    heads = number("attention.head_count")
    head_size = number("embedding_length") // heads if heads else 0
    key = number("attention.key_length") or head_size
    value = number("attention.value_length") or head_size
    return Header(
        architecture=architecture,
        name=str(pairs.get("general.name", "")),
        context=number("context_length"),
        cache_per_token=number("block_count") * (number("attention.head_count_kv") or heads) * (key + value) * 2,
    )
