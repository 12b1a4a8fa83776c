"""The one way from settings to models, store and chat, for every face: the composition root.

Settings say what is wanted; what there is differs from machine to machine, and each face would otherwise decide for
itself what an endpoint given by hand overrules and what happens without a database. Here that is decided once: an
endpoint given by hand is the default model whatever the files say, and a store that cannot be had is one in memory and
a sentence about it.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatmodes.chat import Chat, in_thread, open_chat
from chatmodes.providers.available.choice import wanted
from chatmodes.running import Running, open_running
from chatmodes.settings import Settings, home, private_folder
from chatmodes.store import Store, StoreError, open_store

if TYPE_CHECKING:
    from chatmodes.providers.calls import Models
    from chatmodes.providers.gateway import Gateway

DATABASE = "chatmodes.db"


def open_database() -> Store:
    """The user's database, made where there is none yet. Raises `StoreError`; one that may not be written is opened for
    reading, see `open_store`."""
    try:
        folder = private_folder(home("data"))
    except OSError as error:
        raise StoreError(
            f"{home('data')} cannot be made or entered: {error.strerror or error}.",
            "Check its permissions, or set CHATMODES_HOME to a folder of yours.",
        ) from error
    return open_store(folder / DATABASE)


def user_store(settings: Settings, *, private: bool = False) -> tuple[Store, str]:
    """The user's database, or one in memory where nothing is to be kept or that cannot be had; in the latter case with
    the reason, a sentence that says what to do.

    Opens a file: call it in a thread where a loop runs.
    """
    if private or settings.store.private:
        return open_store(None), ""
    try:
        store = open_database()
    except StoreError as error:
        return open_store(None), f"This chat stays in memory and is not saved: {error.message} {error.hint}".strip()
    if store.read_only:
        store.close()
        return open_store(None), f"This chat stays in memory and is not saved: {store.read_only}"
    return store, ""


@dataclass
class Opened:
    """A chat with what it was made of."""

    chat: Chat
    gateway: "Gateway"
    notes: list[str] = field(default_factory=list[str])
    """What a face tells: each a sentence, about the store or the address in use."""
    unsaved: str = ""
    """Why nothing is kept though it was to be; the first of the notes then."""


@asynccontextmanager
async def open_models(
    settings: Settings, *, base_url: str | None = None, api_key: str | None = None, places: int | None = None
) -> "AsyncGenerator[Gateway]":
    """The models, by the settings that hold with this endpoint. `places` is how many calls an endpoint is given at once
    where nobody says; None suits one person. Raises `ConfigError` for an address or a key that cannot be used, or a bad
    providers.toml."""
    from chatmodes.providers.gateway import PLACES, open_gateway  # with the SDK behind it, for the first call

    async with open_gateway(wanted(settings, base_url), base_url, api_key, places or PLACES) as gateway:
        yield gateway


@asynccontextmanager
async def open_runs(
    settings: Settings, *, base_url: str | None = None, api_key: str | None = None, places: int | None = None
) -> "AsyncGenerator[tuple[Running, Gateway]]":
    """Runs without a store. Takes and raises what `open_models` does."""
    settings = wanted(settings, base_url)
    async with (
        open_models(settings, base_url=base_url, api_key=api_key, places=places) as gateway,
        open_running(settings, gateway, choose=gateway.default_model) as runs,
    ):
        yield runs, gateway


@asynccontextmanager
async def open_user_chat(
    settings: Settings, *, base_url: str | None = None, api_key: str | None = None, private: bool = False
) -> AsyncGenerator[Opened]:
    """The models, and the chat over them as `open_chat_of_user` has it. Raises `ConfigError` as `open_models`."""
    settings = wanted(settings, base_url)
    async with (
        open_models(settings, base_url=base_url, api_key=api_key) as gateway,
        open_chat_of_user(settings, gateway, choose=gateway.default_model, private=private) as (chat, problem),
    ):
        yield Opened(chat, gateway, [*([problem] if problem else []), *gateway.notes], problem)


@asynccontextmanager
async def open_chat_of_user(
    settings: Settings, models: "Models", *, choose: Callable[[str], str], private: bool = False
) -> AsyncGenerator[tuple[Chat, str]]:
    """The chat over the user's database, or over memory as `user_store` decides, with its reason. It ends, and all it
    has to store is stored, before the database is closed."""
    store, problem = await in_thread(user_store, settings, private=private)
    with store:
        async with open_chat(settings, models, store, choose=choose) as chat:
            yield chat, problem
