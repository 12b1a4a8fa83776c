"""`-a`: files, addresses and stdin as attachments, made ready before anything is stored or sent."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from chatmodes.chat import Chat, in_thread
from chatmodes.cli import say
from chatmodes.messages import File, Image
from chatmodes.sanitize import one_line
from chatmodes.settings import ConfigError, Settings

_LARGEST_STDIN = 64 * 1024 * 1024


def add_attach_option(parser: argparse.ArgumentParser) -> None:
    """-a, for `attachments`."""
    parser.add_argument(
        "-a", "--attach", action="append", default=[], metavar="FILE|URL|-",
        help="attach a picture, PDF or text; repeatable; an address is fetched here; - is stdin",
    )  # fmt: skip


async def attachments(sources: Sequence[str]) -> list[File | Image]:
    """The parts that the line attaches. Raises `ConfigError` for what cannot be attached."""
    if not sources:
        return []
    # Pillow and PDFium only where they are needed.
    from chatmodes.attaching import AttachError, attach, attach_bytes, leads_out

    if sources.count("-") > 1:
        raise ConfigError("Stdin can be attached once.", "Name files for the others.")
    parts: list[File | Image] = []
    try:
        for source in sources:
            if source == "-":
                data = await in_thread(sys.stdin.buffer.read, _LARGEST_STDIN)
                parts += await attach_bytes(data, "stdin")
            else:
                if "://" not in source and (target := await in_thread(leads_out, Path(source))):
                    say(f"{one_line(source, 200)} is a link to {one_line(str(target), 200)}, which is attached.")
                parts += await attach([source])
    except AttachError as error:
        raise ConfigError(str(error), "Nothing was sent.") from error
    return parts


def check_eyes(chat: Chat, parts: Sequence[File | Image], mode: str, model: str | None, settings: Settings) -> None:
    """Raise `ConfigError` where a picture would go to a model that is known to take none; it names some that do."""
    if not any(isinstance(part, Image) for part in parts):
        return
    from chatmodes.providers.available.eyes import is_blind, refusal
    from chatmodes.providers.gateway import Gateway

    chosen = model or chat.running.model_for(mode, settings)
    if is_blind(chat.models, chosen):
        said, hint = refusal(chosen, chat.models.catalog if isinstance(chat.models, Gateway) else None)
        raise ConfigError(said, f"{hint} Name one with --model.")


async def tell_left_behind(chat: Chat, leaf: str | None, mode: str, model: str | None, settings: Settings) -> None:
    """Say how many pictures of a conversation the model that goes on with it does not get to see."""
    from chatmodes.providers.available.eyes import is_blind, left_behind
    from chatmodes.providers.pictures import pictures_of

    chosen = model or chat.running.model_for(mode, settings)
    if leaf and is_blind(chat.models, chosen):
        path = await in_thread(chat.store.path, leaf)
        if count := sum(1 for _ in pictures_of([one.message for one in path])):
            say(left_behind(chosen, count))
