"""The vocabulary of a run: frozen, typed events, JSON in and out.

A mode produces these, and every face, the store and the exporters only read them. That is why they live below
everything else and import nothing of the program: two readers that each kept their own notion of "an agent failed"
would end up showing different histories of the same run.

Times are seconds since the run began. `None` in a count or a cost means unknown, never zero.
"""

from typing import Any, Literal

import msgspec

ErrorKind = Literal[
    "auth",
    "quota",
    "rate_limit",
    "context_length",
    "not_found",
    "bad_request",
    "network",
    "timeout",
    "stream_cut",
    "filtered",
    "empty",
    "bad_response",
    "server",
]
Finish = Literal["stop", "length", "filtered", "tool_calls", "failed", "unknown"]
"""Why a model stopped, in the program's own words; `unknown` is any reason no table knows."""

AgentRole = Literal["answer", "draft", "distil", "reconcile", "judge", "classify"]
Method = Literal["single", "vote", "select", "synthesis", "fallback"]
"""How an answer came: one call, the largest cluster, a chosen draft, a reconciling call, or the ladder below it."""


class Error(msgspec.Struct, frozen=True, omit_defaults=True):
    """What went wrong, in one sentence, and in `hint` what to do next."""

    kind: ErrorKind
    message: str
    hint: str = ""
    status: int | None = None
    """The HTTP status, where the failure had one."""
    provider: str | None = None


class Usage(msgspec.Struct, frozen=True):
    """Tokens as the server counted them; `None` where it did not say."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    """Everything generated, reasoning included, whatever the provider's own convention."""
    reasoning_tokens: int | None = None
    cached_tokens: int | None = None
    """The part of `input_tokens` that was read from a cache."""
    estimated: bool = False
    """Counted here from the text, since the call was cut off before its server could say."""
    cache_write_tokens: int | None = None
    """The part of `input_tokens` that was written to a cache, which some providers bill higher."""

    def __add__(self, other: "Usage") -> "Usage":
        """The sum; a count that is unknown on either side stays unknown, so that no total understates."""

        def add(a: int | None, b: int | None) -> int | None:
            return None if a is None or b is None else a + b

        return Usage(
            add(self.input_tokens, other.input_tokens),
            add(self.output_tokens, other.output_tokens),
            add(self.reasoning_tokens, other.reasoning_tokens),
            add(self.cached_tokens, other.cached_tokens),
            self.estimated or other.estimated,
            add(self.cache_write_tokens, other.cache_write_tokens),
        )


NO_USAGE = Usage(0, 0, 0, 0, False, 0)
"""The neutral element: what a run that called nobody has used."""


class Slot(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place in the panel: which model an agent asks, and with what variation."""

    agent: str
    role: AgentRole
    model: str
    temperature: float | None = None
    effort: str | None = None
    hint: str | None = None
    """A strategy hint put into the prompt, where sampling cannot make the drafts differ."""


class Plan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a run is about to do, known before anything is spent."""

    slots: tuple[Slot, ...]
    quorum: int | None = None
    """How many drafts may settle the answer; `None` outside Contemplating."""
    reconcile: str | None = None
    max_tokens: int | None = None
    """Upper bound of the tokens the run can generate, from the caps; `None` where a call has no cap."""
    max_cost: float | None = None
    """Upper bound in US dollars; `None` where a price or a cap is unknown."""
    seed: int | None = None
    """Seeds every shuffle of the run, so that a stored run can be explained."""
    reason: str = ""
    """Why this mode was chosen, where Auto chose it."""


class Cluster(msgspec.Struct, frozen=True):
    """Drafts that gave the same answer."""

    answer: str
    agents: tuple[str, ...]
    weight: float = 0.0
    """The cluster's votes; equals the number of agents where votes are not weighted."""


class Dissent(msgspec.Struct, frozen=True):
    """An answer some drafts gave and the result did not take."""

    answer: str
    agents: tuple[str, ...]
    reason: str = ""


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=True):
    """Common to all: the run's id, and when, in seconds since the run began."""

    run: str
    at: float


class RunStarted(Event, frozen=True, kw_only=True, tag="run_started"):
    """The first event of every run: what was asked, and what the mode is about to do."""

    mode: str
    prompt: str
    plan: Plan


class AgentStarted(Event, frozen=True, kw_only=True, tag="agent_started"):
    """An agent makes its first call to its model."""

    agent: str
    role: AgentRole
    model: str


class AgentWaiting(Event, frozen=True, kw_only=True, tag="agent_waiting"):
    """The agent is held up by something that is no failure: a model being loaded, a place in an endpoint's queue."""

    agent: str
    cause: str


class ReasoningDelta(Event, frozen=True, kw_only=True, tag="reasoning_delta"):
    """A piece of a model's reasoning, which is shown apart from what it answers."""

    agent: str
    text: str


class TextDelta(Event, frozen=True, kw_only=True, tag="text_delta"):
    """Text of a draft or of a helper's call. The answer's own text comes as `answer_delta`, never as both."""

    agent: str
    text: str


class AgentRetrying(Event, frozen=True, kw_only=True, tag="agent_retrying"):
    """The call is made again after `wait` seconds; what this agent sent so far no longer counts."""

    agent: str
    attempt: int
    wait: float
    cause: Error


class AgentFinished(Event, frozen=True, kw_only=True, tag="agent_finished"):
    """An agent has ended with what its model said; `finish` tells why the model stopped."""

    agent: str
    usage: Usage
    finish: Finish
    ttft: float | None
    """Seconds from the agent's start to its first delta of any kind."""
    seconds: float
    answer: str | None = None
    """The short answer extracted from a draft, canonical; `None` where there is none."""
    cost: float | None = None
    reasoning_seconds: float | None = None
    """From the first reasoning delta to the first text delta or the end; `None` where nothing was reasoned."""
    refused: bool = False
    """Its provider tells the text apart as a refusal."""


