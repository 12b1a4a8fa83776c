"""Which models there are: what each provider's server lists, kept on disk with its age, merged with what is known.

A picker must open at once and without a network, so there are two ways in: `offline` reads what an earlier question
brought, and `refresh` asks all providers at once, each with its own time and its own failure. `describe` is the one
answer to "what is known of this model"; it reads at most one small file and never asks anybody.

Where sources differ the server's own word wins, then what the profile says of this very model, then the price list,
then what the profile says of the provider's models in general.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import anyio
import anyio.to_thread
import msgspec

from chatmodes.providers.available.lists import ListProblem, Served, fetch_list, may_chat
from chatmodes.providers.calls import ModelInfo
from chatmodes.providers.http import loopback_client, network_client, on_loopback
from chatmodes.providers.keys.lookup import BadKeyError, find_key, forget_printed, where
from chatmodes.providers.known import prices
from chatmodes.providers.known.ids import ENDPOINT, LOCAL
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.known.traits import parameters
from chatmodes.providers.local import weights
from chatmodes.settings import Local, home, private_folder, write_private

if TYPE_CHECKING:
    import httpx2

REMOTE_TIMEOUT = 15.0
"""Seconds for one provider's whole list."""
LOCAL_TIMEOUT = 3.0
AT_ONCE = 8
"""Providers asked at the same time."""
FRESH = 24 * 3600.0
"""Seconds a list from disk is as good as a new one."""


CAPABLE = 3.5
"""Billions of parameters from which a model can judge others' drafts: selecting by prompt works for larger ones only
(arXiv 2602.02143)."""
SMALL_TEMPERATURE = 0.3
"""For models below that. Of a 0.5B model's chains over GSM8K 24% were right at 0.3 and 16% at llama.cpp's own 0.8
(benchmarks/gsm8k)."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """One provider's models, and how far the list can be trusted."""

    provider: str
    name: str
    models: tuple[ModelInfo, ...]
    source: Literal["live", "cached", "known"]
    """Asked just now; from disk; or nobody was ever asked, and these come from the profile and the price list."""
    age: float | None = None
    """Seconds since the server was asked; None for `known`."""
    usable: bool = True
    """There is a key, or none is needed."""
    problem: str = ""
    """Why the server's list could not be had; the models may then be an older list's."""
    hint: str = ""


class _Stored(msgspec.Struct):
    address: str
    """A list from another address, before the user changed it, says nothing."""
    at: float
    models: list[Served]


