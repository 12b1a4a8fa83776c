"""How each real provider differs on the wire: what it refuses, how it says so, where reasoning and usage stand.

One `Dialect` a provider, from the tables in the design's provider reference. `/NAME/v1/chat/completions` plays it.
"""

from dataclasses import dataclass
from typing import Any, Literal

from chatmodes.providers.shapes import table
from tests.fake import strict
from tests.fake.chunks import chunk, pieces, prose, tokens_of, usage
from tests.fake.scenarios import Name, Pace, cut, reasoning_delta
from tests.fake.voices import ChatVoice, MessagesVoice
from tests.fake.wire import Wire

THOUGHT = "The question is short, so the answer may be short too."


@dataclass(frozen=True)
class Dialect:
    """The defaults are the plain form."""

    refuses: tuple[str, ...] = ()
    """Body fields answered with 400."""
    strict: bool = False
    """Unknown fields are answered with 422."""
    roles: tuple[str, ...] = ("system", "user", "assistant")
    token_fields: tuple[str, ...] = ("max_tokens", "max_completion_tokens")
    errors: Literal["openai", "mistral", "array", "detail", "anthropic"] = "openai"
    key: bool = True
    """A key is wanted."""
    reasons: Literal["asked", "always", "default", "never"] = "asked"
    efforts: tuple[str, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
    field: str = "hidden"
    """Where reasoning is streamed; `hidden` counts it only, `tags` puts it into the text."""
    additive: bool = False
    usage: Literal["asked", "always", "last", "groq"] = "asked"
    """A chunk of its own when asked for, or always, or on the finishing chunk."""
    comments: str = ""
    """Comment lines sent before the first chunk."""
    first_empty: bool = False
    finish: str = "stop"
    done: bool = True


DIALECTS: dict[str, Dialect] = {
    "openai": Dialect(
        refuses=("max_tokens", "temperature", "top_p"), roles=("system", "developer", "user", "assistant")
    ),
    "azure": Dialect(
        refuses=("max_tokens",), roles=("system", "developer", "user", "assistant"), first_empty=True
    ),
    "anthropic": Dialect(refuses=("temperature", "top_p"), errors="anthropic", finish="end_turn"),
    "gemini": Dialect(errors="array", finish="STOP", usage="last", reasons="always"),
    "mistral": Dialect(
        strict=True, errors="mistral", field="list", usage="last",
        token_fields=("max_tokens",), efforts=("none", "high"),
    ),
    "meta": Dialect(
        refuses=("stop",), reasons="always", field="reasoning", efforts=("minimal", "low", "medium", "high", "xhigh")
    ),
    "xai": Dialect(refuses=("stop", "presence_penalty"), reasons="always", additive=True, usage="always"),
    "deepseek": Dialect(
        refuses=("n", "seed"), token_fields=("max_tokens",), reasons="default", field="reasoning_content",
        comments=": keep-alive\n\n", usage="last",
    ),
    "groq": Dialect(refuses=("n", "logprobs", "logit_bias"), field="reasoning", usage="groq"),
    "together": Dialect(field="reasoning"),
    "fireworks": Dialect(field="reasoning_content"),
    "cerebras": Dialect(refuses=("frequency_penalty", "logit_bias"), field="reasoning"),
    "openrouter": Dialect(field="both", comments=": OPENROUTER PROCESSING\n\n", usage="always"),
    "huggingface": Dialect(field="reasoning"),
    "ollama": Dialect(key=False, field="reasoning", token_fields=("max_tokens",), reasons="default"),
    "lmstudio": Dialect(key=False, field="reasoning_content", reasons="never"),
    "llamacpp": Dialect(key=False, field="reasoning_content", reasons="default"),
    "vllm": Dialect(key=False, field="reasoning", errors="detail"),
}  # fmt: skip

Table = dict[str, Any]
KNOWN = {
    "model", "messages", "stream", "max_tokens", "max_completion_tokens", "temperature", "top_p",
    "reasoning_effort", "stop", "random_seed",
}  # fmt: skip


async def answer(wire: Wire, provider: str, name: Name) -> None:
    dialect = DIALECTS[provider]
    refusal = check(dialect, wire)
    if refusal:
        status, message, param = refusal
        await wire.reply(status, complaint(dialect, status, message, param))
        return
    reasons = reasoning_wanted(dialect, wire.request.fields)
    thought = THOUGHT if reasons else ""
    text = name.value if name.kind == "say" else f"Hello from {provider}."
    if name.kind == "lorem":
        text = prose(int(name.number("tokens", 200)))
    if name.kind == "echo":
        text = wire.request.question
    await play(wire, dialect, name, text, thought)


async def play(wire: Wire, dialect: Dialect, name: Name, text: str, thought: str) -> None:
    pace = Pace(name)
    if dialect.comments:
        await wire.raw(dialect.comments.encode())
    await pace.first()
    if dialect.first_empty:
        await wire.event({**chunk(), "choices": [], "prompt_filter_results": []})
    await wire.event(chunk({"role": "assistant", "content": ""}))
    if dialect.field == "tags" and thought:
        text = f"<think>{thought}</think>\n\n{text}"
    elif dialect.field != "hidden" or not isinstance(wire.voice, ChatVoice):
        field = "reasoning_content" if dialect.field == "hidden" else dialect.field
        for piece in cut(thought, name):
            await wire.event(chunk(reasoning_delta(field, piece)))
            await pace.next()
    for piece in cut(text, name):
        await wire.event(chunk({"content": piece}))
        await pace.next()
    await close(wire, dialect, tokens_of(text), tokens_of(thought) if dialect.field != "tags" else 0)


async def close(wire: Wire, dialect: Dialect, completion: int, reasoning: int) -> None:
    prompt = sum(len(pieces(str(m.get("content")))) for m in wire.request.messages)
    counted = usage(prompt, completion if dialect.additive else completion + reasoning, reasoning, cached=2)
    last = chunk({}, finish=dialect.finish)
    if dialect.usage == "last":
        last["usage"] = counted
    if dialect.usage == "groq":
        last["x_groq"] = {"id": "req_1", "usage": counted}
    await wire.event(last)
    options: Table = wire.request.fields.get("stream_options") or {}
    asked = options.get("include_usage") or not isinstance(wire.voice, ChatVoice)
    if dialect.usage == "always" or (dialect.usage == "asked" and asked):
        await wire.event({**chunk(), "choices": [], "usage": counted})
    if dialect.done:
        await wire.event("[DONE]")


def check(dialect: Dialect, wire: Wire) -> tuple[int, str, str | None] | None:
    """What this provider would refuse: status, message and the field it names."""
    body = wire.request.fields
    headers = wire.request.headers
    bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
    key = headers.get("x-api-key", "") if isinstance(wire.voice, MessagesVoice) else bearer
    if dialect.key and key in ("", "none", "wrong"):
        return 401, "Incorrect API key provided.", None
    if said := strict.complaint(wire.request.path, body):
        return 400, said, None
    effort: Any = body.get("reasoning_effort") or table(body.get("reasoning")).get("effort")
    if effort is not None and effort not in dialect.efforts:
        return 400, f"Unsupported value: 'reasoning_effort' does not support '{effort}'.", "reasoning_effort"
    if not isinstance(wire.voice, ChatVoice):
        return None
    for field in body:
        if field in dialect.refuses:
            return 400, f"Unsupported parameter: '{field}' is not supported with this model.", field
        if dialect.strict and field not in KNOWN:
            return 422, f"Extra inputs are not permitted: {field}", field
        if field in ("max_tokens", "max_completion_tokens") and field not in dialect.token_fields:
            return 400, f"Unknown parameter: '{field}'.", field
    for message in wire.request.messages:
        if message.get("role") not in dialect.roles:
            return 400, f"unknown variant `{message.get('role')}`, expected one of {', '.join(dialect.roles)}", None
    return None


def complaint(dialect: Dialect, status: int, message: str, param: str | None) -> object:
    """An error body in the provider's own shape."""
    if dialect.errors == "mistral":
        detail = {"detail": [{"loc": ["body", param or "?"], "msg": message, "type": "extra_forbidden"}]}
        return {"object": "error", "message": detail if status == 422 else message, "type": "invalid_request_error"}
    if dialect.errors == "array":
        return [{"error": {"code": status, "message": message, "status": "INVALID_ARGUMENT"}}]
    if dialect.errors == "detail":
        return {"detail": message}
    error = {"message": message, "type": "invalid_request_error", "param": param, "code": None}
    return {"type": "error", "error": error} if dialect.errors == "anthropic" else {"error": error}


def reasoning_wanted(dialect: Dialect, body: dict[str, Any]) -> bool:
    thinking, reasoning, template = (
        Table(body.get(field) or {}) for field in ("thinking", "reasoning", "chat_template_kwargs")
    )
    effort: str | None = body.get("reasoning_effort") or reasoning.get("effort")
    said = (
        {"enabled": True, "adaptive": True, "disabled": False}.get(str(thinking.get("type"))),
        reasoning.get("enabled"),
        template.get("enable_thinking"),
        None if effort is None else effort != "none",
        True if body.get("reasoning_format") == "parsed" else None,
    )
    if dialect.reasons in ("always", "never"):
        return dialect.reasons == "always"
    return next((bool(word) for word in said if word is not None), dialect.reasons == "default")


async def models(wire: Wire, provider: str) -> None:
    """`/models`: a list object, or Together's bare array."""
    names = ["echo", "lorem", "slow", "think", f"{provider}-large", f"{provider}-small"]
    entries: list[dict[str, Any]] = [
        {"id": name, "object": "model", "created": 1790000000, "owned_by": provider} for name in names
    ]
    if provider == "openrouter":
        for entry in entries:
            entry |= {"context_length": 131072, "pricing": {"prompt": "0.000001", "completion": "0.000002"}}
    await wire.reply(200, entries if provider == "together" else {"object": "list", "data": entries})
