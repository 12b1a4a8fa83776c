"""The models of all providers behind one seam: the loop of a call, from its profile to its last piece.

What differs between providers is in profiles, what they send in `deltas.py`, what goes wrong in `errors.py`; what is
left here is the order of things: a key, a place at the endpoint, the request, the stream, and another attempt where
nothing has come yet.
"""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from functools import partial
from itertools import takewhile
from typing import Any

import anyio
import anyio.to_thread
import msgspec

from chatmodes.events import Error
from chatmodes.messages import Message, ToolCall
from chatmodes.providers import pictures
from chatmodes.providers.available.catalog import Catalog
from chatmodes.providers.available.choice import default_model, first
from chatmodes.providers.available.discover import Found, find_embedded, find_servers, in_order
from chatmodes.providers.available.lists import ListProblem, first_to_chat, read_list
from chatmodes.providers.beginnings import Beginnings, Key, pays
from chatmodes.providers.calls import (
    Call,
    Chunk,
    Finished,
    ModelInfo,
    ProviderError,
    Retrying,
    Sent,
    TextWasReasoning,
    Waiting,
)
from chatmodes.providers.client import Connector, Target
from chatmodes.providers.deltas import DeltaParser
from chatmodes.providers.dialects import dialect
from chatmodes.providers.dialects.base import Asked, Dialect
from chatmodes.providers.errors import CallError, failure, missing_key, no_address
from chatmodes.providers.exchange import pieces
from chatmodes.providers.keys.lookup import ask_the_keyring, surely_missing, to_ask_again, where
from chatmodes.providers.known.ids import ENDPOINT, LOCAL
from chatmodes.providers.known.prices import warm as load_prices
from chatmodes.providers.known.profiles import Profile, endpoint_profile, load_profiles, split
from chatmodes.providers.known.traits import Traits
from chatmodes.providers.known.windows import Gauge
from chatmodes.providers.limits import Places
from chatmodes.providers.markers import UNOPENED
from chatmodes.providers.retry import Attempts
from chatmodes.providers.targets import Targets
from chatmodes.providers.urls import check_url
from chatmodes.settings import Settings

PLACES = 5
"""Calls that one person needs at once at an endpoint: Contemplating's agents."""
_TURNS_DOWN = (400, 403, 404, 422, 500, 501)
"""Statuses of a request that can be said otherwise: a template that knows no system message raises a 500."""


