"""Keys that a program prints: tokens that expire, or secrets that a password manager keeps.

The program is the user's own, named as a list in providers.toml and run without a shell. It may hang, print without
end or leave children behind, so it gets no terminal, `SECONDS`, room for one key, and a process group that is ended as
a whole. What it printed is kept until a provider refuses it, and stands in no message.
"""

import os
import shutil
import signal
import subprocess
import threading
from contextlib import suppress

from chatmodes.providers.keys.stores import BadKeyError

SECONDS = 30.0
"""For the program to print the key: gcloud takes one, a password manager asks for a fingerprint."""
MOST = 64 * 1024
"""Bytes that it may print; a token of Google's has a kilobyte or two."""


class KeyCommands:
    """What programs printed, by provider."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[str, ...], str]] = {}
        self._running = threading.Lock()

    def get(self, provider: str, command: tuple[str, ...]) -> str:
        """The key, from the program where it is not known. Blocks; raises `BadKeyError`."""
        with self._running:  # agents that start together run it once
            known = self._known.get(provider)
            if known is None or known[0] != command:
                known = self._known[provider] = command, _printed_by(command)
            return known[1]

    def forget(self, provider: str) -> None:
        """Run the program again next time: what it printed was refused."""
        self._known.pop(provider, None)


def installed(command: tuple[str, ...]) -> bool:
    """Whether the program is there to be run."""
    return bool(command) and shutil.which(command[0]) is not None


def _printed_by(command: tuple[str, ...]) -> str:
    program = command[0]
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise BadKeyError(
            f"The program {program!r}, which should print the key, cannot be run: {why}.",
            "Check key_command in providers.toml.",
        ) from None
    assert process.stdout
    output = process.stdout
    found = bytearray()

    def read() -> None:
        with suppress(OSError, ValueError):
            while len(found) <= MOST and (data := os.read(output.fileno(), MOST)):
                found.extend(data)

    reader = threading.Thread(target=read, name="key command", daemon=True)
    reader.start()
    reader.join(SECONDS)
    late, much = reader.is_alive(), len(found) > MOST
    if late or much:
        _end(process)
    code = process.wait()
    if not reader.is_alive():
        output.close()
    return _checked(program, code, bytes(found), late=late, much=much)


def _checked(program: str, code: int, found: bytes, *, late: bool, much: bool) -> str:
    again = f"Run `{program}` with its arguments yourself to see what is wrong."
    if late:
        raise BadKeyError(f"The program {program!r} printed no key within {SECONDS:.0f} s, and was ended.", again)
    if much:
        raise BadKeyError(f"The program {program!r} printed more than a key.", again)
    if code:
        raise BadKeyError(f"The program {program!r} printed no key and ended with {code}.", again)
    return found.decode(errors="replace").strip()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End the program and whatever it started, which may hold its output open."""
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
