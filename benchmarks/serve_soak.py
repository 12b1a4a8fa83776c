"""`serve` under people who leave and for a long time: what stays open, and what grows.

    python benchmarks/serve_soak.py [--vanish 1000] [--seconds 60] [--clients 20] [--workers 1]

First 1,000 clients ask for a stream each and vanish, half of them with a reset: the upstream's open connections must
return to those that wait for the next call. Then a crowd asks again and again in every mode and both APIs, streamed and
whole; each tenth meets a fault of the upstream's, each twentieth leaves in the middle, and as many stop reading first:
memory, descriptors and threads, a tenth of the way at a time. Ends with 1 where anything is left or grows.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.serving import processes
from benchmarks.serving.client import Reader, connected, get
from benchmarks.serving.upstream import FAULTS
from chatmodes.providers.spreading import WIDTH

MODES = ("instant", "thinking", "contemplating", "auto")
PATIENCE = 2.0
"""Seconds after which a client leaves an upstream that hangs."""


async def asked(port: int, rng: random.Random) -> tuple[Reader, bool]:
    """A reader whose request of any kind is on its way, and whether it waits for the answer."""
    fault = rng.choice(sorted(FAULTS)).decode() if rng.random() < 0.1 else ""
    body: dict[str, object] = {"model": f"{rng.choice(MODES)}/endpoint/timed{fault}", "stream": rng.random() < 0.7}
    chat = rng.random() < 0.7
    said = "Say something about tokens."
    body |= {"messages": [{"role": "user", "content": said}]} if chat else {"input": said}
    data = json.dumps(body).encode()
    head = f"POST /v1/{'chat/completions' if chat else 'responses'} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\n"
    head += f"connection: close\r\ncontent-length: {len(data)}\r\n\r\n"
    reads, stays = rng.random() >= 0.05, rng.random() >= 0.05 and fault != ":hangs"
    loop = asyncio.get_running_loop()
    _, reader = await loop.create_connection(lambda: Reader(head.encode() + data, reads), "127.0.0.1", port)
    return reader, reads and stays


async def opened(behind: int, enough: Callable[[int], bool], seconds: float) -> int:
    """The upstream's open connections once they are so many, or after so many seconds."""
    until = time.monotonic() + seconds
    # There is no event to wait for: another process counts.
    while not enough(count := int(await get(behind, "/open"))) and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.05)
    return count


async def vanish(port: int, behind: int, number: int, workers: int) -> bool:
    """Clients that ask and leave; whether the upstream's connections are closed within a minute."""
    waiting = WIDTH * workers
    readers = await asyncio.gather(*(connected(port, "instant/endpoint/timed") for _ in range(number)))
    most = await opened(behind, lambda count: count >= number, 120)
    for at, reader in enumerate(readers):
        reader.transport.abort() if at % 2 else reader.transport.close()
    began = time.monotonic()
    left = await opened(behind, lambda count: count <= waiting, 60)
    took = time.monotonic() - began
    print(f"{number:,} clients vanished from {most:,} streams: {left} open upstream {took:.1f} s later")
    return most == number and left <= waiting


async def crowd(port: int, family: processes.Family, seconds: float, clients: int) -> list[tuple[float, int, int]]:
    """Clients that ask again and again; megabytes, descriptors and threads a tenth of the time at a time."""
    until, done, rng = time.monotonic() + seconds, 0, random.Random(7)

    async def one() -> None:
        nonlocal done
        while time.monotonic() < until:
            reader, stays = await asked(port, rng)
            if not stays:
                await asyncio.sleep(rng.random() * PATIENCE)
                reader.transport.abort()
            await reader.over
            done += 1

    rows: list[tuple[float, int, int]] = []

    async def watch() -> None:
        for _ in range(10):
            await asyncio.sleep(seconds / 10)
            rows.append((family.resident / 1e6, family.descriptors, family.threads))
            print(
                f"{done:>8,} requests {rows[-1][0]:7.1f} MB {rows[-1][1]:>4} open {rows[-1][2]:>3} threads", flush=True
            )

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(watch())
        for _ in range(clients):
            tasks.create_task(one())
    return rows


def main() -> int:
    """Vanish, then go on for a while; 1 where something is left or grows."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--vanish", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    port, sound = processes.free_port(), True
    serving = partial(processes.serving, port, workers=options.workers)
    with processes.upstream(0.2, 2.0, 10_000) as behind, processes.program(serving(behind), port) as it:
        if options.vanish:
            sound = asyncio.run(vanish(port, behind, options.vanish, options.workers))
            print(f"then {it.resident / 1e6:.1f} MB, {it.descriptors} open, {it.threads} threads", flush=True)
    if options.seconds:
        with processes.upstream(0.05, 0, 40) as behind, processes.program(serving(behind), port) as it:
            rows = asyncio.run(crowd(port, it, options.seconds, options.clients))
        settled, last = rows[len(rows) // 2], rows[-1]
        grown = last[0] / settled[0]
        print(f"memory at the end {grown:.2f} x half-way (budget 1.10), {last[1] - settled[1]:+} descriptors")
        sound = sound and grown <= 1.1 and last[1] <= settled[1] + 2 * options.clients
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