class Gateway:
    """Every model there is (`calls.Models`). Made by `open_gateway`."""

    def __init__(
        self, settings: Settings, base_url: str | None = None, api_key: str | None = None, places: int = PLACES
    ) -> None:
        self.profiles = load_profiles()
        self._settings = settings
        self.catalog = Catalog(self.profiles, settings.local)
        """What each provider serves, as far as it is known."""
        self.gauge = Gauge()
        """Estimates tokens, better with each answer."""
        self._servers: list[Found] = []
        self._connector = Connector(settings.timeouts)
        self._targets = Targets(settings.local)
        self._usual_places = places
        self._places: dict[tuple[str, str], Places] = {}
        self._without: dict[tuple[str, str], frozenset[str]] = {}
        """By address and model: what was turned down there."""
        self._unopened: set[tuple[str, str]] = set()
        """The same: whose reasoning comes without the mark that begins it."""
        self._pictures = pictures.Refused()
        self._beginnings = Beginnings()
        self._plain: set[str] = set()
        """Addresses that know chat completions alone, whatever the profile hopes for."""
        self._at_endpoint = bool(base_url)
        if base_url:
            url, notes = check_url(base_url, "The base URL")
            self.notes.extend(notes)
            self.profiles[ENDPOINT] = endpoint_profile(self.profiles, url)
        if api_key:
            self._targets.give_key(ENDPOINT, api_key)

    @property
    def notes(self) -> list[str]:
        """Remarks about the configuration that a face should pass on, each a sentence."""
        return self._targets.notes

    def default_model(self, mode: str) -> str:
        """The model that answers in this mode where the user named none: `provider/model`.

        The endpoint given by hand, else the settings, else what `discover` puts first of what can answer: keys,
        servers found running, the embedded model.
        """
        found = partial(in_order, self.profiles, self._servers)
        model = default_model(self._settings, mode, found, by_hand=self._at_endpoint)
        if not model and not self._settings.local.gguf:  # a file that was named and is gone must be said, not replaced
            model = first(find_embedded(self.profiles[LOCAL], self._settings), mode)
        return model or f"{LOCAL}/{self._targets.local_default()}"

    def note_passed_over(self, mode: str) -> None:
        """Note what stands before the default model and cannot be used: a malformed key must not be passed over in
        silence, or another provider bills for the answer and nobody knows why."""
        provider = split(self.default_model(mode))[0]
        found = in_order(self.profiles, self._servers)
        before = takewhile(lambda each: each.provider != provider, found)
        self.notes.extend(f"{each.problem} {each.hint}".strip() for each in before if each.problem)

    def profile(self, model: str) -> tuple[Profile, str]:
        """The profile and the model's name at the provider. Raises `ProviderError` for a provider nobody knows."""
        provider, name = split(model)
        profile = self.profiles.get(provider)
        if profile is None:
            hint = f"Write PROVIDER/MODEL, where PROVIDER is one of {', '.join(self.profiles)}."
            raise ProviderError(Error("not_found", f"There is no provider {provider!r} for the model {model!r}.", hint))
        if not name and not profile.names_none:
            hint = f"Write {provider}/MODEL; `chatmodes models {provider}` lists what it serves."
            raise failure("not_found", f"{model!r} names a provider and no model.", hint, profile=profile)
        return profile, name

    async def prepare(self, models: Iterable[str]) -> None:
        """Ask the keyring for what it may hold of these models' keys, up to 10 s, and import the SDK, both in a thread;
        see `calls.Models`."""
        wanted = {split(model)[0]: None for model in models}
        profiles = [self.profiles[name] for name in wanted if name in self.profiles]
        if asked := to_ask_again(profiles):  # else no thread: on a busy machine each costs a wait for a core
            await anyio.to_thread.run_sync(ask_the_keyring, asked, abandon_on_cancel=True)
        await self._connector.warm()

    def describe(self, model: str) -> ModelInfo:
        """What is known of a model, without a request. Raises `ProviderError` for one that cannot be called."""
        profile, name = self.profile(model)
        if not profile.address() and profile.id != LOCAL:
            raise no_address(profile)
        place = where(profile, ask_keyring=False)
        if place.problem:
            raise failure("auth", place.problem, place.hint, profile=profile)
        if surely_missing(profile, place):
            raise missing_key(profile)
        # Prices are known where looking them up is cheap: `warm_prices` makes it so, and nothing else may on the way to
        # a token.
        info = self.catalog.describe(profile, name)
        info = msgspec.structs.replace(info, first_token=profile.first_token)
        if profile.id == LOCAL:
            info = msgspec.structs.replace(info, context_window=self._targets.local_context(name))
        return info

    async def look_around(self) -> None:
        """Look for servers running on this machine, for `default_model`: 0.3 s at the most, and usually 5 ms."""
        self._servers = await find_servers(self.profiles)

    async def warm_prices(self) -> None:
        """Load the price list, 0.5 s in a thread: `describe` tells prices from then on."""
        await anyio.to_thread.run_sync(load_prices)

    async def warm(self) -> None:
        """Do ahead of the first call what can be done then: import the SDK."""
        await self._connector.warm()

    def stream(self, call: Call) -> AbstractAsyncContextManager[AsyncIterator[Chunk]]:
        """Make the call; see `calls.Models`."""
        return aclosing(self._chunks(call))

    async def aclose(self) -> None:
        """Close the connections and end the embedded model's server."""
        await self._connector.aclose()
        await self._targets.aclose()

    async def _chunks(self, call: Call) -> AsyncGenerator[Chunk]:
        profile, name = self.profile(call.model)
        call = self.gauge.fitted(call, self.describe(call.model))
        attempts, held, renewed = Attempts(), False, False
        left_out: list[str] = []
        while True:
            begun = False
            try:
                if profile.id == LOCAL and (cause := self._targets.must_wait(name)):
                    held = True
                    yield Waiting(cause)
                target = await self._targets.find(profile, name)
                name = name or await self._only_model(target)
                async with aclosing(self._attempt(call, target, name, held=held)) as chunks:
                    async for chunk in chunks:
                        begun = begun or type(chunk) not in (Waiting, Sent)
                        if left_out and isinstance(chunk, Finished):
                            chunk = msgspec.structs.replace(chunk, notes=(*chunk.notes, *left_out))
                        yield chunk
            except CallError as error:
                if error.error.kind == "auth":
                    self._targets.forget_key(profile.id)
                    if not (begun or renewed) and error.error.status != 403 and self._targets.renews(profile):
                        renewed = True
                        continue
                if not begun and (without := self._pictures.learn(call, (error.base_url, name), error, len(left_out))):
                    left_out.append(pictures.sentence(profile.name, without, error.complaint.message or "too large"))
                    continue
                if not begun and self._adapt(call, profile, name, error):
                    continue
                failed = await self._targets.explain(error, profile, name)
                if begun:
                    raise failed from None
                wait = attempts.failed(failed)
            else:
                return
            held = True
            yield Retrying(attempts.number, wait, failed.error)
            await anyio.sleep(wait)

    async def _attempt(self, call: Call, target: Target, name: str, *, held: bool) -> AsyncGenerator[Chunk]:
        """One request, once there is a place for it at the endpoint. `held` says that it was waited for before."""
        profile, places, holder = target.profile, self._places_at(target), object()
        traits, at = profile.traits(name), (target.base_url, name)
        call, left = pictures.within(self._pictures.without(call, at), traits)
        shared = self._shared_beginning(call, traits, target, name)
        if shared and self._beginnings.is_writing(shared):
            held = True
            yield Waiting(f"waiting for {profile.name} to keep the beginning that the agents share")
            await self._beginnings.wait(shared)
        if not places.try_take(holder):
            held = True
            yield Waiting(f"waiting for one of the {places.limit} places at {profile.name}")
            await places.take(holder)
        began = time.monotonic()
        spoken = self._spoken(call, traits, target.base_url)
        parser = DeltaParser(
            spoken,
            profile,
            name,
            target.key,
            max_tokens=call.max_tokens,
            thinking=call.reason is not False and (at in self._unopened or _begins_thinking(profile, name)),
        )
        body: dict[str, Any] = {}
        try:
            body = spoken.body(Asked(call, profile, name, traits, self._without.get(at, frozenset())))
            if held:
                yield Sent()
            async with (
                self._beginnings.writing(shared) as beginning,
                aclosing(pieces(self._connector, target, name, spoken, body, parser)) as coming,
            ):
                async for piece in coming:
                    if beginning:
                        beginning.written.set()
                    if type(piece) is TextWasReasoning:
                        self._unopened.add(at)
                    yield piece
            _check_calls(parser, call)
        except CallError as error:
            error.sent, error.base_url = body, target.base_url
            error.hide(target.key)
            if error.error.kind == "rate_limit":
                places.throttled(began)
            raise
        else:
            places.succeeded()
            self.gauge.learn(call.model, call.messages, parser.usage.input_tokens)
        finally:
            places.give_back(holder)
        cost = await _cost(profile, name, parser)
        untold = self._pictures.untold(left, at)
        notes = (pictures.beyond(profile.name, untold, traits),) if untold else ()
        yield Finished(parser.finish or "unknown", parser.usage, cost, (*parser.notes, *notes), parser.refused)

    def _spoken(self, call: Call, traits: Traits, base_url: str) -> Dialect:
        """The dialect of a call: the profile's, or chat completions where the server or the dialect cannot."""
        preferred = dialect("chat" if base_url in self._plain else traits.dialect)
        return preferred if preferred.can_say(call) else dialect("chat")

    def _shared_beginning(self, call: Call, traits: Traits, target: Target, name: str) -> Key | None:
        """What stands for the beginning that this call shares, where agents save by waiting for it to be kept."""
        if not call.cache_key or not pays(traits, self.gauge.estimate(call.model, call.messages)):
            return None
        return target.base_url, name, call.cache_key

    def _adapt(self, call: Call, profile: Profile, name: str, error: CallError) -> bool:
        """Learn what an endpoint does not take; True when the call can be made again without it."""
        if error.error.status not in _TURNS_DOWN or not error.sent:
            return False
        spoken, at = self._spoken(call, profile.traits(name), error.base_url), (error.base_url, name)
        if spoken.name != "chat" and _unknown_path(error):
            self._plain.add(error.base_url)
            return True
        known = self._without.get(at, frozenset())
        found = spoken.turned_down(error.sent, error.complaint) - known
        self._without[at] = known | found
        return bool(found)

    def places(self, profile: Profile) -> int:
        """Calls that an endpoint of this provider is given at once, before it says that these are too many."""
        return self._settings.local.slots if profile.id == LOCAL else profile.concurrency or self._usual_places

    def _places_at(self, target: Target) -> Places:
        key = (target.profile.id, target.base_url)
        if key not in self._places:
            self._places[key] = Places(self.places(target.profile))
        return self._places[key]

    async def _only_model(self, target: Target) -> str:
        """The first model to chat with that an endpoint serves, where the user named none."""
        try:
            listed = read_list(msgspec.json.decode(await self._connector.get(target, "/models")), local=True)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ListProblem):
            listed = []
        name = first_to_chat(served.id for served in listed)
        if not name:
            what = "serves no model to chat with" if listed else "does not say which models it serves"
            message = f"{target.profile.name} {what}."
            raise failure("not_found", message, "Name one with --model NAME.", profile=target.profile)
        return name


