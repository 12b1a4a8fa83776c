"""One connection to one server by the official SDK, which only this file and `oauth` know; it is imported on use.

Whatever a server does wrong becomes one sentence that names it: the SDK raises validation errors, groups and errors of
its own, by where the fault is noticed.
"""

import binascii
import json
import logging
import math
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TextIO, cast

import anyio
from anyio import to_thread

from chatmodes.messages import Image, Text
from chatmodes.sanitize import one_line
from chatmodes.settings import Server, home, private_folder
from chatmodes.tools.base import Arguments, Content
from chatmodes.tools.processes import environment, guarded

if TYPE_CHECKING:
    from mcp import Client

    from chatmodes.tools.oauth import SignedIn, Signing

CALL = 60.0
"""Seconds for one request."""
LONGEST = 16_000_000
"""Bytes of one message; a server that writes a longer line is ended."""
TOOLS = 200
"""The most tools that are taken from one server."""
PAGES = 50
"""The most pages of its list that are read."""
CALM = 1.0
"""Seconds that are waited before a list that changed is read anew: a server may say so without end."""

# Without a handler of anybody's, Python prints the SDK's warnings into the middle of the screen.
logging.getLogger("mcp").addHandler(logging.NullHandler())


class FaultError(Exception):
    """A server's fault: one sentence."""


@dataclass(frozen=True)
class Described:
    """A tool as its server describes it."""

    name: str
    description: str
    parameters: dict[str, object]
    reads: bool
    """The server says that it only reads."""


@dataclass(frozen=True)
class Answered:
    """What a call brought."""

    content: Content
    error: bool = False

    @property
    def text(self) -> str:
        """What it says, without the pictures."""
        return "\n".join(part.text for part in self.content if isinstance(part, Text))


class Connection:
    """A server that has named its tools."""

    def __init__(
        self, name: str, client: "Client", tools: Sequence[Described], auth: "SignedIn | Signing | None" = None
    ) -> None:
        self.tools = tools
        self.lost = anyio.Event()
        """Set when the server was found to be gone."""
        self._name, self._client, self._auth = name, client, auth
        self._news = anyio.Event()
        self._stale = False

    async def call(self, tool: str, arguments: Arguments) -> Answered:
        """Call a tool. Raises `FaultError`."""
        from mcp.types import (
            CONNECTION_CLOSED,
            REQUEST_TIMEOUT,
            CallToolRequest,
            CallToolRequestParams,
            CallToolResult,
        )

        # Not by `call_tool`, which holds the result against the tool's own schema: both are the server's, a pattern in
        # it may be one that matching takes hours for, and a result that does not fit would be lost.
        request = CallToolRequest(params=CallToolRequestParams(name=tool, arguments=arguments))
        try:
            result = await self._client.session.send_request(request, CallToolResult, request_read_timeout_seconds=CALL)
        except Exception as error:
            code = getattr(error, "code", None)
            if code == REQUEST_TIMEOUT:
                raise FaultError(f"The server {self._name} did not answer the call within {CALL:g} s.") from error
            if code == CONNECTION_CLOSED or isinstance(
                error, anyio.ClosedResourceError | anyio.BrokenResourceError | RuntimeError
            ):
                self.lost.set()
                self._news.set()
                why = self._auth.problem if self._auth else ""
                raise FaultError(why or f"The server {self._name} ended in the middle of the call.") from error
            raise FaultError(f"The server {self._name} failed: {_said(error)}.") from error
        return Answered(_content(self._name, result.content, result.structured_content), bool(result.is_error))

    async def heard(self, message: object) -> None:
        """Take note of what the server says unasked: that its tools are other ones."""
        from mcp.types import ToolListChangedNotification

        if isinstance(message, ToolListChangedNotification):
            self._stale = True
            self._news.set()

    async def current(self) -> Sequence[Described]:
        """The tools, asked for anew where the server has said that they are other ones. Where it then does not tell
        them, that is its fault and leaves what there was."""
        if self._stale:
            self._stale = False
            with suppress(Exception), anyio.move_on_after(CALL):
                self.tools = await _tools(self._client)
        return self.tools

    async def changed(self) -> bool:
        """Wait until `tools` may have changed; False where the server was lost instead."""
        await self._news.wait()
        if not self.lost.is_set():
            await anyio.sleep(CALM)
            self._news = anyio.Event()
            await self.current()
        return not self.lost.is_set()


@asynccontextmanager
async def connected(
    name: str, server: Server, seconds: float, signing: "Signing | None" = None
) -> AsyncGenerator[Connection]:
    """A connection, with the server's tools named within so many seconds. Raises `FaultError`, also at the end.

    With `signing` the user is asked to sign in where the server wants it; otherwise what is kept of a sign-in is used.
    """
    await to_thread.run_sync(import_module, "mcp")  # 0.6 s, in which others go on
    from mcp import Client

    auth = signing or _auth(name, server)
    with anyio.CancelScope(deadline=anyio.current_time() + seconds) as limit:
        try:
            async with AsyncExitStack() as stack:
                connection: Connection | None = None

                async def heard(message: object) -> None:
                    if connection is not None:
                        await connection.heard(message)

                transport = await _transport(name, server, auth, stack)
                client = await stack.enter_async_context(Client(transport, message_handler=heard))
                connection = Connection(name, client, await _tools(client), auth)
                limit.deadline = math.inf
                yield connection
        except FaultError:
            raise
        except Exception as error:  # the SDK's, pydantic's, the system's: whichever, it is this server's alone
            if auth and auth.problem:
                raise FaultError(auth.problem) from error
            raise FaultError(f"The server {name} cannot be used: {_said(error)}.{_log_hint(name, server)}") from error
        except BaseExceptionGroup as group:  # cancelled while it failed: what failed is of no matter any more
            raise cast("BaseExceptionGroup[BaseException]", group.split(Exception)[1]) from None
    if limit.cancelled_caught:
        raise FaultError(f"The server {name} did not start within {seconds:g} s.{_log_hint(name, server)}")


