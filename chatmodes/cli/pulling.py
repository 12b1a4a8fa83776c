"""`chatmodes models pull`: what is worth downloading, and a download that one can watch, stop and take up again."""

import os
import sys
import time

import anyio

from chatmodes.cli import code_of, complain, say
from chatmodes.cli.table import fit
from chatmodes.providers.calls import ProviderError
from chatmodes.providers.local import memory
from chatmodes.providers.local.downloads import Download, downloads
from chatmodes.providers.local.pull import Progress, pull
from chatmodes.sanitize import clean, one_line
from chatmodes.settings import Local, load

WIDTH = 24
"""Cells of the bar itself."""


def list_downloads() -> int:
    """Print models worth pulling, each with the command that does it. Raises `ConfigError`."""
    local = load().local
    # Two lines each: a table of them would be 110 cells wide, and a command that is cut cannot be copied.
    for download in downloads():
        print(f"chatmodes models pull {download.name}\n    {_needs(download, local)}: {download.about}")
    sys.stdout.flush()
    slots = "1 slot" if local.slots == 1 else f"{local.slots} slots"
    here = f" {memory.readable(free)} are free here." if (free := memory.available()) else ""
    say(f"Sizes are about right. Memory is for {slots} ([local] slots), with a short context and a long one.{here}")
    say("Any GGUF on the hub will do: chatmodes models pull OWNER/REPO[:QUANT]")
    return 0


def _needs(download: Download, local: Local) -> str:
    least, most = download.memory(local)
    span = f"{least / 1e9:.1f}–" if least != most else ""
    return f"about {memory.readable(download.size)} to download, {span}{most / 1e9:.1f} GB of memory"


def pull_model(name: str) -> int:
    """Download a model and print its id. 0 when it is here, 1 when that failed, 2 for a name that names no model;
    Ctrl-C keeps what has come."""
    bar = _Bar()
    try:
        path = anyio.run(pull, name, bar.show)
    except ProviderError as problem:
        bar.end()
        complain(problem.error.message, problem.error.hint)
        return code_of(problem.error)
    except KeyboardInterrupt:
        bar.end()
        say("Stopped; the same command goes on from here.")
        raise
    bar.end()
    print(clean(f"local/{path.stem}"))
    say(f"Saved as {path}. Try: chatmodes ask --model local/{path.stem} PROMPT")
    return 0


class _Bar:
    """Draws on a terminal in place, and elsewhere a line at each quarter."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._began: tuple[float, int] | None = None
        self._quarter = -1

    def show(self, progress: Progress) -> None:
        if not progress.total:
            return  # the hub is still being asked for the files
        share = progress.done / progress.total
        if self._began is None:
            self._began = time.monotonic(), progress.done
        text = f"{_bytes(progress.done)} of {_bytes(progress.total)}{self._pace(progress)}  {one_line(progress.file)}"
        if self._live:
            filled = round(share * WIDTH)
            # Erased to the end of the line, since what stood there may have been longer.
            line = fit(
                f"{'━' * filled}{'─' * (WIDTH - filled)} {share:4.0%}  {text}",
                os.get_terminal_size(sys.stderr.fileno()).columns - 1,
            )
            print(f"\r{line}\033[K", end="", file=sys.stderr, flush=True)
        elif int(share * 4) > self._quarter:
            self._quarter = int(share * 4)
            print(f"{share:.0%}  {text}", file=sys.stderr)

    def end(self) -> None:
        """Leave the last state on a line of its own."""
        if self._live and self._began is not None:
            print(file=sys.stderr)
        self._live = False

    def _pace(self, progress: Progress) -> str:
        assert self._began is not None
        began, had = self._began
        seconds = time.monotonic() - began
        if seconds < 1 or progress.done <= had:
            return ""
        speed = (progress.done - had) / seconds
        left = (progress.total - progress.done) / speed
        return f", {_bytes(round(speed))}/s, {left // 60:.0f}:{left % 60:02.0f} left"


def _bytes(count: int) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"
