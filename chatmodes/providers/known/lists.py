"""What a server's list of models says, whatever shape it has.

Every provider has a `/models` of its own: an object with `data`, a bare array, pages, a window named in six ways,
prices as strings a token or as numbers a million. The SDK's `models.list()` crashes on some of them, so the lists are
fetched and read here. A list is data from outside: ids that could not be typed or shown are left out, sizes bounded.
"""

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

import anyio
import msgspec

from chatmodes.providers.known.profiles import Profile

if TYPE_CHECKING:
    import httpx2

MAX_BYTES = 32 * 1024 * 1024
"""OpenRouter's list, the largest known, has 0.6 MB."""
MAX_MODELS = 20_000
MAX_PAGES = 50

_NO_CHAT_TYPES = {"embedding", "embeddings", "image", "audio", "video", "rerank", "moderation", "transcribe", "speech"}
_NO_CHAT_NAMES = (
    "embed", "whisper", "tts", "dall-e", "moderation", "transcribe", "-image", "imagen", "realtime", "sora", "veo-",
    "davinci", "babbage", "rerank", "-audio", "-ocr", "aqa",
)  # fmt: skip


class ListProblem(Exception):  # noqa: N818 - a sentence for the provider's line in a table, no fault of the program
    """A list that could not be had. The message is a sentence, `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Served(msgspec.Struct, frozen=True, omit_defaults=True):
    """One model of a server's list; `None` where the list does not say."""

    id: str
    context_window: int | None = None
    max_output: int | None = None
    input_price: float | None = None
    """US dollars a million tokens."""
    output_price: float | None = None
    reasons: bool | None = None


async def fetch_list(client: "httpx2.AsyncClient", profile: Profile, address: str, key: str | None) -> list[Served]:
    """The chat models that the server at `address` lists, in its order. Raises `ListProblem`.

    The key goes to this address only: redirects are not followed.
    """
    headers = dict(profile.headers)
    if key:
        headers |= {
            name: value.replace("{key}", key)
            for name, value in (profile.models_headers or {"Authorization": "Bearer {key}"}).items()
        }
    url = address.rstrip("/") + "/models"
    found: dict[str, Served] = {}
    after: str | None = None
    for _ in range(MAX_PAGES):
        body = await _get(client, profile, url if after is None else f"{url}?after_id={after}", headers)
        for served in read_list(body, local=profile.local):
            found.setdefault(served.id, served)
        last = cast("dict[str, Any]", body).get("last_id") if isinstance(body, dict) else None
        more = isinstance(body, dict) and cast("dict[str, Any]", body).get("has_more") is True
        if not more or not isinstance(last, str) or not last or last == after or len(found) > MAX_MODELS:
            break
        after = last
    return list(found.values())


async def _get(client: "httpx2.AsyncClient", profile: Profile, url: str, headers: dict[str, str]) -> object:
    import httpx2

    from chatmodes.providers.network import unreachable  # with http.client 40 ms, which discovery need not wait for

    try:
        async with client.stream("GET", url, headers=headers) as response:
            data = bytearray()
            async for part in response.aiter_bytes():
                data += part
                if len(data) > MAX_BYTES:
                    raise ListProblem(f"{profile.name} sent a list of more than {MAX_BYTES >> 20} MB.")
            status = response.status_code
    except httpx2.TimeoutException:
        raise ListProblem(f"{profile.name} did not answer in time.", "Try again later.") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, anyio.BrokenResourceError, OSError) as error:
        failed = unreachable(error, profile, url).error
        # The cause is cut: its request holds the header with the key.
        raise ListProblem(failed.message, failed.hint) from None
    if status in (401, 403):
        raise ListProblem(f"{profile.name} does not accept the key ({status}).", f"chatmodes keys set {profile.id}")
    if status == 404:
        raise ListProblem(f"{profile.name} has no list of models at {url} (404).", "Name a model by its id.")
    if status != 200:
        raise ListProblem(f"{profile.name} answered the question for its models with {status}.", "Try again later.")
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ListProblem(f"{profile.name} sent something that is no list of models.", "Check its base URL.") from None