def _auth(name: str, server: Server) -> "SignedIn | None":
    """What is kept of a sign-in; None where there can be none: a program, or a server that is sent a key."""
    if not server.url or keyed(server):
        return None
    from chatmodes.tools.oauth import SignedIn

    return SignedIn(name, server.url)


def keyed(server: Server) -> bool:
    """Whether the settings have a key for the server."""
    return any(header.lower() == "authorization" for header in server.headers)


async def _transport(name: str, server: Server, auth: "SignedIn | Signing | None", stack: AsyncExitStack) -> Any:
    if server.url:
        from mcp.client.streamable_http import streamable_http_client

        from chatmodes.tools.bounded import bounded_client

        http = await stack.enter_async_context(bounded_client(LONGEST, server.headers, auth))
        return streamable_http_client(server.url, http_client=http, max_sse_event_size=LONGEST)
    from mcp import StdioServerParameters
    from mcp.client.stdio import stdio_client

    if not server.command:
        raise FaultError(f"[mcp.{name}] has neither a command nor a url.")
    program, *args = guarded([server.command, *server.args], LONGEST)
    log: TextIO = stack.enter_context(_log_file(name))
    # One byte that is no UTF-8 would otherwise end the reading of everything behind it.
    started = StdioServerParameters(
        command=program, args=args, env={**environment(), **server.env}, encoding_error_handler="replace"
    )
    return stdio_client(started, errlog=log)


def log_path(name: str) -> str:
    """Where a server's own words go."""
    return str(home("data") / "mcp" / f"{name}.log")


def _log_file(name: str) -> TextIO:
    folder = private_folder(home("data") / "mcp")
    return (folder / f"{name}.log").open("w", encoding="utf-8", errors="replace")


def _log_hint(name: str, server: Server) -> str:
    return "" if server.url else f" What it says itself is in {log_path(name)}."


async def _tools(client: "Client") -> list[Described]:
    """The tools that a server lists, of two with one name the first."""
    found: dict[str, Described] = {}
    cursor: str | None = None
    for _ in range(PAGES):
        page = await client.list_tools(cursor=cursor, cache_mode="refresh")
        for tool in page.tools:
            hints = tool.annotations
            reads = hints is not None and hints.read_only_hint is True
            schema = cast("dict[str, object]", tool.input_schema)
            found.setdefault(tool.name, Described(tool.name, tool.description or "", schema, reads))
        cursor = page.next_cursor
        if not cursor or len(found) >= TOOLS:
            break
    return list(found.values())[:TOOLS]


def _content(server: str, blocks: Sequence[Any], structured: object) -> Content:
    """A result's parts; what is neither text nor a picture is named."""
    if not blocks and structured is not None:
        return (Text(json.dumps(structured, ensure_ascii=False)),)
    pictures = iter(range(1, len(blocks) + 1))
    return [_picture(server, block, pictures) if block.type == "image" else Text(_named(block)) for block in blocks]


def _picture(server: str, block: Any, numbers: Iterator[int]) -> Text | Image:
    """A picture as it came, still to be made ready: neither its bytes nor what it says of them is trusted."""
    name = f"picture {next(numbers)} of {server}"
    try:
        data = binascii.a2b_base64(block.data)
    except ValueError:
        return Text(f"[{name} is damaged]")
    return Image(name, block.mime_type, hash="", width=0, height=0, size=len(data), content=data)


def _named(block: Any) -> str:
    match block.type:
        case "text":
            return str(block.text)
        case "audio":
            return f"[{block.type}: {block.mime_type}, {len(block.data) * 3 // 4:,} bytes, not shown]"
        case "resource":
            text = getattr(block.resource, "text", None)
            return str(text) if text is not None else f"[resource {block.resource.uri}]"
        case "resource_link":
            return f"[resource {block.uri}]"
        case other:
            return f"[{other}]"


def _said(error: BaseException) -> str:
    """The error inside groups, as the end of a sentence."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    errors: Any = getattr(error, "errors", None)
    if callable(errors):  # pydantic's, which names the type and a page of its own documentation
        wrong = cast("list[dict[str, Any]]", errors())[0]
        if "inputRequests" in str(wrong.get("input")):
            return "it asks for something in return, which is not given to servers"
        where = ".".join(map(str, wrong["loc"]))
        return one_line(f"it does not keep to the protocol ({where}: {wrong['msg']})", 300)
    return one_line(str(error), 300).rstrip(".") or type(error).__name__
