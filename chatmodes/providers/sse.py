"""Server-sent events out of bytes, wherever the network happens to cut them.

The SDK's own decoder drops a last event without a blank line and ends silently on a body that is no event stream at
all; telling those apart from an answer is what this one is for. It is also the hot path: one pass, no regex. What a
server may keep us holding is bounded, and holding a line without an end costs no more than its bytes.
"""

from chatmodes.providers.bounds import EVENT

_MARK = b"\xef\xbb\xbf"
_AN_OBJECT = 32


class TooLongError(Exception):
    """An event, a line or a body passed its limit."""


class EventDecoder:
    """Bytes in, `(event, data)` out; `event` is empty unless the server named it.

    A body whose first character cannot begin an event stream (`{`, `[`, `<`) is gathered in `body` instead. An event
    whose data is empty is none. A line `error: …`, which is no field of the format, is an event named so; a line that
    is a JSON object is one without a name: a gateway whose upstream fails writes its complaint behind the events as it
    would write it alone. Events that no blank line parts are told apart where JSON ends and begins anew.
    """

    def __init__(self, limit: int = EVENT) -> None:
        """`limit`: bytes of one event, or of a body that is no event stream."""
        self.body: bytearray | None = None
        """The whole body, where it is no event stream; None where it is one."""
        self.stray = ""
        """The first line that is neither a field nor a comment, shortened."""
        self._limit = limit
        self._begun = False
        self._rest: list[bytes] = []
        """The pieces of the line that has not ended."""
        self._line = 0
        """Bytes in `_rest`."""
        self._size = 0
        """Bytes in `_data`; each line counts a little more, since an empty one costs an object too."""
        self._name = ""
        self._data: list[bytes] = []

    def decode(self, chunk: bytes) -> list[tuple[str, bytes]]:
        """The events that this piece completes. Raises `TooLongError`."""
        if self.body is not None:
            self.body += chunk
            if len(self.body) > self._limit:
                raise TooLongError
            return []
        ended = b"\n" in chunk or b"\r" in chunk or (self._rest and self._rest[-1].endswith(b"\r"))
        if self._begun and not ended:
            self._hold(chunk)
            return []
        data = b"".join((*self._rest, chunk))
        self._rest, self._line = [], 0
        if not self._begun:
            data = data.removeprefix(_MARK).lstrip()
            if _MARK.startswith(data):
                self._hold(data)
                return []
            self._begun = True
            if data[:1] in b"{[<":
                self.body = bytearray(data)
                return []
        return self._events(self._cut(data))

    def flush(self) -> list[tuple[str, bytes]]:
        """What the end of the stream completes: a last event whose blank line never came."""
        if self.body is not None:
            return []
        rest, self._rest = b"".join(self._rest), []
        return self._events([rest.removesuffix(b"\r"), b""])

    def _cut(self, data: bytes) -> list[bytes]:
        """The lines that are complete; the rest is held."""
        if b"\r" in data:
            held = data.endswith(b"\r")  # its \n may be on the way
            data = (data[:-1] if held else data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
            lines = data.split(b"\n")
            self._hold(lines.pop() + (b"\r" if held else b""))
        else:
            lines = data.split(b"\n")
            self._hold(lines.pop())
        return lines

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._rest.append(piece)
            self._line += len(piece)
            if self._line + self._size > self._limit:
                raise TooLongError

    def _events(self, lines: list[bytes]) -> list[tuple[str, bytes]]:
        events: list[tuple[str, bytes]] = []
        for line in lines:
            if line.startswith(b"data:"):
                data = line[6:] if line.startswith(b"data: ") else line[5:]
                if data.startswith((b"{", b"[DONE]")):
                    self._end_object(events)
                self._data.append(data)
                self._size += len(line) + _AN_OBJECT
                if self._size > self._limit:
                    raise TooLongError
            elif not line:
                self._end(events)
            elif line.startswith(b":"):  # a comment, the server's sign of life
                pass
            elif line.startswith(b"event:"):
                if self._name and self._data:
                    self._end(events)
                self._name = line[6:].strip().decode("utf-8", "replace")
            elif line.startswith(b"error:"):
                self._end_object(events)
                events.append(("error", line[6:].strip()))
            elif line.startswith(b"{") and line.rstrip().endswith(b"}"):
                self._end_object(events)
                events.append(("", line))
            elif not self.stray and not line.startswith((b"id:", b"retry:")):
                self.stray = line[:4096].decode("utf-8", "replace")
        return events

    def _end_object(self, events: list[tuple[str, bytes]]) -> None:
        """End an event whose blank line is missing: behind the end of an object no JSON begins another."""
        if self._data and self._data[-1].rstrip().endswith(b"}"):
            self._end(events)

    def _end(self, events: list[tuple[str, bytes]]) -> None:
        if self._data:
            data = self._data[0] if len(self._data) == 1 else b"\n".join(self._data)
            if data.strip():
                events.append((self._name, data))
            self._data, self._size = [], 0
        self._name = ""
