"""What stands behind the screen: models, store and chat, opened once the first frame is painted.

The SDK takes longer to import than Textual, and a database may be slow to open: were either on the way to the first
frame, an empty composer would take twice as long to appear. So the engine is a task of its own beside the app. It ends
after the app, which gives runs under way the time to be stored.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Literal

from chatmodes.settings import ConfigError, Settings

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from chatmodes.chat import Chat
    from chatmodes.providers.calls import ModelInfo
    from chatmodes.store import Store
    from chatmodes.tui.backend import Backend
    from chatmodes.tui.start import Start

State = Literal["starting", "ready", "failed", "closed"]


OpenBackend = Callable[[Settings, str | None], AbstractAsyncContextManager["Backend"]]
"""Opens the models for settings and an endpoint given by hand. Imports what it needs when it is entered."""


class Engine:
    """Opens the chat, says when it is ready or why it is not, and closes it after the last event is stored."""

    def __init__(self, start: Start, open_backend: OpenBackend) -> None:
        self.start = start
        self.state: State = "starting"
        self.problem = ""
        """Why it failed, in one sentence."""
        self.hint = ""
        self.notice = start.note
        """What does not work as asked although the chat does, such as a database that cannot be written."""
        self.settled = asyncio.Event()
        """Set once the state is no longer `starting`."""
        self._open_backend = open_backend
        self._wanted = asyncio.Event()
        self._closing = asyncio.Event()
        self.private = False
        """Whether the chat in use leaves nothing on disk."""
        self._disk: Chat | None = None
        self._memory: Chat | None = None
        self._backend: Backend | None = None
        self._tasks: TaskGroup | None = None

    @property
    def chat(self) -> Chat:
        """The chat in use. Only once the state is `ready`."""
        chat = self._memory if self.private or self._disk is None else self._disk
        assert chat is not None, "asked for before the engine was ready"
        return chat

    @property
    def store(self) -> Store:
        """The chat's store. Only once the state is `ready`."""
        return self.chat.store

    @property
    def backend(self) -> Backend:
        """The models. Only once the state is `ready`."""
        assert self._backend is not None, "asked for before the engine was ready"
        return self._backend

    @property
    def tasks(self) -> TaskGroup:
        """Where readers of runs live: they outlast every screen."""
        assert self._tasks is not None, "asked for before the engine was ready"
        return self._tasks

    @property
    def can_store(self) -> bool:
        """Whether there is a database to go back to from a private conversation."""
        return self._disk is not None

    def go_private(self, private: bool) -> None:
        """Use the chat that leaves nothing on disk, or the other one. Runs under way go on where they are."""
        self.private = private or self._disk is None

    def open(self) -> None:
        """The first frame is painted: begin."""
        self._wanted.set()

    def close(self) -> None:
        """The screen is gone: cancel what is under way, store it, end."""
        self._closing.set()
        self._wanted.set()

    def info(self, model: str) -> ModelInfo | None:
        """What is known of a model; None where it cannot be called, and before the engine is ready."""
        from chatmodes.providers.calls import ProviderError

        if self._backend is None:
            return None
        try:
            return self._backend.models.describe(model)
        except ProviderError:
            return None

    async def problem_of(self, model: str) -> str:
        """Why a model cannot be called, with what to do; empty where it can, as far as one can tell without asking it.
        Waits for the keyring."""
        from chatmodes.providers.calls import ProviderError

        await self.backend.models.prepare([model])
        try:
            self.backend.models.describe(model)
        except ProviderError as error:
            return f"{error.error.message} {error.error.hint}"
        return ""

    def use(self, settings: Settings) -> None:
        """Settings for what follows; runs under way keep theirs."""
        for chat in (self._disk, self._memory):
            if chat is not None:
                chat.settings = settings

    async def serve(self) -> None:
        """Wait for the first frame, open everything, and keep it open until `close`. Never raises what a user can
        mend: that becomes `problem`."""
        await self._wanted.wait()
        if self._closing.is_set():
            return
        async with AsyncExitStack() as stack:
            try:
                await self._enter(stack)
            except ConfigError as error:
                self._settle("failed", str(error), error.hint)
            else:
                self._settle("ready")
            await self._closing.wait()
            self.state = "closed"

    def _settle(self, state: State, problem: str = "", hint: str = "") -> None:
        self.state, self.problem, self.hint = state, problem, hint
        self.settled.set()

    async def _enter(self, stack: AsyncExitStack) -> None:
        import anyio
        import anyio.to_thread

        # Half a second of imports, in a thread: in the loop a key press would wait 300 ms for its echo.
        await anyio.to_thread.run_sync(_import_engine)
        self._backend = await stack.enter_async_context(self._open_backend(self.start.settings, self.start.base_url))
        chat, unsaved = await self._chat(stack, private=self.start.private)
        self.notice = f"{self.notice} {unsaved}".strip()
        kept = chat.store.file is not None
        self._disk = chat if kept else None
        self._memory = (await self._chat(stack, private=True))[0] if kept else chat
        self.private = not kept
        self._tasks = await stack.enter_async_context(anyio.create_task_group())
        stack.callback(self._tasks.cancel_scope.cancel)
        if kept:
            self._tasks.start_soon(partial(anyio.to_thread.run_sync, chat.store.tend, abandon_on_cancel=True))

    async def _chat(self, stack: AsyncExitStack, *, private: bool) -> tuple[Chat, str]:
        from chatmodes.opening import open_chat_of_user

        backend = self.backend
        opened = open_chat_of_user(self.start.settings, backend.models, choose=backend.choose, private=private)
        return await stack.enter_async_context(opened)


def _import_engine() -> None:
    from chatmodes import opening

    del opening
