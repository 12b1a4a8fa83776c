"""The seam between the modes and the models: what is asked for, and what comes back.

Modes know this file and nothing else of the providers, so a test's scripted models and the real ones stand behind
the same two methods.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

from chatmodes.events import Error, Finish, Usage
from chatmodes.messages import Message, Reasoning, ToolCall


class ToolSpec(msgspec.Struct, frozen=True):
    """A tool as a model is told of it."""

    name: str
    """On the wire: letters, digits, `_` and `-`, 64 at most."""
    description: str
    parameters: dict[str, object]
    """JSON Schema of the arguments, an object."""
    strict: bool = False
    """The provider is to hold the arguments to the schema."""


class Extras(msgspec.Struct, frozen=True, kw_only=True):
    """What a program that calls asks for besides a person's settings, in every call that writes for it."""

    tools: tuple[ToolSpec, ...] = ()
    """Tools of the caller's own: a call of one is handed over and ends the answer."""
    tool_choice: str = ""
    top_p: float | None = None
    seed: int | None = None
    response_format: dict[str, object] | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    capped: bool = False
    """The token limit is the caller's own: no second call with a larger one is made where reasoning used it up."""

    def varied(self, at: int) -> "Extras":
        """The same for one of several: equal seeds would bring equal answers."""
        return self if self.seed is None or not at else msgspec.structs.replace(self, seed=self.seed + at)


NO_EXTRAS = Extras()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to one model. `None` means: leave it to the model's profile."""

    model: str
    """`provider/model`, where the model's own name may hold further slashes."""
    messages: tuple[Message, ...]
    """The conversation, a leading system message included."""
    max_tokens: int | None = None
    temperature: float | None = None
    effort: str | None = None
    """An effort level of the model's profile; ignored where the profile has none."""
    reason: bool | None = None
    """Ask a model that can switch its reasoning to reason (True) or not (False)."""
    logprobs: bool = False
    """Ask for token log probabilities where the profile says they exist."""
    tools: tuple[ToolSpec, ...] = ()
    """What the model may call. Where the messages hold calls, a dialect that must name tools does so even without."""
    tool_choice: str = ""
    """"auto", "required", "none", or a tool's name; empty leaves it to the provider."""
    search: bool = False
    """Let the provider search the web by itself, where its profile says how; ignored elsewhere."""
    stop: tuple[str, ...] = ()
    """Texts at which the model stops."""
    top_p: float | None = None
    seed: int | None = None
    response_format: dict[str, object] | None = None
    """As in chat completions (`json_object`, `json_schema`); each dialect translates it."""
    presence_penalty: float | None = None
    """Makes words that were said less likely, -2 to 2; a dialect that has no such thing refuses it."""
    frequency_penalty: float | None = None
    """The same, by how often they were said."""
    cache_key: str = ""
    """Calls of one run with the same beginning carry the same key, where a provider routes by it."""


class TextChunk(msgspec.Struct, frozen=True):
    """A piece of the answer."""

    text: str
    logprobs: tuple[float, ...] = ()
    """Natural-log probabilities of the tokens in `text`, where they were asked for and came."""


class ReasoningChunk(msgspec.Struct, frozen=True):
    """A piece of the model's own reasoning, native or from think tags."""

    text: str


class ToolCallChunk(msgspec.Struct, frozen=True):
    """A tool call, whole: sent when its last piece has come."""

    call: ToolCall


class OpaqueChunk(msgspec.Struct, frozen=True):
    """Reasoning state that the provider wants back unchanged. Its text was sent before, as `ReasoningChunk`s."""

    reasoning: Reasoning


class TextWasReasoning(msgspec.Struct, frozen=True):
    """All text that this call sent so far was reasoning: the mark that ends it came, and never one that begins it.

    What follows is the answer.
    """


class Waiting(msgspec.Struct, frozen=True):
    """Nothing is wrong, but the call has not been sent: a model loads, an endpoint's places are taken."""

    cause: str


class Sent(msgspec.Struct, frozen=True):
    """The request goes out, after a `Waiting` or a `Retrying`: from here on it may be billed."""


