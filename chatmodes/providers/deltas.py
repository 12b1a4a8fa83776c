"""The body of one response, piece by piece: bytes in, pieces of an answer out, and how it ended.

It never raises for what a server sent: what is wrong is in `failure` once the pieces before it have been handed out,
so that no text is lost to the error behind it. What the events mean is the dialect's to say.
"""

from typing import Any

import msgspec

from chatmodes.events import Finish, Usage
from chatmodes.providers import bounds, complaints
from chatmodes.providers.answer import Answer, Piece
from chatmodes.providers.dialects.base import Dialect
from chatmodes.providers.errors import CallError
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.lenient import decode
from chatmodes.providers.shapes import table
from chatmodes.providers.sse import EventDecoder, TooLongError

_JSON = (b"{", b"[")
"""How an event begins that says something."""
_SIGNS_OF_LIFE = frozenset({b"null", b"ping", b"pong", b"ok", b"keep-alive", b"keepalive", b"heartbeat", b":"})
"""What servers and proxies send as data to keep a connection open, in small letters."""
_TOO_DEEP = "what it sent is nested too deeply"
"""Some 1,000 levels, in decoding or in looking through what was decoded; no answer has ten."""


class DeltaParser:
    """One response while it comes: `decode` each part of its body, `flush` at its end."""

    def __init__(
        self,
        dialect: Dialect,
        profile: Profile,
        model: str,
        key: str | None = None,
        *,
        max_tokens: int | None = None,
        thinking: bool = False,
    ) -> None:
        """`key` is what was sent along, and never shows up in `failure`. `max_tokens` is what was asked for, and bounds
        what is taken. `thinking`: the text begins with reasoning whose opening mark stands in the prompt."""
        self.answer = Answer(profile, model, key, thinking=thinking)
        self.events = 0
        """Events so far; comments and what is no JSON are none."""
        self._reader = dialect.reader(self.answer)
        self._key = key
        self._longest, self._waste = bounds.longest(max_tokens), bounds.most_waste(max_tokens)
        self._sse = EventDecoder(bounds.EVENT + self._longest)
        self._foreign = ""
        """The first frame that was no JSON."""
        self._read = self._pieces = self._frames = 0

    @property
    def failure(self) -> CallError | None:
        """What went wrong; nothing more comes after it."""
        return self.answer.failure

    @property
    def finish(self) -> Finish | None:
        """How the model stopped; None where it did not say."""
        return self.answer.finish

    @property
    def refused(self) -> bool:
        """Whether the server tells the text apart as a refusal."""
        return self.answer.refused

    @property
    def usage(self) -> Usage:
        """The tokens as far as the server counted them."""
        return self.answer.usage

    @property
    def cost(self) -> float | None:
        """What the provider itself says it cost."""
        return self.answer.cost

    @property
    def done(self) -> bool:
        """The answer is complete; what follows is not read."""
        return self.answer.done

    @property
    def wrote(self) -> bool:
        """Text of the answer has come."""
        return self.answer.wrote

    @property
    def begun(self) -> bool:
        """A piece has come."""
        return self.answer.begun

    def decode(self, data: bytes) -> list[Piece]:
        """The pieces in this part of the body."""
        answer = self.answer
        if answer.failure or answer.done:
            return []
        self._read += len(data)
        try:
            events = self._sse.decode(data)
        except TooLongError:
            answer.overflow(f"more than {bounds.size(bounds.EVENT)} without a break")
            return answer.take()
        self._frames += len(events)
        self._take(events)
        pieces = answer.take()
        self._pieces += len(pieces)
        self._bound()
        return pieces

    def flush(self) -> list[Piece]:
        """The last pieces, after which `failure` or `finish` is final."""
        answer = self.answer
        if not answer.failure and not answer.done:
            self._take(self._sse.flush())
            if self._sse.body is not None:
                self._whole(bytes(self._sse.body))
        if not answer.failure and not self.events and (stray := self._foreign or self._sse.stray):
            answer.fail(f"it sent {complaints.tidy(complaints.hide(stray, self._key))[:80]!r}")
        self._reader.end()
        answer.end()
        self._say_why_it_broke_off()
        return answer.take()

    def broken(self, error: CallError) -> None:
        """The connection failed. That matters only if the answer was not complete."""
        self.answer.broken(error)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was odd and cost nothing that could be read, each a sentence."""
        if not self._foreign or not self.events:
            return ()
        said = complaints.tidy(complaints.hide(self._foreign, self._key))[:80]
        return (f"{self.answer.profile.name} sent a piece that cannot be read, which was passed over: {said!r}.",)

    def _say_why_it_broke_off(self) -> None:
        """A gateway that fails in the middle of a stream may write a page or a plain line behind it."""
        failure, stray = self.answer.failure, self._sse.stray
        if failure and failure.error.kind == "stream_cut" and (said := complaints.from_body(stray, self._key).message):
            message = f"{failure.error.message.rstrip('.')}; behind it stands {said[:120]!r}."
            failure.error = msgspec.structs.replace(failure.error, message=message)

    def _take(self, events: list[tuple[str, bytes]]) -> None:
        answer = self.answer
        for name, data in events:
            if data.startswith(b"data:"):  # some relays say it twice
                data = data[5:].lstrip()
            if data.startswith(b"[DONE]"):
                answer.done = True
                break
            try:
                if data[:1] not in _JSON and data.lstrip()[:1] not in _JSON:
                    self._no_json(name, data)
                    continue
                value, answer.odd = decode(data)
                self.events += 1
                self._reader.event(name, value)
            except RecursionError:
                answer.fail(_TOO_DEEP)
            except ValueError:
                self._no_json(name, data)
            if answer.failure or answer.done:
                break

    def _no_json(self, name: str, data: bytes) -> None:
        """A frame that is no object: an error in plain words, or a ping or a note of somebody in between."""
        if name == "error":
            self.events += 1
            self.answer.refuse(data.decode("utf-8", "replace").strip().strip('"'))
        elif not self._foreign and data.strip().lower() not in _SIGNS_OF_LIFE:
            self._foreign = data[:4096].decode("utf-8", "replace")

    def _whole(self, body: bytes) -> None:
        """A body that is no event stream: an answer in one piece or in lines, an error with 200, a web page."""
        answer = self.answer
        if body.lstrip()[:1] == b"<":
            answer.fail(f"it sent a web page, {complaints.from_body(body, self._key).message!r}")
            return
        try:
            value, answer.odd = decode(body)
        except RecursionError:
            answer.fail(_TOO_DEEP)
            return
        except ValueError as error:
            self._lines(body, error)
            return
        self.events += 1
        self._object(value)

    def _object(self, value: Any) -> None:
        answer = self.answer
        try:
            if not self._reader.whole(table(value)):
                answer.refuse(value)
            elif not answer.failure:
                answer.done = True
                answer.finish = answer.finish or "unknown"  # in one piece, it cannot have been cut
        except RecursionError:
            answer.fail(_TOO_DEEP)

    def _lines(self, body: bytes, error: ValueError) -> None:
        """JSON lines, as Ollama's own API has them, or nothing that can be read."""
        self._take([("", line) for line in body.splitlines() if line.strip()])
        if not self.events:
            self.answer.fail(f"what it sent is not JSON ({error})")

    def _bound(self) -> None:
        answer = self.answer
        kept = answer.kept + answer.calls.size
        if kept > self._longest:
            answer.overflow(f"an answer of more than {bounds.size(self._longest)}")
            return
        if len(answer.calls) > bounds.CALLS:
            answer.overflow(f"more than {bounds.CALLS:,} tool calls")
            return
        came = self._read + bounds.FRAME * self._frames
        if came - bounds.REPEATED * kept - bounds.OVERHEAD * self._pieces > self._waste:
            answer.overflow(f"more than {bounds.size(self._waste)} that belong to no answer")
