"""A stranger's file read in a process of its own, with bounds on time and memory.

PDFium and some decoders of pictures are native code that keeps the interpreter's lock: in a thread they would hold up
every key press, and a file made to crash them would end the program. The process is the interpreter with this room in
it and nothing else. It never loads the main module, as anyio's and multiprocessing's workers do: a script without a
guard that asks about a PDF would ask again in each of them.
"""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Literal, TypeVar

import anyio
import msgspec

from chatmodes.attaching.errors import AttachError
from chatmodes.providers.keys.environment import without_keys

MEMORY = 2 * 1024**3
"""Bytes of address space that reading may take."""
_START = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]);"
    "from chatmodes.attaching.apart import serve; serve(sys.argv[2], sys.argv[3])"
)
Work = Literal["pdf", "picture"]
T = TypeVar("T")


class _Refused(msgspec.Struct, frozen=True, tag="refused"):
    why: str


async def apart(work: Work, data: bytes, name: str, form: type[T], seconds: float) -> T:
    """What the work makes of the data. Raises `AttachError`: for what the file is not, for one that takes longer than
    so many seconds, and where the process ends without an answer."""
    path = json.dumps([entry for entry in sys.path if entry])
    command = [sys.executable, "-P", "-c", _START, path, work, name]
    try:
        with anyio.fail_after(seconds):
            done = await anyio.run_process(
                command, input=data, stderr=subprocess.DEVNULL, check=False, env=without_keys()
            )  # killed where the time is over
        found = msgspec.msgpack.decode(done.stdout, type=form | _Refused)
    except TimeoutError:
        raise AttachError(f"{name} took longer than {seconds:g} s to read; attach the part that matters.") from None
    except (OSError, msgspec.DecodeError, anyio.BrokenResourceError):
        raise AttachError(
            f"{name} could not be read: the reader gave up on it. Save it anew in another form."
        ) from None
    if isinstance(found, _Refused):
        raise AttachError(found.why)
    return found


def serve(work: Work, name: str) -> None:
    """The process's own side: read stdin, write what was made of it to stdout."""
    import resource
    from contextlib import suppress

    with suppress(ValueError, OSError):  # a system that knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    from chatmodes.attaching.documents import pages_of
    from chatmodes.attaching.pictures import prepared

    made: Callable[[bytes, str], object] = {"pdf": pages_of, "picture": prepared}[work]
    try:
        answer = made(sys.stdin.buffer.read(), name)
    except AttachError as problem:
        answer = _Refused(str(problem))
    except MemoryError:
        answer = _Refused(f"{name} needs too much memory to read; attach the part that matters.")
    sys.stdout.buffer.write(msgspec.msgpack.encode(answer))
