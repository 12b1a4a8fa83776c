"""`-a`: files, addresses and stdin as attachments, made ready before anything is stored or sent."""

import argparse
import sys
from collections.abc import Sequence

from chatmodes.chat import Chat, in_thread
from chatmodes.messages import File, Image
from chatmodes.providers.calls import Models, ProviderError
from chatmodes.settings import ConfigError, Settings

_LARGEST_STDIN = 64 * 1024 * 1024
_NAMED = 4
"""Models that see which are named to whoever chose one that does not."""


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
    from chatmodes.attaching import AttachError, attach, attach_bytes  # Pillow and PDFium only where they are needed

    if sources.count("-") > 1:
        raise ConfigError("Stdin can be attached once.", "Name files for the others.")
    parts: list[File | Image] = []
    try:
        for source in sources:
            if source == "-":
                data = await in_thread(sys.stdin.buffer.read, _LARGEST_STDIN)
                parts += await attach_bytes(data, "stdin")
            else:
                parts += await attach([source])
    except AttachError as error:
        raise ConfigError(str(error), "Nothing was sent.") from error
    return parts


def check_eyes(chat: Chat, parts: Sequence[File | Image], mode: str, model: str | None, settings: Settings) -> None:
    """Raise `ConfigError` where a picture would go to a model that is known to take none; it names some that do."""
    if not any(isinstance(part, Image) for part in parts):
        return
    chosen = model or chat.running.model_for(mode, settings)
    try:
        blind = chat.models.describe(chosen).images is False
    except ProviderError:  # the run says what is wrong with the model
        return
    if blind:
        seeing = _seeing(chat.models)[:_NAMED]
        hint = f"These do: {', '.join(seeing)} (--model)." if seeing else "Set a provider's key, or leave it out."
        raise ConfigError(f"{chosen} takes no pictures.", hint)


def _seeing(models: Models) -> list[str]:
    """Models that take pictures and can be called as things are."""
    from chatmodes.providers.gateway import Gateway

    if not isinstance(models, Gateway):
        return []
    return [info.model for shelf in models.catalog.offline() if shelf.usable for info in shelf.models if info.images]
