"""What agents save that wait for the first of them to have their shared beginning kept, and what it costs them in time.

    python benchmarks/shared_beginning.py [--agents N] [--tokens N] [--ttft SECONDS] [--seconds SECONDS]

A loopback server plays Anthropic's cache: a beginning is kept from the first byte of the first answer on; writing costs
1.25 times the price of reading a prompt, reading what is kept a tenth. N agents with the same beginning ask it, all at
once and waiting for the first. Printed: the prompt's price in units of one beginning at full price, and the wall time.
"""

import argparse
import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from chatmodes.events import Usage
from chatmodes.messages import Message, Text, system, user
from chatmodes.providers.calls import Call, Finished
from chatmodes.providers.gateway import Gateway, open_gateway
from chatmodes.settings import load
from tests.fake import Fake, caching
from tests.fake.chunks import prose

WRITE, READ = 1.25, 0.1


async def agent(gateway: Gateway, model: str, number: int, text: str, key: str) -> Usage:
    asked = Message("user", (Text("Why?"), Text(f"\n\nTry way {number}.")))
    call = Call(model=model, messages=(system("Be brief."), user(text), asked), cache_key=key)
    async with gateway.stream(call) as chunks:
        async for chunk in chunks:
            if isinstance(chunk, Finished):
                return chunk.usage
    raise AssertionError("no end")


def price(usages: list[Usage]) -> float:
    """Tokens of prompt, each at its price in units of a plain one."""
    total = 0.0
    for usage in usages:
        read, written = usage.cached_tokens or 0, usage.cache_write_tokens or 0
        total += (usage.input_tokens or 0) - read - written + READ * read + WRITE * written
    return total


async def measure(url: str, args: argparse.Namespace) -> None:
    text = prose(args.tokens)
    rate = 40 / args.seconds
    model = f"anthropic/cached:ttft={args.ttft},tps={rate},tokens=40"
    os.environ["ANTHROPIC_API_KEY"] = "a-key"
    import msgspec

    print(f"{args.agents} agents, {args.tokens} shared tokens, first token after {args.ttft:g} s")
    for waits in (False, True):
        async with open_gateway(load()) as gateway:
            profile = gateway.profiles["anthropic"]
            defaults = msgspec.structs.replace(profile.defaults, cache_write=WRITE if waits else 1.0)
            profile = msgspec.structs.replace(profile, base_url=url, defaults=defaults, models={})
            gateway.profiles["anthropic"] = profile
            await gateway.warm()
            caching.reset()
            began = time.perf_counter()
            asking = [agent(gateway, model, number, text, "run") for number in range(args.agents)]
            usages = await asyncio.gather(*asking)
            took = time.perf_counter() - began
        cost = price(usages) / (sum(usage.input_tokens or 0 for usage in usages) / args.agents)
        name = "waiting for the first" if waits else "all at once"
        print(f"{name:>22}: prompts at {cost:5.2f} x one, {took:6.2f} s")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=8000)
    parser.add_argument("--ttft", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=10.0, help="how long an answer streams")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, Fake() as fake:
        os.environ["CHATMODES_HOME"] = home
        asyncio.run(measure(fake.url, args))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
