"""Fetching a model file from the Hugging Face hub, so that an interrupted download goes on where it stopped.

The library's own `hf_hub_download` throws a part away when it is interrupted, so this asks its lower half (`http_get`,
which knows the hub's redirects, headers and retries) to continue a part that is kept here. A part is named after the
content's digest: a file that changed on the hub is never glued to the old one.
"""

import hashlib
import logging
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, BinaryIO, cast

import anyio
import msgspec

from chatmodes import settings
from chatmodes.providers.local import gguf, hub, weights
from chatmodes.providers.local.hub import RemoteFile, Wanted

_SILENT = logging.CRITICAL
_CHUNK = 64 * 1024
"""Bytes read before they are counted and written; the library's 10 MB would make a bar that jumps once a minute."""
_INTERVAL = 0.1
"""Seconds between two reports: ten a second look smooth and cost nothing."""


class Progress(msgspec.Struct, frozen=True):
    """How far a download is."""

    file: str
    """The file under way, as the hub names it."""
    done: int
    """Bytes of the whole model that are here, those of an earlier attempt included."""
    total: int


class CancelledError(Exception):
    """Nobody waits for the download any more."""


async def pull(name: str, on_progress: Callable[[Progress], None]) -> Path:
    """Download `owner/repo`, `owner/repo:QUANT` or `owner/repo/FILE.gguf` and return the (first) file of the model.

    What is here already is not fetched again. `on_progress` is called in the event loop, ten times a second. May be
    cancelled at any time: what has come stays and is continued by the next pull. Raises `ProviderError`.
    """
    wanted = hub.parse(name)
    missing = weights.hub_missing()
    if missing:
        raise missing
    meter = _Meter()
    outcome: Future[Path] = Future()
    # A daemon, so that a read from a dead connection (10 s, five times over) cannot hold up the end of the program.
    Thread(target=_run, args=(wanted, meter, outcome), daemon=True).start()
    try:
        while not outcome.done():
            await anyio.sleep(_INTERVAL)
            on_progress(meter.progress())
        return outcome.result()
    finally:
        meter.cancelled = True


def _run(wanted: Wanted, meter: "_Meter", outcome: "Future[Path]") -> None:
    try:
        outcome.set_result(_pull(wanted, meter))
    except BaseException as error:  # noqa: BLE001 - the edge of the thread: who waits for the outcome raises it
        outcome.set_exception(error)


def _pull(wanted: Wanted, meter: "_Meter") -> Path:
    hub.import_quietly()
    from huggingface_hub.utils import WeakFileLock

    files = hub.choose(wanted, hub.listing(wanted))
    folder = settings.private_folder(weights.folder()) / wanted.repo
    targets = [folder / file.name for file in files]
    with hub.explained(wanted):
        folder.mkdir(parents=True, exist_ok=True)
        with WeakFileLock(folder / ".lock"):  # two pulls must not write the same part
            meter.total = sum(file.size for file in files)
            meter.done = sum(
                _size(target) or _size(_part(target, file)) for target, file in zip(targets, files, strict=True)
            )
            hub.check_space(folder, meter.total - meter.done)
            for file, target in zip(files, targets, strict=True):
                if _size(target) != file.size:
                    _fetch(file, target, meter)
    return targets[0]


def _fetch(file: RemoteFile, target: Path, meter: "_Meter") -> None:
    """One file, through its part, checked before it gets its name."""
    part = _part(target, file)
    part.parent.mkdir(parents=True, exist_ok=True)
    part.touch(mode=0o600)
    with part.open("r+b") as stream:
        meter.file = file.name
        _continue(file, stream, meter)
    if file.verified and _digest(part) != file.digest:
        part.unlink()
        raise hub.problem("bad_response", f"{file.name} arrived damaged.", "Run the same command again.")
    try:
        gguf.read_header(part)
    except gguf.NotGGUFError as error:
        part.unlink()
        raise hub.problem("bad_response", f"{file.name} is no model file: {error}.", "Choose another file.") from error
    part.replace(target)


def _continue(file: RemoteFile, stream: BinaryIO, meter: "_Meter") -> None:
    from huggingface_hub import constants, file_download, utils

    constants.DOWNLOAD_CHUNK_SIZE = _CHUNK
    utils.logging.set_verbosity(_SILENT)  # its warnings would land in the middle of the screen
    have = stream.seek(0, 2)
    if have > file.size:  # cannot be a beginning of it
        meter.add(-have)
        have = stream.seek(0)
        stream.truncate()
    # Through Any, since its types mention tqdm, which has none; what is asked of a bar is a context and `update`.
    cast(Any, file_download).http_get(
        file.url,
        stream,
        resume_size=have,
        headers=cast(Any, utils).build_hf_headers(),
        expected_size=file.size or None,
        tqdm_class=meter.bar,
    )


def _part(target: Path, file: RemoteFile) -> Path:
    return target.with_name(f".{target.name}.{file.digest[:16]}.part")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class _Meter:
    """Counts bytes in the downloading thread, and stops it once nobody waits for it."""

    def __init__(self) -> None:
        self.cancelled = False
        self.file = ""
        self.done = 0
        self.total = 0

    def progress(self) -> Progress:
        return Progress(self.file, self.done, self.total)

    def add(self, size: int) -> None:
        if self.cancelled:
            raise CancelledError
        self.done += size

    def bar(self, **_options: Any) -> "_Bar":
        return _Bar(self)


class _Bar:
    """What `http_get` takes for a progress bar."""

    def __init__(self, meter: _Meter) -> None:
        self._meter = meter

    def update(self, size: int) -> None:
        self._meter.add(size)

    def __enter__(self) -> "_Bar":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Nothing to close."""
