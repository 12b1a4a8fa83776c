"""Where a call goes: the provider's address and key, or the embedded model's server.

Exactly one place joins a key to an address, and both come from the same profile. That is what keeps a key with its own
provider.
"""

from typing import TYPE_CHECKING

import anyio
import anyio.to_thread

from chatmodes.providers.client import Target
from chatmodes.providers.errors import CallError, failure, missing_key, no_address
from chatmodes.providers.keys.lookup import Key, checked, find_key, forget_printed, where
from chatmodes.providers.keys.stores import BadKeyError
from chatmodes.providers.known.ids import LOCAL
from chatmodes.providers.known.profiles import Profile
from chatmodes.providers.urls import check_url
from chatmodes.settings import ConfigError, Local

if TYPE_CHECKING:
    from chatmodes.providers.local.server import LocalServer


class Targets:
    """Addresses and keys as they are asked for; keys are looked up once."""

    def __init__(self, local: Local) -> None:
        self.notes: list[str] = []
        """Remarks about addresses, each a sentence."""
        self._keys: dict[str, Key] = {}
        self._settings = local
        self._server: LocalServer | None = None

    def give_key(self, provider: str, key: str) -> None:
        """Use this key for a provider. Raises `ConfigError` for one that cannot be sent."""
        try:
            self._keys[provider] = checked(key, "The key")
        except BadKeyError as error:
            raise ConfigError(str(error), error.hint) from error

    def forget_key(self, provider: str) -> None:
        """Look the key up again next time: it was refused, so the user may be about to store another."""
        self._keys.pop(provider, None)
        forget_printed(provider)

    def renews(self, profile: Profile) -> bool:
        """Whether a key that was refused may only have expired: a program prints another."""
        return where(profile, ask_keyring=False).source == "command"

    async def find(self, profile: Profile, model: str = "", *, key_wanted: bool = True) -> Target:
        """The target of a call to `profile`. Raises `ProviderError`."""
        if profile.id == LOCAL:
            endpoint = await self._local().endpoint(model=model)
            return Target(profile, endpoint.base_url, endpoint.api_key)
        address = profile.address()
        if not address:
            raise no_address(profile)
        try:
            url, notes = check_url(address, f"The address of {profile.name}")
        except ConfigError as error:
            raise failure("bad_request", str(error), error.hint, profile=profile) from None
        self.notes += [note for note in notes if note not in self.notes]
        key = await self._key(profile)
        if key is None and profile.key_needed and key_wanted:
            raise missing_key(profile)
        return Target(profile, url, key)

    def must_wait(self, model: str) -> str:
        """Why the embedded model cannot answer at once; empty when it can. Raises `ProviderError`."""
        return self._local().cause_to_wait(model)

    def local_context(self, model: str) -> int:
        """Tokens for one call to the embedded model. Raises `ProviderError` where it is plain that it cannot answer."""
        return self._local().preflight(model)["context"]

    def local_default(self) -> str:
        """The name of the embedded model that is meant where none is named."""
        from chatmodes.providers.local import weights

        return weights.default_name(self._settings)

    async def explain(self, error: CallError, profile: Profile, model: str) -> CallError:
        """The error, or the real cause where the embedded model's server has died."""
        if profile.id != LOCAL or error.error.kind not in ("network", "stream_cut"):
            return error
        # Its connections close some milliseconds before the kernel says that the process has ended.
        for _ in range(20):
            if died := self._local().died(model):
                return CallError(died.error, error.usage, retryable=error.retryable)
            await anyio.sleep(0.02)
        return error

    async def aclose(self) -> None:
        """End the embedded model's server, if it was started."""
        if self._server is not None:
            await self._server.aclose()

    def _local(self) -> "LocalServer":
        if self._server is None:
            from chatmodes.providers.local.server import LocalServer

            self._server = LocalServer(self._settings)
        return self._server

    async def _key(self, profile: Profile) -> Key | None:
        known = self._keys.get(profile.id)
        if known is not None:
            return known
        place = where(profile, ask_keyring=False)
        may_block = place.source in ("keyring", "command") or (place.source is None and profile.key_needed)
        try:
            key = await anyio.to_thread.run_sync(find_key, profile) if may_block else find_key(profile)
        except BadKeyError as error:
            raise failure("auth", str(error), error.hint, profile=profile) from None
        if key is not None:
            self._keys[profile.id] = key
        return key