class Retrying(msgspec.Struct, frozen=True):
    """The call failed before its first delta and is made again after `wait` seconds."""

    attempt: int
    """The number of the attempt that follows; 2 for the first retry."""
    wait: float
    cause: Error


class Finished(msgspec.Struct, frozen=True):
    """The last chunk of a call that ended properly."""

    finish: Finish
    usage: Usage
    cost: float | None = None
    """US dollars; `None` where the price or the usage is unknown."""
    notes: tuple[str, ...] = ()
    """What was odd about the stream and is not in the answer, each a sentence."""
    refused: bool = False
    """The provider itself tells the text apart as a refusal."""


Chunk = (
    TextChunk | ReasoningChunk | ToolCallChunk | OpaqueChunk | TextWasReasoning | Waiting | Sent | Retrying | Finished
)


class ProviderError(Exception):
    """A call failed for good. Carries the typed error, and the usage where the server told it before failing."""

    def __init__(self, error: Error, usage: Usage | None = None) -> None:
        super().__init__(error.message)
        self.error = error
        self.usage = usage or Usage()
        self.finish: Finish | None = None
        """How the model stopped, where it did properly and the failure is that it said nothing."""


class ImageLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How a model sees pictures, and counts them."""

    long_edge: int = 1568
    """Pixels of the longer side that are worth sending."""
    patch: int = 28
    """A picture takes a token for each square of so many pixels."""
    most_tokens: int = 1600

    def tokens(self, width: int, height: int) -> int:
        """About how many tokens of a prompt a picture of so many pixels takes, once it is shrunk to `long_edge`."""
        shrink = min(1.0, self.long_edge / max(width, height, 1))
        across, down = (max(1, -(-round(side * shrink) // self.patch)) for side in (width, height))
        return min(self.most_tokens, across * down)


class ModelInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a model before it is called."""

    model: str
    """`provider/model`."""
    context_window: int | None = None
    """Tokens, prompt and answer together; `None` where unknown."""
    max_output: int | None = None
    input_price: float | None = None
    """US dollars a million tokens."""
    output_price: float | None = None
    reasons: bool = False
    """The model has reasoning of its own, and the provider shows it or at least does it."""
    always_reasons: bool = False
    """Its reasoning cannot be switched off, only made short."""
    efforts: tuple[str, ...] = ()
    sampling: bool = True
    """Temperature is accepted; where it is not, drafts are made to differ by hints in the prompt."""
    temperature: float | None = None
    """What single answers are sampled at; `None` leaves it to the server."""
    draft_temperature: float | None = 0.7
    """What drafts are sampled at, so that they differ; `None` leaves it to the model."""
    logprobs: bool = False
    first_token: float | None = None
    """Seconds that it may take to its first piece, where its profile says so; `None` leaves it to the settings."""
    tools: bool | None = None
    """Tools may be offered; `None` where nobody knows, in which case they are offered and a refusal is told."""
    search: bool = False
    """The provider searches the web by itself where it is let."""
    images: bool | None = None
    """Pictures are understood; `None` where nobody knows."""
    pdfs: bool | None = None
    """PDFs are taken as what they are; `None` where nobody knows."""
    image_limits: ImageLimits = ImageLimits()
    small: bool = False
    """Too weak to judge or merge others' drafts: a vote is kept and never rewritten by it."""


class Models(Protocol):
    """Everything a mode may do with models."""

    def stream(self, call: Call) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Make the call. The iterator yields chunks as they come and ends after exactly one `Finished`.

        Raises `ProviderError` from entering or iterating when the call fails for good. Leaving the context closes the
        connection at once, also when it is cancelled.
        """
        ...

    async def prepare(self, models: Iterable[str]) -> None:
        """Do ahead of the calls what no model's clock should count. Never raises: what is wrong with a model is for
        `describe` to say.

        What `describe` has to know and cannot wait for is found out, such as a key in a keyring that takes its time,
        and what makes requests is imported.
        """
        ...

    def describe(self, model: str) -> ModelInfo:
        """What is known of a model, without a request. Raises `ProviderError` (not_found or auth) for a model that
        cannot be called: an unknown provider, a missing key. Returns at once; where a model was not
        prepared, its key may turn out to be missing when it is called."""
        ...
