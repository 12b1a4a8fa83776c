"""The models as the screen needs them: called through the chat, chosen by default, listed, and given keys.

Everything of `providers/` that the TUI touches is touched here, and imported when the engine opens.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from chatmodes.providers.local.weights import INSTALL
from chatmodes.settings import ConfigError, Settings

if TYPE_CHECKING:
    from chatmodes.messages import Message
    from chatmodes.providers.available.catalog import Catalog
    from chatmodes.providers.available.discover import Found
    from chatmodes.providers.calls import ModelInfo, Models
    from chatmodes.providers.known.profiles import Profile

NO_MODEL = "No model was found that could answer."
NO_MODEL_HINT = f"Store a key with /key, start Ollama or LM Studio, or install the embedded model: {INSTALL}"


@dataclass
class Backend:
    """Models behind the one seam, and what is known about which there are."""

    models: "Models"
    settings: Settings
    """Those it was opened with."""
    profiles: "dict[str, Profile]"
    catalog: "Catalog"
    found: "list[Found]" = field(default_factory=list["Found"])
    """What can answer as things are, in the order in which a default is looked for."""
    by_hand: bool = False
    """An endpoint was given by hand: it is the default whatever the settings name."""

    def choose(self, mode: str) -> str:
        """The model for a mode where the settings name none. Raises `ConfigError` where there is none at all."""
        from chatmodes.providers.available.choice import default_model

        model = default_model(self.settings, mode, lambda: self.found, by_hand=self.by_hand)
        if not model:
            raise ConfigError(NO_MODEL, NO_MODEL_HINT)
        return model

    def model_names(self) -> list[tuple[str, str]]:
        """Models that can be named, for completion, with their provider's name."""
        shelves = self.catalog.offline()
        return [(info.model, shelf.name) for shelf in shelves if shelf.usable for info in shelf.models]

    def tokens(self, message: "Message", info: "ModelInfo | None" = None) -> int:
        """About how many tokens a message takes of a model's window, its pictures by the model's rule."""
        from chatmodes.providers.known.windows import USUAL, estimate_messages, picture_rule

        return estimate_messages([message], picture_rule(info) if info else USUAL)

    async def warm_prices(self) -> None:
        """Load the price list, 0.5 s in a thread: what a model costs is known from then on."""
        from chatmodes.providers.known.prices import warm

        await anyio.to_thread.run_sync(warm)

    async def look_around(self) -> "list[Found]":
        """Look again what can answer: keys, servers, model files; 0.3 s at the most."""
        from chatmodes.providers.available.discover import discover

        self.found = await discover(self.profiles, self.settings)
        return self.found

    def unknown(self, provider: str) -> str:
        """Why a provider cannot have a key; empty where it can."""
        return "" if provider in self.profiles else f"There is no provider {provider}. `chatmodes models` lists them."

    async def store_key(self, provider: str, key: str) -> tuple[str, bool]:
        """Store a provider's key. Returns what to tell, and whether it is a problem."""
        from chatmodes.providers.keys.lookup import BadKeyError, set_key

        if problem := self.unknown(provider):
            return problem, True
        try:
            place = await anyio.to_thread.run_sync(partial(set_key, provider, key.strip()))
        except BadKeyError as problem:
            return f"{problem} {problem.hint}", True
        where = "the keyring" if place.source == "keyring" else place.detail
        return f"The key for {self.profiles[provider].name} is stored in {where}.", False


@asynccontextmanager
async def real_backend(settings: Settings, base_url: str | None) -> AsyncGenerator[Backend]:
    """The providers of this machine and this user. Raises `ConfigError`."""
    await anyio.to_thread.run_sync(_imports)
    from chatmodes.opening import open_models

    async with open_models(settings, base_url=base_url) as gateway, anyio.create_task_group() as tasks:
        # Profiles and catalog are the gateway's: the picker's fresh lists are then what it describes models by.
        backend = Backend(gateway, settings, gateway.profiles, gateway.catalog, by_hand=bool(base_url))
        tasks.start_soon(gateway.warm)
        await backend.look_around()
        try:
            yield backend
        finally:
            tasks.cancel_scope.cancel()


def _imports() -> None:
    from chatmodes.providers import gateway
    from chatmodes.providers.available import catalog, discover
    from chatmodes.providers.keys import lookup

    del catalog, discover, gateway, lookup