@asynccontextmanager
async def open_gateway(
    settings: Settings, base_url: str | None = None, api_key: str | None = None, places: int = PLACES
) -> AsyncGenerator[Gateway]:
    """The gateway to all providers; closed at the end with all its connections and the embedded model's server.

    `base_url` makes the provider `endpoint`, `api_key` is its key; `places` is how many calls an endpoint is given at
    once where its profile does not say. Nothing is imported or connected before the first call. Raises `ConfigError`
    for an address or a key that cannot be used, or a bad providers.toml.
    """
    gateway = Gateway(settings, base_url, api_key, places)
    unnamed = not (base_url or settings.model or settings.local.gguf)
    if unnamed and gateway.default_model(settings.mode).startswith(f"{LOCAL}/"):
        await gateway.look_around()
    if not (base_url or settings.model_for(settings.mode)):
        gateway.note_passed_over(settings.mode)
    try:
        yield gateway
    finally:
        await gateway.aclose()


def _begins_thinking(profile: Profile, name: str) -> bool:
    """Whether a model on a server of one's own is known to begin with reasoning that nothing marks."""
    return (profile.local or profile.id == ENDPOINT) and bool(UNOPENED.search(name))


def _unknown_path(error: CallError) -> bool:
    """Whether a server has no such API at all, rather than no such model."""
    said = f"{error.complaint.message} {error.complaint.code}".lower()
    return error.error.status in (404, 405, 501) and "model" not in said


def _check_calls(parser: DeltaParser, call: Call) -> None:
    """What becomes of tool calls where no tool was offered: beside a text they change nothing, alone they are no
    answer. Raises `CallError` for the latter, behind the calls."""
    answer = parser.answer
    if call.tools or not answer.calls or any(_has_calls(message) for message in call.messages):
        return
    if answer.wrote:
        answer.finish = "stop"
        return
    names = ", ".join(dict.fromkeys(name or "?" for name in answer.calls.names))
    message = f"{answer.model} asked for a tool ({names}) in place of an answer, and none was offered."
    error = failure("empty", message, "Ask again, or offer it tools.", profile=answer.profile, usage=answer.usage)
    error.finish = "stop"
    raise error


def _has_calls(message: Message) -> bool:
    return any(isinstance(part, ToolCall) for part in message.parts)


async def _cost(profile: Profile, model: str, parser: DeltaParser) -> float | None:
    if parser.cost is not None or profile.free:
        return parser.cost or 0.0
    if not profile.prices:
        return None
    from chatmodes.providers.known import prices

    if not prices.is_warm():
        await anyio.to_thread.run_sync(prices.warm, abandon_on_cancel=True)
    return prices.cost_of(profile, model, parser.usage)
