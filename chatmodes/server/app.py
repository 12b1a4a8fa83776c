"""The application: five addresses over one set of models."""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chatmodes.comparing.foresee import paths_above_limit
from chatmodes.dollars import money
from chatmodes.modes import base
from chatmodes.opening import open_runs
from chatmodes.providers.available.eyes import is_blind, refusal
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.gateway import Gateway
from chatmodes.running import Running
from chatmodes.server import chat_request, errors, responses_request
from chatmodes.server.asked import Asked, mode_and_model
from chatmodes.server.attached import has_pictures, ready
from chatmodes.server.body import body_of
from chatmodes.server.chat_reply import ChatReply
from chatmodes.server.errors import RequestError, json_response
from chatmodes.server.following import BEHIND, Followed, begun
from chatmodes.server.guard import AT_ONCE, Guard, Rules
from chatmodes.server.responses_reply import ResponsesReply
from chatmodes.server.stream import EventStream, while_there
from chatmodes.settings import ConfigError, Settings


class Reply(Protocol):
    """An answer in the words of one API."""

    async def whole(self) -> tuple[dict[str, Any], int]:
        """The body and its status."""
        ...

    def frames(self) -> AsyncGenerator[bytes]:
        """The same as a stream."""
        ...

    def alive(self) -> bytes:
        """A frame that changes nothing."""
        ...


class Service:
    """What the addresses share: the runs and the models behind them."""

    def __init__(self, settings: Settings, *, base_url: str | None = None) -> None:
        self.settings = settings
        self._base_url = base_url
        self._runs: Running | None = None
        self._gateway: Gateway | None = None
        self._under_way: set[Followed] = set()

    @asynccontextmanager
    async def open(self) -> AsyncGenerator[None]:
        """Open the models; at the end every run is ended. Raises `ConfigError`."""
        async with open_runs(self.settings, base_url=self._base_url, places=AT_ONCE) as (runs, gateway):
            self._runs, self._gateway = runs, gateway
            self.settings = runs.settings
            await gateway.warm()
            yield

    @property
    def runs(self) -> Running:
        """The runs; only asked for while the server serves."""
        assert self._runs is not None
        return self._runs

    @property
    def gateway(self) -> Gateway:
        """The models; only asked for while the server serves."""
        assert self._gateway is not None
        return self._gateway

    async def start(self, asked: Asked) -> list[Followed]:
        """Begin the runs that a request asks for. Raises `RequestError` for a mode that cannot be had so, for pictures
        that the model would not see, and for what may cost more than the limit: nobody can be asked whether it is
        meant."""
        try:
            self._check_eyes(asked)
            asked = await ready(asked)
            await self._check_cost(asked)
            called = asked.called
            followed = [
                Followed(
                    self.runs.start(
                        asked.path, mode=asked.mode, model=asked.model, settings=asked.settings,
                        extras=asked.extras.varied(at * asked.seeds), unread=BEHIND,
                    ),
                    one_call=asked.one_call,
                    stops=asked.stops,
                    json_alone=asked.extras.response_format is not None,
                    called=called,
                )
                for at in range(asked.choices)
            ]  # fmt: skip
        except ConfigError as error:
            raise RequestError(f"{error} {error.hint}".strip()) from error
        self._under_way.update(followed)
        return followed

    def leave(self, followed: list[Followed]) -> None:
        """Nobody reads these any more."""
        self._under_way.difference_update(followed)
        for each in followed:
            each.stop("the client went away")

    def end(self, reason: str) -> None:
        """End everything under way; who reads it is told the reason."""
        for each in self._under_way:
            each.stop(reason)

    def _check_eyes(self, asked: Asked) -> None:
        if not has_pictures(asked):
            return
        model = asked.model or self.runs.model_for(asked.mode, asked.settings)
        if is_blind(self.gateway, model):
            message = " ".join(refusal(model, self.gateway.catalog))
            raise RequestError(message, code="unsupported_input", param="messages")

    async def _check_cost(self, asked: Asked) -> None:
        limit = asked.settings.cost_limit
        paths = [asked.path] * asked.choices
        columns, warm = [(asked.mode, asked.model)], self.gateway.warm_prices
        with suppress(ProviderError):  # the run itself says what is wrong
            bound = await paths_above_limit(self.runs, columns, paths, settings=asked.settings, limit=limit, warm=warm)
            if bound is not None:
                message = (
                    f"This may cost up to {money(bound)}, above the limit of {money(limit)}. "
                    "Ask for fewer tokens or agents, or raise cost_limit in the server's settings."
                )
                raise RequestError(message, code="cost_limit")

    def models(self) -> list[dict[str, Any]]:
        """The modes, alone and with each model that can be named, as far as it is known without asking anybody."""
        modes = base.names()
        usable = [shelf for shelf in self.gateway.catalog.offline() if shelf.usable]
        known = [info.model for shelf in usable for info in shelf.models]
        return [_model(id) for id in (*modes, *(f"{mode}/{model}" for mode in modes for model in known))]


