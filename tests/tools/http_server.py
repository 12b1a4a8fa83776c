"""A server of tools over HTTP, made with the SDK's server half: prints its address, and serves until it is ended."""

import socket
import sys
from typing import Any

import uvicorn
from mcp.server import MCPServer


def main(kind: str, key: str = "") -> None:
    """`kind` is json or events; with a key it answers to who sends that alone."""
    server = MCPServer("far")

    @server.tool()
    def add(a: int, b: int) -> int:
        return a + b

    @server.tool()
    def flood() -> str:
        return "y" * 20_000_000

    del add, flood  # registered by their names
    inner = server.streamable_http_app(json_response=kind == "json")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope.get("headers", ())).get(b"authorization", b"").decode()
        if scope["type"] == "http" and key and given != f"Bearer {key}":
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b"no"})
        else:
            await inner(scope, receive, send)

    listening = socket.create_server(("127.0.0.1", 0))
    print(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="on")).run(sockets=[listening])


if __name__ == "__main__":
    main(*sys.argv[1:])
