"""Many streams at once through `serve`: first token, gaps, memory and CPU, against the bare upstream in the same run.

    python benchmarks/serve_streams.py [--streams 500] [--rate 4] [--tokens 40]
        [--beside litellm=/VENV/bin/python] [--beside optillm=/VENV/bin/python]

Streams begin one after the other over the length of one, so that all are under way together for as long, as in a house
that is full. The upstream answers after `--ttft` seconds at `--rate` tokens a second. Budget: first token and gaps at
p95 at most 1.1 x the bare upstream's, and at most 200 KB a stream. `--burst` begins all in one moment instead. Where a
program waited for a core much of the time, it is the machine's other work that was measured.

`--beside` puts LiteLLM's proxy or optillm through the same in the same run, each from an environment of its own with
`litellm[proxy]` or `optillm`. optillm asks for no stream and cuts the answer into one: its first token is its last.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.serving import processes
from benchmarks.serving.client import Stream, streams


@dataclass
class Figures:
    """What so many streams were like."""

    found: list[Stream]
    memory: float = 0.0
    """Kilobytes a stream."""
    cpu: float = 0.0
    """Microseconds of CPU a token, asking and answering included."""
    share: float = 0.0
    """Of a core, on average."""
    waited: float = 0.0
    """The share of the time in which it was ready and had no core."""

    @property
    def whole(self) -> int:
        return sum(stream.done for stream in self.found)

    def first(self, share: float) -> float:
        return _at([stream.first for stream in self.found if stream.first is not None], share)

    def gap(self, share: float) -> float:
        return _at([gap for stream in self.found for gap in stream.gaps], share)

    def line(self, name: str) -> str:
        return (
            f"{name:<12} {self.whole:>4} of {len(self.found)} whole,"
            f" first token p50 {self.first(0.5) * 1e3:6.1f} p95 {self.first(0.95) * 1e3:7.1f} ms,"
            f" gaps p50 {self.gap(0.5) * 1e3:6.1f} p95 {self.gap(0.95) * 1e3:6.1f} p99 {self.gap(0.99) * 1e3:6.1f} ms"
            + (f", {self.memory:.0f} KB a stream, {self.cpu:.0f} µs of CPU a token" if self.cpu else "")
            + (f", {self.share:.0%} of a core and {self.waited:.0%} of the time waited for one" if self.cpu else "")
        )


def _at(values: list[float], share: float) -> float:
    return sorted(values)[int((len(values) - 1) * share)] if values else float("nan")


async def bare(port: int, options: argparse.Namespace, over: float) -> Figures:
    """The upstream itself."""
    return Figures(await streams(port, "timed", options.streams, over))


async def through(port: int, family: processes.Family, model: str, options: argparse.Namespace, over: float) -> Figures:
    """A program in front of it, warm, with its memory watched."""
    await streams(port, model, 20, 0.5)
    before, spent, most, began, waited = family.resident, family.cpu, 0, time.monotonic(), family.waited

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, await asyncio.to_thread(lambda: family.resident))
            await asyncio.sleep(0.5)

    async with asyncio.TaskGroup() as tasks:
        watching = tasks.create_task(watch())
        found = await streams(port, model, options.streams, over)
        watching.cancel()
    tokens, used = max(1, sum(stream.tokens for stream in found)), family.cpu - spent
    took = time.monotonic() - began
    memory = (most - before) / options.streams / 1e3
    return Figures(found, memory, used / tokens * 1e6, used / took, (family.waited - waited) / took)


async def _beside(name: str, python: str, behind: int, options: argparse.Namespace, over: float) -> Figures:
    """Another program, begun with its own interpreter."""
    port = processes.free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = processes.RIVALS[name](python, port, behind, Path(folder) / "config.yaml")
        with processes.program(command, port) as family:
            return await through(port, family, "timed", options, over)


def _against(one: Figures, plain: Figures) -> str:
    first, gap = one.first(0.95) / plain.first(0.95), one.gap(0.95) / plain.gap(0.95)
    return f"first token p95 {first:.2f} x bare, gaps p95 {gap:.2f} x bare"


def main() -> int:
    """Measure and tell; 1 where a stream was not whole."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=500)
    parser.add_argument("--rate", type=float, default=4.0, help="tokens a second of each stream")
    parser.add_argument("--tokens", type=int, default=40, help="tokens of each stream")
    parser.add_argument("--ttft", type=float, default=0.5, help="seconds to the upstream's first token")
    parser.add_argument("--model", default="instant/endpoint/timed")
    parser.add_argument("--workers", type=int, default=1, help="processes that serve")
    parser.add_argument("--burst", action="store_true", help="begin all streams in one moment")
    parser.add_argument(
        "--beside", metavar="NAME=PYTHON", action="append", default=list[str](),
        help=f"another program, of {' or '.join(processes.RIVALS)}, and its interpreter; repeatable",
    )  # fmt: skip
    options = parser.parse_args()
    over = 0.0 if options.burst else options.tokens / options.rate
    with processes.upstream(options.ttft, options.rate, options.tokens) as behind:
        plain = asyncio.run(bare(behind, options, over))
        print(plain.line("bare"), flush=True)
        port = processes.free_port()
        with processes.program(processes.serving(port, behind, options.workers), port) as family:
            served = asyncio.run(through(port, family, options.model, options, over))
        print(served.line("serve"), flush=True)
        for name, _, python in (each.partition("=") for each in options.beside):
            rival = asyncio.run(_beside(name, python, behind, options, over))
            print(rival.line(name), flush=True)
            print(f"{'':<12} {_against(rival, plain)}", flush=True)
    print(f"serve: {_against(served, plain)} (budget 1.1 each)")
    print(f"memory a stream, ratio to the budget of 200 KB: {served.memory / 200:.2f}")
    return 0 if served.whole == len(served.found) else 1


if __name__ == "__main__":
    sys.exit(main())
