"""What a server's list of models says, whatever shape it has.

Every provider has a `/models` of its own: an object with `data`, a bare array, pages, a window named in six ways,
prices as strings a token or as numbers a million. The SDK's `models.list()` crashes on some of them, so the lists are
fetched and read here. A list is data from outside: ids that could not be typed or shown are left out, sizes bounded.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import anyio
import msgspec

from chatmodes.providers import bounds
from chatmodes.providers.http import AnsweredError, beginning
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.shapes import is_items, is_table, items, table

if TYPE_CHECKING:
    import httpx2

MAX_MODELS = 20_000
MAX_PAGES = 50

_LISTS = ("data", "models", "items", "result")
"""Where the models stand in an object; the first that has any counts."""
_NO_CHAT = re.compile(
    r"embed(?!ded)|rerank|whisper|transcri|moderation|(text|speech)[-_ ]to[-_ ](speech|image|video|audio)|text2vec"
    r"|(?<![a-z])(tts|stt|asr|bge|gte|e5|clip|siglip|colbert|minilm|paraphrase|voyage|sora|veo|imagen|dall-e|sdxl|flux"
    r"|stable-diffusion|parakeet|kokoro|musicgen|wav2vec2?|davinci|babbage|aqa|ocr|realtime|audio|image)(?![a-z])",
    re.IGNORECASE,
)
"""What names, types and tasks of models have in them that do something else than chat."""
_NO_CHAT_TYPES = {"embedding", "embeddings", "image", "audio", "video", "rerank", "reranker", "moderation", "speech",
                  "score", "classify", "pooling", "transcribe"}  # fmt: skip


class ListProblem(Exception):  # noqa: N818 - a sentence for the provider's line in a table, no fault of the program
    """A list that could not be had. The message is a sentence, `hint` says what to do."""

    def __init__(self, message: str, hint: str = "", *, refused: bool = False) -> None:
        super().__init__(message)
        self.hint = hint
        self.refused = refused
        """The key was not accepted."""


class Served(msgspec.Struct, frozen=True, omit_defaults=True):
    """One model of a server's list; `None` where the list does not say."""

    id: str
    context_window: int | None = None
    max_output: int | None = None
    input_price: float | None = None
    """US dollars a million tokens."""
    output_price: float | None = None
    reasons: bool | None = None
    tools: bool | None = None
    images: bool | None = None
    pdfs: bool | None = None


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
        last = table(body).get("last_id")
        if (
            table(body).get("has_more") is not True
            or not isinstance(last, str)
            or not last
            or last == after
            or len(found) > MAX_MODELS
        ):
            break
        after = last
    return list(found.values())


async def _get(client: "httpx2.AsyncClient", profile: Profile, url: str, headers: dict[str, str]) -> object:
    import httpx2

    from chatmodes.providers.network import unreachable  # with http.client 40 ms, which discovery need not wait for

    try:
        # Whoever asks has a limit for all of it.
        request = client.build_request("GET", url, headers=headers, timeout=None)
        response = await client.send(request, stream=True)
        try:
            data = await beginning(response, bounds.LIST + 1)
        finally:
            await response.aclose()
    except AnsweredError as answer:
        raise _unlisted(profile, url, answer) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, anyio.BrokenResourceError, OSError) as error:
        failed = unreachable(error, profile, url).error
        # The cause is cut: its request holds the header with the key.
        raise ListProblem(failed.message, failed.hint) from None
    if len(data) > bounds.LIST:
        raise ListProblem(
            f"{profile.name} sent a list of more than {bounds.size(bounds.LIST)}.", "Name a model by its id."
        )
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        raise ListProblem(f"{profile.name} sent something that is no list of models.", "Check its base URL.") from None


def _unlisted(profile: Profile, url: str, answer: AnsweredError) -> ListProblem:
    """The problem behind a response that is no list."""
    status = answer.status
    if status in (401, 403):
        message = f"{profile.name} does not accept the key ({status})."
        return ListProblem(message, f"chatmodes keys set {profile.id}", refused=True)
    if status == 404:
        return ListProblem(f"{profile.name} has no list of models at {url} (404).", "Name a model by its id.")
    return ListProblem(f"{profile.name} answered the question for its models with {status}.", "Try again later.")


def read_list(body: object, *, local: bool = False) -> list[Served]:
    """The chat models in a list of any known shape. Raises `ListProblem` for what is no list.

    On one's own machine a model is left out only when it says itself that it cannot chat, never for its name.
    """
    there = [table(body)[name] for name in _LISTS if name in table(body)]
    found: Any = next((each for each in there if each), None) if there else body
    if found is None and there:
        return []  # Ollama without a model says null
    if not is_items(found):
        raise ListProblem("The server sent something that is no list of models.", "Check its base URL.")
    return list(_read_items(found, local))


def first_to_chat(names: Iterable[str]) -> str:
    """The first model that nothing in its name says to do something else; empty where there is none."""
    return next(filter(may_chat, names), "")