class Catalog:
    """The models of all `profiles`. Cheap to make: files are read when their provider is asked about.

    `local` is the settings' section that says where one's own model file is.
    """

    def __init__(self, profiles: dict[str, Profile], local: Local | None = None) -> None:
        self.profiles = profiles
        self._local = local or Local()
        self._lists: dict[str, _Stored | None] = {}
        self._served: dict[str, dict[str, Served]] = {}

    def describe(self, profile: Profile, model: str) -> ModelInfo:
        """What is known of `model` (its name without the provider). The price list has a say once it is loaded."""
        self._list(profile)
        served = self._served.get(profile.id, {}).get(model, Served(model))
        traits = profile.traits(model)
        window = served.context_window or (traits.context_window if profile.knows(model, "context_window") else None)
        paid = (served.input_price, served.output_price)
        if profile.free:
            paid = (0.0, 0.0)
        elif (None in paid or window is None) and prices.is_warm():
            listed = prices.look_up(profile, model)
            window = window or listed.context_window
            paid = (listed.input_price, listed.output_price) if None in paid else paid
        window = window or traits.context_window
        size = parameters(model)
        small = traits.small if size is None else size < CAPABLE
        temperature, drafts = traits.temperature, traits.draft_temperature
        if small:
            temperature = SMALL_TEMPERATURE if temperature is None else temperature
            drafts = None if drafts is None else min(drafts, SMALL_TEMPERATURE)
        reasons = traits.reasons if served.reasons is None else served.reasons
        # Drafts reason where the model can, so what they may be sampled at is what is accepted beside reasoning.
        sampling = traits.sampling and (traits.sampling_while_reasoning or not reasons)
        return ModelInfo(
            model=f"{profile.id}/{model}",
            context_window=window,
            max_output=traits.max_output or served.max_output,
            input_price=paid[0],
            output_price=paid[1],
            reasons=reasons,
            always_reasons=reasons and traits.always_reasons,
            efforts=traits.efforts,
            sampling=sampling,
            temperature=temperature if traits.sampling else None,
            draft_temperature=drafts if sampling else None,
            logprobs=traits.logprobs,
            tools=traits.tools if served.tools is None else served.tools,
            search=bool(traits.search),
            images=traits.images if served.images is None else served.images,
            pdfs=traits.pdfs if served.pdfs is None else served.pdfs,
            image_limits=traits.image_limits(),
            small=small,
        )

    def offline(self, providers: Iterable[str] | None = None) -> list[Shelf]:
        """What can be said at once: no network, no keyring, a few milliseconds."""
        return [self._shelf(profile) for profile in self._chosen(providers)]

    async def refresh(
        self,
        providers: Iterable[str] | None = None,
        *,
        max_age: float = 0.0,
        on_shelf: Callable[[Shelf], None] | None = None,
    ) -> list[Shelf]:
        """Ask the providers that can be asked, all at once, and give every one's shelf.

        A list younger than `max_age` seconds is not asked for again, except on one's own machine, where models come
        and go. `on_shelf` hears of each shelf as it is ready. One that fails says so on its own and holds up no other.
        """
        chosen = self._chosen(providers)
        shelves: dict[str, Shelf] = {}
        limiter = anyio.CapacityLimiter(AT_ONCE)

        async def one(clients: "_Clients", profile: Profile) -> None:
            async with limiter:
                shelf = await self._ask(clients, profile, max_age)
            shelves[profile.id] = shelf
            if on_shelf:
                on_shelf(shelf)

        async with await anyio.to_thread.run_sync(_Clients) as clients, anyio.create_task_group() as tasks:
            for profile in chosen:
                tasks.start_soon(one, clients, profile)
        return [shelves[profile.id] for profile in chosen]

    async def _ask(self, clients: "_Clients", profile: Profile, max_age: float) -> Shelf:
        shelf = self._shelf(profile)
        if profile.id == LOCAL or not (shelf.usable or profile.models_public):
            return shelf
        if not profile.local and shelf.age is not None and shelf.age < max_age:
            return shelf
        timeout = LOCAL_TIMEOUT if profile.local else REMOTE_TIMEOUT
        try:
            with anyio.fail_after(timeout):
                served = await self._fetch(clients, profile)
        except (ListProblem, BadKeyError) as problem:
            return msgspec.structs.replace(shelf, problem=str(problem), hint=problem.hint)
        except TimeoutError:
            return msgspec.structs.replace(
                shelf, problem=f"{profile.name} did not send its list within {timeout:.0f} s.", hint="Try again later."
            )
        self._keep(profile, _Stored(profile.address(), time.time(), served))
        return msgspec.structs.replace(self._shelf(profile), source="live", age=0.0)

    async def _fetch(self, clients: "_Clients", profile: Profile) -> list[Served]:
        """The list, asked for once more with another key where the one that a program printed has expired."""
        for last in (not profile.key_command, True):
            key = await anyio.to_thread.run_sync(partial(find_key, profile), abandon_on_cancel=True)
            try:
                return await fetch_list(clients.to(profile), profile, profile.address(), key)
            except ListProblem as problem:
                if last or not problem.refused:
                    raise
                forget_printed(profile.id)
        raise AssertionError("unreachable")

    def _chosen(self, providers: Iterable[str] | None) -> list[Profile]:
        wanted = None if providers is None else set(providers)
        return [
            profile
            for name, profile in self.profiles.items()
            if (wanted is None or name in wanted) and not (name == ENDPOINT and not profile.base_url)
        ]

    def _shelf(self, profile: Profile) -> Shelf:
        if profile.id == LOCAL:
            return self._embedded(profile)
        stored = self._list(profile)
        if stored is not None:
            names = [served.id for served in stored.models]
        else:
            known = filter(may_chat, prices.known_models(profile)) if prices.is_warm() else ()
            names = list(dict.fromkeys(name for name in (profile.fast, profile.reasoning, *known) if name))
        usable, problem, hint = _reachable(profile)
        return Shelf(
            provider=profile.id,
            name=profile.name,
            models=tuple(self.describe(profile, name) for name in names),
            source="known" if stored is None else "cached",
            age=None if stored is None else max(0.0, time.time() - stored.at),
            usable=usable,
            problem=problem,
            hint=hint,
        )

    def _embedded(self, profile: Profile) -> Shelf:
        """The model files on this machine: its server need not run to know them."""
        missing = weights.runtime_missing()
        return Shelf(
            provider=profile.id,
            name=profile.name,
            models=tuple(self.describe(profile, each.name) for each in weights.installed(self._local)),
            source="live",
            age=0.0,
            usable=missing is None,
            problem=missing.error.message if missing else "",
            hint=missing.error.hint if missing else "",
        )

    def _list(self, profile: Profile) -> _Stored | None:
        """The list on disk; None where there is none that can be used."""
        if profile.id not in self._lists:
            stored: _Stored | None = None
            try:
                stored = msgspec.json.decode(_cache_file(profile).read_bytes(), type=_Stored)
            except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                stored = None  # a cache: the next refresh writes it anew
            if stored is not None and stored.address != profile.address():
                stored = None
            self._remember(profile, stored)
        return self._lists[profile.id]

    def _remember(self, profile: Profile, stored: _Stored | None) -> None:
        self._lists[profile.id] = stored
        self._served[profile.id] = {served.id: served for served in stored.models} if stored else {}

    def _keep(self, profile: Profile, stored: _Stored) -> None:
        self._remember(profile, stored)
        if profile.id == ENDPOINT:
            return  # another address each time
        path = _cache_file(profile)
        try:
            private_folder(path.parent)
            write_private(path, msgspec.json.encode(stored))
        except OSError:
            return  # a full or read-only disk costs the next start a question, and nothing else


