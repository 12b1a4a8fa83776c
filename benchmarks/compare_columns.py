"""Four columns under way at once, a Contemplating with five agents among them: the loop's lag and the share of a core.

Budget: lag p99 at most 50 ms. The whole program runs, engine and store included, on a pty that is drained; models that
stream 60 tokens a second for each call stand behind the one seam. The yardstick, taken in the same run, is the same
streams into four of Textual's own Markdown widgets with their stream helper (the agents' drafts are left out
there); an app that does nothing tells what of the lag is the machine's.

python benchmarks/compare_columns.py [--rate 60] [--seconds 8]
"""

import argparse
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Markdown

from benchmarks.drained_pty import figures, figures_of
from chatmodes.events import Usage
from chatmodes.providers.calls import Call, Chunk, Finished, ModelInfo, TextChunk
from chatmodes.settings import Settings, load
from chatmodes.tui import Start
from chatmodes.tui.app import ChatApp
from chatmodes.tui.backend import Backend
from chatmodes.tui.engine import Engine

TEXT = "Six times seven is **forty-two**, as a table shows. Check it: `7 * 6`.\n\n- by sevens\n- by sixes\n\n"
TOKENS = [TEXT[at : at + 4] for at in range(0, len(TEXT), 4)]
COLUMNS, LINES = 180, 50


class Paced:
    """Models that stream at a rate."""

    def __init__(self, rate: float, seconds: float) -> None:
        self.rate, self.seconds = rate, seconds

    async def prepare(self, models: Iterable[str]) -> None:
        """Nothing to find out."""

    def describe(self, model: str) -> ModelInfo:
        return ModelInfo(model=model, reasons=True)

    @asynccontextmanager
    async def stream(self, call: Call) -> AsyncGenerator[AsyncIterator[Chunk]]:
        del call
        yield self._chunks()

    async def _chunks(self) -> AsyncIterator[Chunk]:
        start, count = time.monotonic(), int(self.rate * self.seconds)
        for number in range(count):
            await anyio.sleep(max(0.0, start + number / self.rate - time.monotonic()))
            yield TextChunk(TOKENS[number % len(TOKENS)])
        yield Finished("stop", Usage(1, count, 0, 0), 0.0)


async def watch(lags: list[float]) -> None:
    while True:
        before = time.monotonic()
        await anyio.sleep(0.005)
        lags.append(time.monotonic() - before - 0.005)


def write(result: Path, text: str) -> None:
    result.write_text(text)


async def ours(rate: float, seconds: float, result: Path) -> None:
    settings = load({"model": "x/m", "compare": {"modes": ["instant", "thinking", "instant", "contemplating"]}})

    @asynccontextmanager
    async def backend(settings: Settings, base_url: str | None) -> AsyncGenerator[Backend]:
        del base_url
        from chatmodes.providers.available.catalog import Catalog
        from chatmodes.providers.known.profiles import load_profiles

        profiles = load_profiles()
        yield Backend(Paced(rate, seconds), settings, profiles, Catalog(profiles, settings.local))

    engine = Engine(Start(settings), backend)
    app = ChatApp(engine)

    async def drive() -> None:
        from chatmodes.tui.compare.screen import CompareScreen

        await engine.settled.wait()
        await anyio.sleep(2)  # the first frame and what is brought in behind it
        app.chat.do(app.chat.actions.comparing.compare("Go on."), group="send")
        while not (isinstance(app.screen, CompareScreen) and len(app.screen.contest.running) == 4):  # noqa: ASYNC110 - a screen has no event for it
            await anyio.sleep(0.01)
        await anyio.sleep(0.5)
        lags: list[float] = []
        cpu, start = time.process_time(), time.monotonic()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch, lags)
            await anyio.sleep(seconds - 1.5)
            tasks.cancel_scope.cancel()
        write(result, figures(lags, time.process_time() - cpu, time.monotonic() - start))
        app.exit()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(engine.serve)
        tasks.start_soon(drive)
        await app.run_async()
        engine.close()


class Stock(App[None]):
    """Textual's own widgets; with a rate of 0 nothing is streamed, and the lag is the machine's."""

    def __init__(self, rate: float, seconds: float, result: Path) -> None:
        super().__init__()
        self.models, self.seconds, self.result = Paced(rate, seconds), seconds, result

    def compose(self) -> ComposeResult:
        with Horizontal():
            for _ in range(4):
                yield Markdown()

    def on_ready(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        lags: list[float] = []
        cpu, start = time.process_time(), time.monotonic()
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(watch, lags)
            for widget in self.query(Markdown):
                tasks.start_soon(self._feed, widget)
            await anyio.sleep(self.seconds - 1.5)
            tasks.cancel_scope.cancel()
        write(self.result, figures(lags, time.process_time() - cpu, time.monotonic() - start))
        self.exit()

    async def _feed(self, widget: Markdown) -> None:
        stream = Markdown.get_stream(widget)
        async with self.models.stream(Call(model="x/m", messages=())) as chunks:
            async for chunk in chunks:
                if isinstance(chunk, TextChunk):
                    await stream.write(chunk.text)


def measured(kind: str, options: argparse.Namespace) -> dict[str, float]:
    arguments = ["--child", kind, "--rate", str(options.rate), "--seconds", str(options.seconds)]
    return figures_of(__file__, arguments, columns=COLUMNS, lines=LINES, patience=options.seconds * 5 + 60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate", type=float, default=60.0)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--child", choices=["ours", "stock", "idle"])
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    if options.child == "ours":
        anyio.run(ours, options.rate, options.seconds, options.result)
    elif options.child == "stock":
        Stock(options.rate, options.seconds, options.result).run()
    elif options.child == "idle":
        Stock(0.0, options.seconds, options.result).run()
    else:
        found = {kind: measured(kind, options) for kind in ("ours", "stock", "idle")}
        for kind, told in found.items():
            print(f"{kind:<6} {told['core']:6.1%} of a core, lag p50 {told['p50']:.1f} ms, p99 {told['p99']:.1f} ms")
        print(f"lag p99, ratio to Textual's Markdown widgets: {found['ours']['p99'] / found['stock']['p99']:.2f}")
        print(f"lag p99, ratio to the budget of 50 ms: {found['ours']['p99'] / 50:.2f}")


if __name__ == "__main__":
    main()