def _read_items(found: list[Any], local: bool) -> Iterator[Served]:
    for item in found[:MAX_MODELS]:
        fields = {"id": item} if isinstance(item, str) else table(item)
        name = fields.get("id") or fields.get("name") or fields.get("model")
        if not isinstance(name, str):
            continue
        name = name.removeprefix("models/")  # Gemini's
        if not 0 < len(name) <= 200 or not name.isprintable() or name != name.strip():
            continue
        if _chats(name, fields, local):
            yield Served(
                name, _window(fields), _max_output(fields), *_prices(fields), _reasons(fields),
                *_takes(fields),
            )  # fmt: skip


def _chats(name: str, fields: dict[str, Any], local: bool) -> bool:
    if table(fields.get("capabilities")).get("completion_chat") is False:
        return False
    abilities = _words(fields.get("capabilities"))
    if not {"completion", "chat"}.intersection(abilities) and any(map(_NO_CHAT.search, abilities)):
        return False
    if fields.get("supports_chat") is False or str(fields.get("type", "")).lower() in _NO_CHAT_TYPES:
        return False
    if any(_NO_CHAT.search(str(fields.get(name) or "")) for name in ("task", "pipeline_tag", "model_type")):
        return False
    outputs = _words(table(fields.get("architecture")).get("output_modalities"))
    if outputs and "text" not in outputs:
        return False
    return local or may_chat(name)


def may_chat(name: str) -> bool:
    """Whether nothing in the name says that the model does something else, such as embeddings or pictures."""
    return not _NO_CHAT.search(name)


def _words(values: object) -> list[str]:
    return [str(value).lower() for value in items(values)]


def _window(fields: dict[str, Any]) -> int | None:
    for name in ("context_length", "context_window", "max_model_len", "max_context_length", "max_input_tokens"):
        if window := _count(fields.get(name)):
            return window
    if window := _count(table(fields.get("meta")).get("n_ctx")):  # llama.cpp: what is served, not what was trained
        return window
    windows = [_count(backend.get("context_length")) for backend in _backends(fields)]
    return min((window for window in windows if window), default=None)


def _max_output(fields: dict[str, Any]) -> int | None:
    top = table(fields.get("top_provider"))
    for value in (top.get("max_completion_tokens"), fields.get("max_completion_tokens"), fields.get("max_tokens")):
        if count := _count(value):
            return count
    return None


def _prices(fields: dict[str, Any]) -> tuple[float | None, float | None]:
    pricing = table(fields.get("pricing"))
    if "prompt" in pricing:  # OpenRouter: strings, a token; negative where the router decides
        return _price(pricing.get("prompt"), 1e6), _price(pricing.get("completion"), 1e6)
    if pricing.get("input") or pricing.get("output"):
        # Vercel: strings, a token. Together: numbers, a million tokens; zeros mean unknown.
        times = 1e6 if isinstance(pricing.get("input"), str) else 1.0
        return _price(pricing.get("input"), times), _price(pricing.get("output"), times)
    # Hugging Face: each backend has its own; known only where they agree.
    pairs = {
        (_price(each.get("input")), _price(each.get("output"))) for each in map(_pricing, _backends(fields)) if each
    }
    return pairs.pop() if len(pairs) == 1 else (None, None)


def _pricing(backend: dict[str, Any]) -> dict[str, Any]:
    return table(backend.get("pricing"))


def _reasons(fields: dict[str, Any]) -> bool | None:
    parameters: Any = fields.get("supported_parameters")
    if is_items(parameters):
        return "reasoning" in parameters or "reasoning_effort" in parameters
    capabilities = table(fields.get("capabilities"))
    if isinstance(capabilities.get("reasoning"), bool):
        return bool(capabilities["reasoning"])
    thinking = table(capabilities.get("thinking")).get("supported")
    return thinking if isinstance(thinking, bool) else None


def _takes(fields: dict[str, Any]) -> tuple[bool | None, bool | None, bool | None]:
    """Whether tools, pictures and PDFs are taken, as far as the list says."""
    parameters, tags = _words(fields.get("supported_parameters")), _words(fields.get("tags"))
    inputs = _words(table(fields.get("architecture")).get("input_modalities"))
    told = table(fields.get("capabilities"))
    words = _words(fields.get("capabilities"))  # Ollama and llama.cpp list what there is
    tools = "tools" in parameters if parameters else _told(told, "function_calling")
    images = "image" in inputs if inputs else _told(told, "vision")
    if "vision" in words or "vision" in tags:
        images = True
    if "tools" in words or "tool-use" in tags:
        tools = True
    return tools, images, "file" in inputs if inputs else None


def _told(capabilities: dict[str, Any], name: str) -> bool | None:
    value = capabilities.get(name)
    return value if isinstance(value, bool) else None


def _backends(fields: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for each in items(fields.get("providers")) if is_table(each)]


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
