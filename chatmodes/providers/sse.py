"""Server-sent events out of bytes, wherever the network happens to cut them.

The SDK's own decoder drops a last event without a blank line and ends silently on a body that is no event stream at
all; telling those apart from an answer is what this one is for. It is also the hot path: one pass, no regex.
"""

LIMIT = 64 * 1024 * 1024
"""Bytes of one unfinished line or one whole body; nothing that answers a chat is longer."""


class TooLongError(Exception):
    """A line or body passed `LIMIT`."""


class EventDecoder:
    """Bytes in, `(event, data)` out; `event` is empty unless the server named it.

    A body whose first character cannot begin an event stream (`{`, `[`, `<`) is gathered in `body` instead.
    """

    def __init__(self) -> None:
        self.body: bytearray | None = None
        """The whole body, where it is no event stream; None where it is one."""
        self.comments = 0
        """Comment lines so far: the server's sign of life."""
        self.stray = ""
        """The first line that is neither a field nor a comment, shortened."""
        self._begun = False
        self._rest: bytes = b""
        self._name = ""
        self._data: list[bytes] = []

    def decode(self, chunk: bytes) -> list[tuple[str, bytes]]:
        """The events that this piece completes."""
        if self.body is not None:
            self.body += chunk
            if len(self.body) > LIMIT:
                raise TooLongError
            return []
        data = self._rest + chunk
        if not self._begun:
            data = data.removeprefix(b"\xef\xbb\xbf")
            start = data.lstrip()
            if not start:
                self._rest = data
                return []
            self._begun = True
            if start[:1] in b"{[<":
                self.body = bytearray(data)
                return []
        if b"\r" in data:
            held = data.endswith(b"\r")  # its \n may be on the way
            data = (data[:-1] if held else data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines = data.split(b"\n")
            self._rest = lines.pop() + (b"\r" if held else b"")
        else:
            lines = data.split(b"\n")
            self._rest = lines.pop()
        if len(self._rest) > LIMIT:
            raise TooLongError
        return self._events(lines)

    def flush(self) -> list[tuple[str, bytes]]:
        """What the end of the stream completes: a last event whose blank line never came."""
        if self.body is not None:
            return []
        rest, self._rest = self._rest, b""
        return self._events([rest.removesuffix(b"\r"), b""])

    def _events(self, lines: list[bytes]) -> list[tuple[str, bytes]]:
        events: list[tuple[str, bytes]] = []
        for line in lines:
            if line.startswith(b"data:"):
                self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
            elif not line:
                if self._data:
                    data = self._data
                    events.append((self._name, data[0] if len(data) == 1 else b"\n".join(data)))
                    self._data = []
                self._name = ""
            elif line.startswith(b":"):
                self.comments += 1
            elif line.startswith(b"event:"):
                self._name = line[6:].strip().decode("utf-8", "replace")
            elif not self.stray and not line.startswith((b"id:", b"retry:")):
                self.stray = line[:4096].decode("utf-8", "replace")
        return events