def _model(id: str) -> dict[str, Any]:
    return {"id": id, "object": "model", "created": 0, "owned_by": "chatmodes"}


class Answering:
    """One of the two addresses that answer prompts, as an ASGI application."""

    def __init__(
        self,
        service: Service,
        parse: Callable[[dict[str, Any], Settings], Asked],
        reply: Callable[[Asked, list[Followed]], Reply],
    ) -> None:
        self._service, self._parse, self._reply = service, parse, reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request: as a stream where it asks for one, else whole."""
        send = _named(send)
        try:
            asked = self._parse(await body_of(Request(scope, receive)), self._service.settings)
            followed = await self._service.start(asked)
        except RequestError as error:
            await error.response(scope, receive, send)
            return
        except ClientDisconnect:
            return
        reply = self._reply(asked, followed)
        try:
            async with while_there(receive):
                failed = await begun(followed)
                if failed:
                    await json_response(*errors.of_run(failed))(scope, receive, send)
                elif asked.stream:
                    await EventStream(reply.frames(), reply.alive).send(send)
                else:
                    await json_response(*await reply.whole())(scope, receive, send)
        finally:
            self._service.leave(followed)


def _named(send: Send) -> Send:
    """Give the answer a name of its own in the header where the SDKs look for it, for people to point at."""

    async def named(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"x-request-id", f"req_{os.urandom(12).hex()}".encode())]
            message = {**message, "headers": headers}
        await send(message)

    return named


def application(service: Service, rules: Rules) -> ASGIApp:
    """The server as an ASGI application, over a service that is open."""

    async def health(_: Request) -> Response:
        return json_response({"status": "ok"})

    async def models(_: Request) -> Response:
        return json_response({"object": "list", "data": service.models()})

    async def model(request: Request) -> Response:
        id: str = request.path_params["id"]
        try:
            _, named = mode_and_model(id)
            if named:
                await service.gateway.prepare((named,))
                service.gateway.describe(named)
        except RequestError as error:
            return error.response
        except ProviderError as failure:  # an unknown provider, or one without a key
            return json_response(*errors.of_run(failure.error))
        return json_response(_model(id))

    async def unknown(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        message = f"{request.method} {request.url.path} is not served here; see GET /v1/models."
        body = errors.shape(message, "invalid_request_error", "not_found")
        return json_response(body, error.status_code, dict(error.headers or {}))

    async def broken(_: Request, error: Exception) -> Response:
        message = f"The server has an error of its own ({type(error).__name__}), which its log tells."
        return json_response(errors.shape(message, "server_error", "server_error"), 500)

    async def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestError)
        return error.response

    routes = [
        Route("/health", health),
        Route("/v1/models", models),
        Route("/v1/models/{id:path}", model),
        Route("/v1/chat/completions", Answering(service, chat_request.parse, ChatReply), methods=["POST"]),
        Route("/v1/responses", Answering(service, responses_request.parse, ResponsesReply), methods=["POST"]),
    ]
    handlers: dict[Any, Any] = {404: unknown, 405: unknown, RequestError: refused, Exception: broken}
    return Guard(Starlette(routes=routes, exception_handlers=handlers), rules)
