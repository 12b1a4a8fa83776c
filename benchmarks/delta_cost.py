"""What a chunk of a stream costs, from the socket to the piece a mode gets, against the SDK's typed path.

    python benchmarks/delta_cost.py [--chunks N] [--runs N]

A loopback server in another process sends the same chunk-heavy body as fast as it is read, in the two shapes that
matter: as many chunks a packet as fit, and one chunk at a time, where each costs a wake-up of the loop. The figure is
processor time of this process a chunk, the best of the runs, the two paths taking turns. Exit code 1 above 20 µs a
chunk on the packed stream.
"""

import argparse
import asyncio
import json
import os
import socketserver
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from chatmodes.messages import user
from chatmodes.providers.calls import Call, TextChunk
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import load
from tests.fake.chunks import chunk, prose

BUDGET = 20.0
"""Microseconds."""
SPACED = 1_000


def events(count: int) -> list[bytes]:
    """A stream of `count` chunks of about a token each."""
    words = prose(2000).split(" ")
    texts = (words[i % len(words)] + " " for i in range(count))
    made = [f"data: {json.dumps(chunk({'content': text}))}\n\n".encode() for text in texts]
    return [*made, f"data: {json.dumps(chunk({}, finish='stop'))}\n\n".encode(), b"data: [DONE]\n\n"]


def serve(count: int) -> None:
    """Answer each request with the stream: packed, or an event at a time where the model is called `spaced`."""
    sent, spaced = events(count), events(SPACED)
    body = b"".join(sent)
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: %d\r\n\r\n"

    class Handler(socketserver.StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while self.rfile.readline():
                length = 0
                while (line := self.rfile.readline().strip()) != b"":
                    if line.lower().startswith(b"content-length:"):
                        length = int(line.split(b":")[1])
                request = self.rfile.read(length)
                if b'"spaced"' not in request:
                    self.connection.sendall(head % len(body) + body)
                    continue
                self.connection.sendall(head % sum(map(len, spaced)))
                for event in spaced:
                    self.connection.sendall(event)
                    time.sleep(0.0005)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()


async def ours(gateway: Gateway, model: str) -> int:
    count = 0
    async with gateway.stream(Call(model=f"endpoint/{model}", messages=(user("Hello"),))) as chunks:
        async for piece in chunks:
            count += type(piece) is TextChunk
    return count


async def typed(url: str, model: str) -> int:
    from openai import AsyncOpenAI

    count = 0
    async with AsyncOpenAI(base_url=url, api_key="none") as client:
        stream = await client.chat.completions.create(
            model=model, messages=[{"role": "user", "content": "Hello"}], stream=True
        )
        async with stream:
            async for piece in stream:
                count += bool(piece.choices and piece.choices[0].delta.content)
    return count


async def cost(call: Callable[[], Awaitable[int]], expected: int) -> float:
    """Microseconds of this process's processor time for each chunk."""
    began = time.process_time()
    got = await call()
    took = time.process_time() - began
    assert got == expected, f"{got} of {expected} chunks came"
    return took / expected * 1e6


async def measure(url: str, count: int, runs: int) -> int:
    over = 0
    async with open_gateway(load(), url) as gateway:
        await ours(gateway, "packed")
        await typed(url, "packed")
        for model, chunks in (("packed", count), ("spaced", SPACED)):
            mine: list[float] = []
            theirs: list[float] = []
            for _ in range(runs):
                mine.append(await cost(lambda model=model: ours(gateway, model), chunks))
                theirs.append(await cost(lambda model=model: typed(url, model), chunks))
            a, b = min(mine), min(theirs)
            print(f"{model:>7}: {a:6.1f} µs a chunk, the SDK's typed path {b:6.1f} µs: ratio {a / b:.3f}")
            over += model == "packed" and a > BUDGET
    print(f"budget {BUDGET:g} µs on the packed stream: {'exceeded' if over else 'kept'}")
    return int(bool(over))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chunks", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.chunks)
    command = [sys.executable, __file__, "--serve", "--chunks", str(args.chunks)]
    with tempfile.TemporaryDirectory() as home, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        os.environ["CHATMODES_HOME"] = home
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        try:
            return asyncio.run(measure(f"http://127.0.0.1:{port}/v1", args.chunks, args.runs))
        finally:
            server.terminate()


if __name__ == "__main__":
    raise SystemExit(main())
