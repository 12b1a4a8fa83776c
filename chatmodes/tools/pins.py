"""The definitions that the user's word was about, by digest, in a file of the program's own.

A server may change what a tool of its says it does, after it was allowed: it is then another tool by the same name, and
is asked about again.
"""

import hashlib
import json

import msgspec

from chatmodes.settings import ConfigError, home, keep, read_regular

LARGEST = 1_000_000


def digest_of(name: str, description: str, parameters: dict[str, object]) -> str:
    """What stands for a definition: any change of its name, words or schema makes another one."""
    whole = json.dumps([name, description, parameters], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(whole.encode()).hexdigest()


class Pins:
    """The digests by the tools' names. Reads and writes a small file: use it in a thread where a loop runs."""

    def __init__(self) -> None:
        self.path = home("data") / "tool-definitions.json"
        self._pins = self._read()

    def _read(self) -> dict[str, str]:
        """What the file says; a file that cannot be read pins nothing, so that everything is asked about."""
        try:
            return msgspec.json.decode(read_regular(self.path, LARGEST), type=dict[str, str])
        except (FileNotFoundError, ConfigError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return {}

    def get(self, tool: str) -> str | None:
        """The digest of the definition that was allowed; None where none ever was."""
        return self._pins.get(tool)

    def put(self, tool: str, digest: str) -> None:
        """Remember a definition. Raises `ConfigError` where the file cannot be written."""
        if self._pins.get(tool) == digest:
            return
        self._pins = {**self._read(), tool: digest}
        keep(self.path, msgspec.json.encode(self._pins))
