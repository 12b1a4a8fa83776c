"""A terminal chat client with three ways of answering: Instant, Thinking, Contemplating. And a library:

    import chatmodes
    print(chatmodes.ask("What is 12 * 12?", mode="thinking").text)

What it offers is imported on use, so that `import chatmodes` costs nothing; `docs/library.md` shows how it is used.
"""

from chatmodes.version import __version__

TYPE_CHECKING = False  # as `typing` has it, which would cost `--version` a tenth of its time

if TYPE_CHECKING:
    from chatmodes import events as events
    from chatmodes.chat import Run as Run
    from chatmodes.library import Answer as Answer
    from chatmodes.library import AnswerError as AnswerError
    from chatmodes.library import Conversation as Conversation
    from chatmodes.library import answer_of as answer_of
    from chatmodes.library import ask as ask
    from chatmodes.library import ask_async as ask_async
    from chatmodes.library import open as open
    from chatmodes.library import stream as stream
    from chatmodes.settings import ConfigError as ConfigError
    from chatmodes.tools.base import ToolError as ToolError
    from chatmodes.tools.functions import tool as tool

_PLACES = {
    "Answer": "chatmodes.library",
    "AnswerError": "chatmodes.library",
    "ConfigError": "chatmodes.settings",
    "Conversation": "chatmodes.library",
    "Run": "chatmodes.chat",
    "ToolError": "chatmodes.tools.base",
    "answer_of": "chatmodes.library",
    "ask": "chatmodes.library",
    "ask_async": "chatmodes.library",
    "open": "chatmodes.library",
    "stream": "chatmodes.library",
    "tool": "chatmodes.tools.functions",
}

__all__ = [
    "Answer",
    "AnswerError",
    "ConfigError",
    "Conversation",
    "Run",
    "ToolError",
    "__version__",
    "answer_of",
    "ask",
    "ask_async",
    "events",
    "open",
    "stream",
    "tool",
]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "events":
        return import_module("chatmodes.events")
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'chatmodes' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