class AgentFailed(Event, frozen=True, kw_only=True, tag="agent_failed"):
    """An agent has ended without a usable text; the others go on."""

    agent: str
    error: Error
    usage: Usage = Usage()
    seconds: float | None = None
    finish: Finish | None = None
    """Why its model stopped, where it did so properly and there is no text all the same."""


class AgentCancelled(Event, frozen=True, kw_only=True, tag="agent_cancelled"):
    """An agent was stopped before its end, for a reason in plain words."""

    agent: str
    reason: str
    usage: Usage = Usage()
    seconds: float | None = None


class ToolCalled(Event, frozen=True, kw_only=True, tag="tool_called"):
    """A model asks for a tool. `call` is this run's own id of the call, unique among its agents."""

    agent: str
    call: str
    tool: str
    """As people read it: `calculate`, or `SERVER/TOOL`."""
    arguments: str
    """JSON, as the model sent it."""


class ToolAsking(Event, frozen=True, kw_only=True, tag="tool_asking"):
    """The user is asked whether a call may run."""

    call: str
    tool: str
    scope: str
    """What it touches, in plain words."""


class Picture(msgspec.Struct, frozen=True, omit_defaults=True):
    """A picture that a tool brought, made ready to send."""

    name: str
    media_type: str
    hash: str
    """SHA-256 of `content`, in hex."""
    width: int
    """Pixels."""
    height: int
    content: bytes = b""
    """The bytes, for who is there when the tool brings them; no log has them, the store keeps them by the hash."""


class ToolFinished(Event, frozen=True, kw_only=True, tag="tool_finished"):
    """A call is over, whether it ran or not."""

    call: str
    seconds: float
    result: str
    """What the model reads: capped, with a note of what was left out."""
    error: bool = False
    denied: bool = False
    """It was not allowed to run; `result` says why."""
    pictures: tuple[Picture, ...] = ()
    """What it brought besides, of which `result` has a line each."""


class ToolHandedOver(Event, frozen=True, kw_only=True, tag="tool_handed_over"):
    """A call of a tool that the caller brought: it is the caller's to run, and the answer ends with it."""

    agent: str
    call: str
    """The model's own id of the call, by which the caller answers it."""
    tool: str
    arguments: str
    """JSON, as the model sent it."""
    opaque: str = ""
    """JSON of fields that the provider wants back unchanged."""


class Agreement(Event, frozen=True, kw_only=True, tag="agreement"):
    """How the drafts that have landed agree; sent again each time one lands."""

    clusters: tuple[Cluster, ...]
    outstanding: int


class Distilled(Event, frozen=True, kw_only=True, tag="distilled"):
    """The drafts boiled down to a workspace for the reconciler."""

    consensus: tuple[str, ...] = ()
    contradictions: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    blind_spots: tuple[str, ...] = ()


class AnswerDelta(Event, frozen=True, kw_only=True, tag="answer_delta"):
    """A piece of the answer of the run."""

    text: str


class AnswerRestarted(Event, frozen=True, kw_only=True, tag="answer_restarted"):
    """The answer begins anew, since the call that was writing it failed; what came before no longer counts."""

    reason: str


class RunFinished(Event, frozen=True, kw_only=True, tag="run_finished"):
    """The run has its answer."""

    method: Method
    answer: str
    """Equals the `answer_delta` texts since the last `answer_restarted`, joined."""
    usage: Usage
    cost: float | None
    seconds: float
    planned: int
    """Agents that were to answer or to draft."""
    survived: int
    """Those of them whose text could be used."""
    degraded: str | None = None
    """One sentence about what is missing from this result; `None` when it came about as planned."""
    dissent: tuple[Dissent, ...] = ()


class RunFailed(Event, frozen=True, kw_only=True, tag="run_failed"):
    """The run has ended without a whole answer."""

    error: Error
    usage: Usage = Usage()
    cost: float | None = None
    seconds: float | None = None
    partial: str = ""
    """What had come of the answer; never thrown away."""


class RunCancelled(Event, frozen=True, kw_only=True, tag="run_cancelled"):
    """The run was stopped before its end, for a reason in plain words."""

    reason: str
    usage: Usage = Usage()
    cost: float | None = None
    seconds: float | None = None
    partial: str = ""


Terminal = RunFinished | RunFailed | RunCancelled
"""Exactly one of these ends a run's events."""

AnyEvent = (
    RunStarted
    | AgentStarted
    | AgentWaiting
    | ReasoningDelta
    | TextDelta
    | AgentRetrying
    | AgentFinished
    | AgentFailed
    | AgentCancelled
    | ToolCalled
    | ToolAsking
    | ToolFinished
    | ToolHandedOver
    | Agreement
    | Distilled
    | AnswerDelta
    | AnswerRestarted
    | RunFinished
    | RunFailed
    | RunCancelled
)

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyEvent)


def to_json(event: AnyEvent) -> str:
    """One JSON object on one line, without the newline; pictures are named, and their bytes left out."""
    return _encoder.encode(without_bytes(event)).decode()


def without_bytes(event: AnyEvent) -> AnyEvent:
    """The event with its pictures as references."""
    if not isinstance(event, ToolFinished) or not event.pictures:
        return event
    named = tuple(msgspec.structs.replace(each, content=b"") for each in event.pictures)
    return msgspec.structs.replace(event, pictures=named)


def from_json(line: str | bytes) -> AnyEvent:
    """The event in a line that `to_json` wrote. Raises `msgspec.ValidationError` for anything else."""
    return _decoder.decode(line)
