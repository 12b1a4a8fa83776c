"""The embedded model as the tests reach it: plain HTTP, with nothing of the program between."""

import json
import os
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import anyio
import httpx2

from chatmodes import settings
from chatmodes.providers.local.server import Endpoint

SMALL = settings.Local(context=2048)
"""The embedded model with room that no test needs more of; the default takes 0.7 GB more."""


def client(endpoint: Endpoint) -> httpx2.AsyncClient:
    """Speaks to the embedded model and to no proxy."""
    return httpx2.AsyncClient(
        base_url=endpoint.base_url.removesuffix("/v1"),
        headers={"Authorization": f"Bearer {endpoint.api_key}"},
        timeout=60,
        trust_env=False,
    )


async def stream(http: httpx2.AsyncClient, prompt: str, *, max_tokens: int) -> AsyncIterator[float]:
    """The times at which a streamed answer's chunks came."""
    body = {
        "messages": [{"role": "user", "content": prompt}],
        "stream": True,
        "max_tokens": max_tokens,
        "ignore_eos": True,
    }
    async with http.stream("POST", "/v1/chat/completions", json=body) as response:
        assert response.status_code == 200
        async for line in response.aiter_lines():
            if line.startswith("data: {") and json.loads(line[6:])["choices"]:
                yield time.monotonic()


async def until(holds: Callable[[], bool], seconds: float = 60) -> None:
    """Wait for a condition outside the event loop's sight, such as the end of a process."""
    with anyio.fail_after(seconds):
        while not holds():  # noqa: ASYNC110 - no event tells of it
            await anyio.sleep(0.01)


def gone(pid: int) -> bool:
    """No such process, or one that has ended and is not yet buried by its new parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in ("Z", "X")
    except OSError:
        return True


def process_file(pid: int, name: str) -> bytes:
    """What the kernel shows of a process: its arguments (`cmdline`), its environment (`environ`)."""
    return Path(f"/proc/{pid}/{name}").read_bytes()


def server_pids() -> list[int]:
    """The processes of embedded models that this process has started and that live."""
    found: list[int] = []
    for entry in Path("/proc").iterdir():
        try:
            words = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes()
        except (OSError, IndexError):
            continue
        if words[0] != "Z" and words[1] == str(os.getpid()) and b"serve.py" in command:
            found.append(int(entry.name))
    return sorted(found)
