"""How one model wants to be asked: the fields of `[NAME.defaults]` and `[NAME.models."GLOB"]` in providers.toml.

The dialects read these to build a request, the catalog to describe a model, and `docs/providers.md` is made from
them. The defaults are what every known server accepts, so that an endpoint nobody has described works too.
"""

import re
from typing import Any, Literal

import msgspec

from chatmodes.providers.calls import ImageLimits

ToolChoice = Literal["auto", "required", "none", "named"]


class Traits(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one model wants to be asked."""

    dialect: Literal["chat", "responses", "messages"] = "chat"
    """The API it is spoken to by: chat completions, Responses or Messages."""
    max_tokens_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    """What chat completions call the cap of an answer; the other dialects have one name each."""
    system_role: Literal["system", "developer"] = "system"
    usage_in_stream: bool = True
    """Send `stream_options.include_usage`."""
    sampling: bool = True
    """Temperature is accepted. It is sent only when asked for, in any case."""
    sampling_while_reasoning: bool = True
    """Temperature is accepted beside reasoning. Where it is not, reasoning wins."""
    temperature: float | None = None
    """What single answers are sampled at; None leaves it to the server, for a small model to `SMALL_TEMPERATURE`."""
    draft_temperature: float | None = 0.7
    """What parallel drafts are sampled at; ignored where `sampling` is false."""
    stop: bool = True
    """Stop texts are accepted."""
    seed_field: str = "seed"
    """Where a seed goes; empty where none is taken."""
    logprobs: bool = False

    reasons: bool = False
    """The model has reasoning of its own."""
    always_reasons: bool = False
    """Its reasoning cannot be switched off, only made short."""
    reasoning_shown: Literal["text", "summary", "no"] = "text"
    """What of its reasoning the provider sends; told in the documentation."""
    efforts: tuple[str, ...] = ()
    """The levels it accepts, weakest first; empty where there is no such parameter."""
    effort: str = ""
    """The level sent when reasoning is asked for and no level named; empty leaves it to the provider."""
    off_effort: str = ""
    """The level sent when no reasoning is wanted; empty where `off` does it, or nothing can."""
    effort_field: str = ""
    """Where the level goes in the body, a dot descending into an object; empty for the dialect's own place."""
    on: dict[str, Any] = {}
    """Body fields that make it reason."""
    off: dict[str, Any] = {}
    """Body fields that make it not reason, or as little as it can."""
    echo_reasoning: bool = False
    """Earlier reasoning must be sent back with messages that hold tool calls, even where it is empty."""
    echo_field: str = "reasoning_content"
    """Where earlier reasoning goes back in chat completions."""

    context_window: int | None = None
    """Tokens, prompt and answer together."""
    max_output: int | None = None
    small: bool = False
    """Too weak to judge other drafts, where the model's name does not say how large it is."""

    images: bool | None = None
    """Pictures are understood; None where nobody knows."""
    image_edge: int = 1568
    """Pixels of a picture's longer side that are worth sending."""
    image_count: int | None = None
    """The most pictures in one request; None where nobody knows."""
    image_patch: int = 28
    """A picture takes a token for each square of so many pixels."""
    image_tokens: int = 1600
    """The most tokens that one picture takes."""
    image_detail: Literal["", "auto", "low", "high", "original"] = ""
    """How closely pictures are looked at; empty where there is no such field."""
    images_first: bool = False
    """Pictures are understood best before the text about them."""
    pdfs: bool | None = None
    """PDFs are taken as what they are; None where nobody knows."""
    pdf_part: Literal["file", "document_url"] = "file"
    """What chat completions call the part that holds a PDF."""
    request_bytes: int | None = None
    """The most that a whole request may weigh, pictures included; None where nobody knows."""

    tools: bool | None = None
    """Tools may be offered; None where nobody knows."""
    tool_choices: tuple[ToolChoice, ...] = ("auto", "required", "none", "named")
    """What may be asked of the choice among tools; `auto` is meant where something else is not among them."""
    call_id: str = "[A-Za-z0-9_-]{1,40}"
    """A regular expression of the ids of tool calls that it takes back. Others are replaced for it."""
    foreign_calls: dict[str, Any] = {}
    """Fields of the first call of a turn that another model made, where a call must have some."""
    search: dict[str, Any] = {}
    """The entry of `tools` that lets the server search the web; empty where it has none."""

    cache_key: str = ""
    """The body field for a key by which requests with the same beginning find the same cache; empty where none is."""
    cache_points: int = 0
    """How many parts of a request may be marked as worth keeping; 0 where the server keeps by itself, or nothing."""
    cache_minimum: int = 1024
    """Tokens below which nothing is kept."""
    cache_write: float = 1.0
    """What writing to the cache costs, in times the price of input."""

    source: str = ""
    """Where this was read, and when: `PLACE (YYYY-MM)`."""

    def image_limits(self) -> ImageLimits:
        """What holds for pictures, as the faces need it before they attach one."""
        return ImageLimits(
            long_edge=self.image_edge,
            patch=self.image_patch,
            most_tokens=self.image_tokens,
        )


_SIZE = re.compile(r"(?<![A-Za-z0-9.])(\d+(?:\.\d+)?b|\d{2,4}m)(?![A-Za-z0-9])", re.I)


def parameters(model: str) -> float | None:
    """Billions of parameters, as far as a model's name says: 0.5 for `qwen2.5-0.5b`, None for `gpt-5`."""
    found = _SIZE.search(model)
    if found is None:
        return None
    return float(found[1][:-1]) / (1 if found[1][-1] in "bB" else 1000)