def read_list(body: object, *, local: bool = False) -> list[Served]:
    """The chat models in a list of any known shape. Raises `ListProblem` for what is no list.

    On one's own machine a model is left out only when it says itself that it cannot chat, never for its name.
    """
    items = body
    if isinstance(body, dict):
        fields = cast("dict[str, Any]", body)
        items = fields.get("data", fields.get("models"))
        if items is None and ("data" in fields or "models" in fields):
            items = []  # Ollama without a model says null
    if not isinstance(items, list):
        raise ListProblem("The server sent something that is no list of models.", "Check its base URL.")
    return list(_read_items(cast("list[object]", items), local))


def _read_items(items: list[object], local: bool) -> Iterator[Served]:
    for item in items[:MAX_MODELS]:
        if isinstance(item, str):
            item = {"id": item}
        if not isinstance(item, dict):
            continue
        fields = cast("dict[str, Any]", item)
        name = fields.get("id") or fields.get("name") or fields.get("model")
        if not isinstance(name, str):
            continue
        name = name.removeprefix("models/")  # Gemini's
        if not 0 < len(name) <= 200 or not name.isprintable() or name != name.strip():
            continue
        if _chats(name, fields, local):
            yield Served(name, _window(fields), _max_output(fields), *_prices(fields), _reasons(fields))


def _chats(name: str, fields: dict[str, Any], local: bool) -> bool:
    capabilities = fields.get("capabilities")
    if isinstance(capabilities, dict) and cast("dict[str, Any]", capabilities).get("completion_chat") is False:
        return False
    if fields.get("supports_chat") is False or str(fields.get("type", "")).lower() in _NO_CHAT_TYPES:
        return False
    outputs = _inside(fields, "architecture").get("output_modalities")
    if isinstance(outputs, list) and outputs and "text" not in outputs:
        return False
    return local or may_chat(name)


def may_chat(name: str) -> bool:
    """Whether nothing in the name says that the model does something else, such as embeddings or pictures."""
    return not any(part in name.lower() for part in _NO_CHAT_NAMES)


def _window(fields: dict[str, Any]) -> int | None:
    for name in ("context_length", "context_window", "max_model_len", "max_context_length", "max_input_tokens"):
        if window := _count(fields.get(name)):
            return window
    if window := _count(_inside(fields, "meta").get("n_ctx")):  # llama.cpp: what is served, not what was trained
        return window
    windows = [_count(backend.get("context_length")) for backend in _backends(fields)]
    return min((window for window in windows if window), default=None)


def _max_output(fields: dict[str, Any]) -> int | None:
    top = _inside(fields, "top_provider")
    for value in (top.get("max_completion_tokens"), fields.get("max_completion_tokens"), fields.get("max_tokens")):
        if count := _count(value):
            return count
    return None


def _prices(fields: dict[str, Any]) -> tuple[float | None, float | None]:
    pricing = _inside(fields, "pricing")
    if "prompt" in pricing:  # OpenRouter: strings, a token; negative where the router decides
        return _price(pricing.get("prompt"), 1e6), _price(pricing.get("completion"), 1e6)
    if pricing.get("input") or pricing.get("output"):  # Together: numbers, a million tokens; zeros mean unknown
        return _price(pricing.get("input")), _price(pricing.get("output"))
    # Hugging Face: each backend has its own; known only where they agree.
    pairs = {
        (_price(each.get("input")), _price(each.get("output"))) for each in map(_pricing, _backends(fields)) if each
    }
    return pairs.pop() if len(pairs) == 1 else (None, None)


def _pricing(backend: dict[str, Any]) -> dict[str, Any]:
    return _inside(backend, "pricing")


def _reasons(fields: dict[str, Any]) -> bool | None:
    parameters = fields.get("supported_parameters")
    if isinstance(parameters, list):
        return "reasoning" in parameters or "reasoning_effort" in parameters
    capabilities = _inside(fields, "capabilities")
    if isinstance(capabilities.get("reasoning"), bool):
        return bool(capabilities["reasoning"])
    thinking = _inside(capabilities, "thinking").get("supported")
    return thinking if isinstance(thinking, bool) else None


def _backends(fields: dict[str, Any]) -> list[dict[str, Any]]:
    backends = fields.get("providers")
    if not isinstance(backends, list):
        return []
    return [cast("dict[str, Any]", each) for each in cast("list[object]", backends) if isinstance(each, dict)]


def _inside(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**9 else None


def _price(value: object, times: float = 1.0) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        price = float(value) * times
    except ValueError:
        return None
    return round(price, 6) if 0 <= price < 1e6 else None
