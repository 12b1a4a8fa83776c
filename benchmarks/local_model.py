"""The embedded model: how long it takes to be there, and what five agents at once get out of it.

Ratios: the start to a bare interpreter that imports the same library; the tokens a second of all five slots together to
those of one alone. Near 1 the cores are the limit and five agents share them fairly; well below 1 they would be better
off taking turns.

python benchmarks/local_model.py
"""

import json
import sys
import time

import anyio
import httpx2

from chatmodes import settings
from chatmodes.providers.local.server import Endpoint, LocalServer

TOKENS = 60


async def generate(endpoint: Endpoint, agents: int) -> tuple[float, float]:
    """Tokens a second of all agents together, and the seconds until the last one had its first token."""
    firsts: list[float] = []
    async with httpx2.AsyncClient(trust_env=False, timeout=120) as http:

        async def one(number: int) -> None:
            body = {
                "messages": [{"role": "user", "content": f"Tell me story number {number} of {time.time_ns()}."}],
                "max_tokens": TOKENS,
                "ignore_eos": True,
                "stream": True,
            }
            headers = {"Authorization": f"Bearer {endpoint.api_key}"}
            url = f"{endpoint.base_url}/chat/completions"
            async with http.stream("POST", url, json=body, headers=headers) as response:
                seen = 0
                async for line in response.aiter_lines():
                    if line.startswith("data: {") and json.loads(line[6:])["choices"]:
                        seen += 1
                        if seen == 2:  # the first chunk carries the role alone
                            firsts.append(time.perf_counter())

        begun = time.perf_counter()
        async with anyio.create_task_group() as group:
            for number in range(agents):
                group.start_soon(one, number)
        ended = time.perf_counter()
    return agents * TOKENS / (ended - begun), max(firsts) - begun


async def main() -> None:
    begun = time.perf_counter()
    await anyio.run_process([sys.executable, "-c", "import xllamacpp"])
    yardstick = time.perf_counter() - begun
    server = LocalServer(settings.Local())
    try:
        begun = time.perf_counter()
        endpoint = await server.endpoint()
        started = time.perf_counter() - begun
        print(f"start: {started:.2f} s, {started / yardstick:.1f} x an interpreter that imports the library")
        await generate(endpoint, 1)
        one, first_of_one = await generate(endpoint, 1)
        five, first_of_five = await generate(endpoint, 5)
    finally:
        await server.aclose()
    print(f"one slot:   {one:.0f} tokens/s, first token {first_of_one:.2f} s")
    print(f"five slots: {five:.0f} tokens/s together, first token of the last {first_of_five:.2f} s")
    print(f"ratio: {five / one:.2f}")


if __name__ == "__main__":
    anyio.run(main)
