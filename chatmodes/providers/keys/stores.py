"""The two places that keep a key for the program: the system's keyring, and a file only its owner can read.

Apart from `lookup.py`, which decides who is asked first, because both places fail in ways of their own: a keyring may
be absent (a server without a desktop), locked or hung, and a file may be malformed or open to others. Here each of them
gets one shape: it answers, or it raises `BadKeyError`.
"""

import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import msgspec

from chatmodes.settings import ConfigError, home, private_folder, read_toml, write_private

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "chatmodes"
"""The name under which the keyring shows the keys to its owner."""

READ_TIMEOUT = 10.0
"""Seconds a keyring may take to give a key: long enough for a fingerprint, short enough not to look like a hang."""
WRITE_TIMEOUT = 60.0
"""Seconds to store one: somebody may be typing the keyring's own password."""

HEADER = """\
# Keys that `chatmodes keys set` stored. Only you can read this file; keep it so (chmod 600).
"""


class BadKeyError(ConfigError):
    """A key, or a place that keeps keys, that cannot be used. Its message never holds a key."""


class _Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    keyring: tuple[str, ...] = ()
    """Providers whose keys are in the keyring, so that it is only opened for those."""
    keys: dict[str, str] = {}


class KeyFile:
    """`keys.toml` in the configuration folder: the keys themselves, and which ones the keyring has."""

    def __init__(self) -> None:
        self._read: tuple[object, _Contents] | None = None
        """Which file was read, and what it held: it is looked at several times a request, and seldom changes."""

    @property
    def path(self) -> Path:
        return home("config") / "keys.toml"

    def read(self) -> tuple[dict[str, str], tuple[str, ...]]:
        """The keys by provider, and the providers whose keys are in the keyring. Raises `BadKeyError`."""
        path = self.path
        try:
            found = path.stat()
        except FileNotFoundError:
            return {}, ()
        except OSError as error:
            raise BadKeyError(f"{path} cannot be read: {error.strerror}.", "Check its permissions.") from None
        mode, version = found.st_mode, (path, found.st_ino, found.st_size, found.st_mtime_ns)
        if mode & 0o077:
            raise BadKeyError(
                f"{path} holds keys and can be read by others (mode {mode & 0o777:o}), so it is not used.",
                f"Run: chmod 600 {path}",
            )
        if self._read is not None and self._read[0] == version:
            return self._read[1].keys, self._read[1].keyring
        try:
            contents = msgspec.convert(read_toml(path), _Contents)
        except msgspec.ValidationError as error:
            # The value is left out of the message by msgspec; the chain is cut so that no traceback shows it either.
            raise BadKeyError(f"{path}: {error}.", 'It should hold [keys] and lines like: openai = "KEY"') from None
        except ConfigError as error:
            raise BadKeyError(str(error), error.hint) from None
        self._read = version, contents
        return contents.keys, contents.keyring

    def write(self, keys: dict[str, str], in_keyring: tuple[str, ...]) -> None:
        """Replace the file whole, so that a crash leaves the old one. Raises `BadKeyError`."""
        lines = [HEADER]
        if in_keyring:
            lines.append(f"keyring = [{', '.join(json.dumps(name) for name in sorted(in_keyring))}]")
        lines.append("[keys]")
        lines += [f"{json.dumps(name)} = {json.dumps(key)}" for name, key in sorted(keys.items())]
        path = self.path
        try:
            private_folder(path.parent)
            write_private(path, "\n".join(lines) + "\n")
        except OSError as error:
            raise BadKeyError(
                f"{path} cannot be written: {error.strerror}.", "Check the folder, or set the variable instead."
            ) from None


class Keyring:
    """The system's keyring, asked in a thread that is given up on when it does not answer in time.

    A backend waits on another program (D-Bus, an unlock dialog) and cannot be cancelled; a daemon thread lets this
    program end all the same. Once it has failed it is not asked again until `forget`, so that five agents do not wait
    five times, and the next prompt finds one that was unlocked meanwhile.
    """

    def __init__(self) -> None:
        self._problem = ""
        self._known: dict[str, str | None] = {}

    def get(self, provider: str) -> str | None:
        """The stored key, or None. Raises `BadKeyError` when the keyring is broken, locked or too slow."""
        if provider not in self._known:
            self._known[provider] = self._bounded(lambda ring: ring.get_password(SERVICE, provider), READ_TIMEOUT)
        return self._known[provider]

    def known(self, provider: str) -> str | None:
        """The stored key, where it was asked for already."""
        return self._known.get(provider)

    def asked(self, provider: str) -> bool:
        """Whether asking now would tell nothing new."""
        return bool(self._problem) or provider in self._known

    def forget(self, provider: str) -> None:
        """Forget a failure, and that there was no key: ask again next time."""
        self._problem = ""
        if self._known.get(provider) is None:
            self._known.pop(provider, None)

    def set(self, provider: str, key: str) -> bool:
        """Store a key. False where there is no keyring fit to hold one; raises `BadKeyError` where it fails."""

        def store(ring: "KeyringBackend") -> bool:
            if ring.priority < 1 and not os.environ.get("PYTHON_KEYRING_BACKEND"):
                return False  # null, fail, or a plain file of the backend's own, which is worse than ours
            ring.set_password(SERVICE, provider, key)
            return ring.get_password(SERVICE, provider) == key  # the null backend accepts and forgets

        stored = bool(self._bounded(store, WRITE_TIMEOUT))
        self._known.pop(provider, None)
        return stored

    def remove(self, provider: str) -> None:
        """Delete a stored key; one that is not there is fine. Raises `BadKeyError` when the keyring fails."""

        def delete(ring: "KeyringBackend") -> None:
            if ring.get_password(SERVICE, provider) is not None:
                ring.delete_password(SERVICE, provider)

        self._bounded(delete, WRITE_TIMEOUT)
        self._known.pop(provider, None)

    def _bounded(self, work: "Callable[[KeyringBackend], T]", seconds: float) -> T | None:
        """The result of `work`; None where the machine has no keyring at all."""
        if self._problem:
            raise BadKeyError(self._problem, _KEYRING_HINT)
        results: list[T | None] = []
        causes: list[str] = []

        def run() -> None:
            try:
                from keyring import get_keyring  # 66 ms, and up to seconds to find a backend
                from keyring.errors import NoKeyringError

                try:
                    results.append(work(get_keyring()))
                except NoKeyringError:
                    results.append(None)
            except Exception as error:  # noqa: BLE001 - backends are third-party code and raise anything
                causes.append(type(error).__name__)  # the text of a foreign error might hold what was stored

        thread = threading.Thread(target=run, name="keyring", daemon=True)
        thread.start()
        thread.join(seconds)
        if results:
            return results[0]
        said = f"failed ({causes[0]})" if causes else f"did not answer within {seconds:.0f} seconds"
        self._problem = f"The system's keyring {said}."
        raise BadKeyError(self._problem, _KEYRING_HINT)


_KEYRING_HINT = "Unlock it, or set the provider's environment variable, or PYTHON_KEYRING_BACKEND to one that works."
