"""The question before something costly is sent, one for every command; nobody is asked where nobody can answer."""

import sys
from functools import partial

from chatmodes.chat import Chat, in_thread
from chatmodes.cli.session import Asked
from chatmodes.dollars import money
from chatmodes.messages import Message
from chatmodes.settings import ConfigError


async def affordable(chat: Chat, prompt: Message, leaf: str | None, asked: Asked) -> bool:
    """Whether answering a prompt behind `leaf` cannot cost more than the limit, or the user says yes to that.

    Raises `ConfigError` where nobody can be asked.
    """
    from chatmodes.comparing.foresee import above_limit
    from chatmodes.providers.known.prices import warm

    before = await in_thread(chat.store.context, leaf) if leaf else []
    limit, columns = chat.settings.cost_limit, [(asked.mode or asked.settings.mode, asked.model)]
    bound = await above_limit(
        chat, columns, [prompt], before, settings=asked.settings, limit=limit, warm=partial(in_thread, warm)
    )
    return bound is None or agreed(bound, limit, "cost_limit")


def agreed(bound: float, limit: float, setting: str) -> bool:
    """Whether the user says yes to what may cost `bound` US dollars, more than the `limit` that `setting` names.

    Raises `ConfigError` where stdin is no terminal: a script says beforehand what it may spend.
    """
    question = f"This may cost up to {money(bound)}, more than the limit of {money(limit)} ({setting})."
    if not sys.stdin.isatty():
        raise ConfigError(question, f"Say --yes to go on, or raise it: chatmodes settings set {setting} DOLLARS")
    print(f"{question} Go on? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