def _cache_file(profile: Profile) -> Path:
    return home("cache") / "models" / f"{profile.id}.json"


def _reachable(profile: Profile) -> tuple[bool, str, str]:
    """Whether the provider can be called as far as one can tell without asking, and if not, why and what to do."""
    if not profile.address() and profile.id != LOCAL:
        return False, f"{profile.name} has no address.", profile.address_hint()
    place = where(profile, ask_keyring=False)
    if place.problem:
        return False, place.problem, place.hint
    if place.source is None and profile.key_needed:
        names = " or ".join(profile.key_variables)
        return False, f"{profile.name} has no key here.", f"Set {names}, or: chatmodes keys set {profile.id}"
    return True, "", ""


class _Clients:
    """One client for the network, one for this machine, which is never asked through a proxy.

    Imports and certificates take 0.5 s: made in a thread.
    """

    def __init__(self) -> None:
        self._own = loopback_client()
        self._remote: httpx2.AsyncClient | None = None
        self._problem = ""
        try:
            self._remote = network_client()
        except OSError as error:
            self._problem = f"The certificates of the environment cannot be read: {error}."

    def to(self, profile: Profile) -> "httpx2.AsyncClient":
        if on_loopback(profile.address()):
            return self._own
        if self._remote is None:
            raise ListProblem(self._problem, "Mend or unset SSL_CERT_FILE.")
        return self._remote

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._own.aclose()
        if self._remote is not None:
            await self._remote.aclose()
