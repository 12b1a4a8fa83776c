"""Eight agents at 100 tokens a second each, on a terminal: the share of a core they cost, and the loop's lag.

Budget: at most 50% of a core, lag p99 at most 50 ms. The yardstick, taken in the same run, is the same streams into
eight of Textual's own Markdown widgets with their stream helper. Each runs in a process of its own on a pty that is
drained, so that what goes to the terminal is paid for. CPU is the process's, all threads, for each second of tokens,
so that a machine with other work does not make it look small; start-up is left out.

python benchmarks/eight_agents.py [--agents 8] [--rate 100] [--seconds 8]
"""

import argparse
import asyncio
import gc
import time
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Markdown, Static

from benchmarks.drained_pty import figures, figures_of
from chatmodes import events as ev
from chatmodes.folding import RunView, fold
from chatmodes.tui.agents.panes import AgentPanes
from chatmodes.tui.composer.composer import Composer

WORDS = (
    "Six times seven is forty-two, as a table of multiplication shows at once. **Check**: 7 + 7 = 14, and so on.\n\n"
)
TOKENS = [WORDS[at : at + 4] for at in range(0, len(WORDS), 4)]
COLUMNS, LINES = 160, 45


class Streams(App[None]):
    """Feeds every agent its tokens on time, measures the loop's lag and the process's CPU, then leaves."""

    def __init__(self, agents: int, rate: float, seconds: float, result: Path) -> None:
        super().__init__()
        self.agents, self.rate, self.seconds, self.result = agents, rate, seconds, result

    def on_ready(self) -> None:
        self.run_worker(self._measure())

    async def _measure(self) -> None:
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)
        await self.begin()
        lags: list[float] = []
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(self._watch(lags))
            cpu, start = time.process_time(), time.monotonic()
            await asyncio.gather(*(self._agent(number, start) for number in range(self.agents)))
            spent, took = time.process_time() - cpu, time.monotonic() - start
            watching.cancel()
        self.result.write_text(figures(lags, spent, self.seconds, late=took / self.seconds))
        self.exit()

    async def _watch(self, lags: list[float]) -> None:
        while True:
            before = time.monotonic()
            await asyncio.sleep(0.005)
            lags.append(time.monotonic() - before - 0.005)

    async def _agent(self, number: int, start: float) -> None:
        for count in range(int(self.rate * self.seconds)):
            due = start + count / self.rate
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            await self.token(number, TOKENS[(count + number * 7) % len(TOKENS)])

    async def begin(self) -> None: ...

    async def token(self, number: int, text: str) -> None:
        raise NotImplementedError


class Ours(Streams):
    CSS = "Static { height: 1fr; }"

    def compose(self) -> ComposeResult:
        yield Static("")
        yield AgentPanes()
        yield Composer()

    async def begin(self) -> None:
        self.view = RunView()
        self.began = time.monotonic()
        slots = tuple(ev.Slot(f"a{n}", "draft", "x/model") for n in range(self.agents))
        fold(self.view, ev.RunStarted(run="r", at=0.0, mode="contemplating", prompt="", plan=ev.Plan(slots)))
        for slot in slots:
            fold(self.view, ev.AgentStarted(run="r", at=0.0, agent=slot.agent, role="draft", model=slot.model))
        panes = self.query_one(AgentPanes)
        self.set_interval(
            0.1 if self.agents <= 3 else 0.15, lambda: panes.update(self.view, time.monotonic() - self.began)
        )

    async def token(self, number: int, text: str) -> None:
        fold(self.view, ev.TextDelta(run="r", at=time.monotonic() - self.began, agent=f"a{number}", text=text))


class Stock(Streams):
    CSS = """
    Screen { layout: grid; grid-size: 4 2; }
    Markdown { height: 1fr; overflow: hidden; }
    """

    def compose(self) -> ComposeResult:
        for _ in range(self.agents):
            yield Markdown()

    async def begin(self) -> None:
        self.streams = [Markdown.get_stream(widget) for widget in self.query(Markdown)]

    async def token(self, number: int, text: str) -> None:
        await self.streams[number].write(text)


def measured(kind: str, options: argparse.Namespace) -> dict[str, float]:
    """Run one kind in a process of its own on a drained pty."""
    arguments = ["--child", kind, "--agents", str(options.agents)]
    arguments += ["--rate", str(options.rate), "--seconds", str(options.seconds)]
    return figures_of(__file__, arguments, columns=COLUMNS, lines=LINES, patience=options.seconds * 10 + 60)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=8)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--child", choices=["ours", "stock"])
    parser.add_argument("--result", type=Path)
    options = parser.parse_args()
    if options.child:
        app = {"ours": Ours, "stock": Stock}[options.child]
        app(options.agents, options.rate, options.seconds, options.result).run()
        return
    both = {kind: measured(kind, options) for kind in ("ours", "stock")}
    for kind, found in both.items():
        lag = f"lag p50 {found['p50']:.1f} ms, p99 {found['p99']:.1f} ms"
        print(f"{kind:<6} {found['core']:6.1%} of a core, {lag}, took {found['late']:.2f} x the streams' time")
    ours, stock = both["ours"], both["stock"]
    print(f"share of a core, ratio to Textual's Markdown widgets: {ours['core'] / stock['core']:.2f}")
    print(f"share of a core, ratio to the budget of 50%: {ours['core'] / 0.5:.2f}")
    print(f"lag p99, ratio to the budget of 50 ms: {ours['p99'] / 50:.2f}")


if __name__ == "__main__":
    main()
