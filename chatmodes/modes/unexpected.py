"""What becomes of an exception that nobody foresaw, such as a bug in a mode: an error to show, and a trace to report.

A run that died of one without a word would take every other run, and the screen, down with it.
"""

import os
import traceback
from typing import cast

from chatmodes.events import Error
from chatmodes.settings import home, private_folder, write_private


def described(error: Exception, culprit: str = "chatmodes") -> Error:
    """The error in one sentence, its trace kept in `home("cache")/crash.log`.

    Only the latest trace is kept, so that the file never grows, and only types and places: a message or a local
    variable may quote a conversation or a key. With CHATMODES_DEBUG=1 the exception is raised again instead.
    """
    if os.environ.get("CHATMODES_DEBUG") == "1":
        raise error
    path = home("cache") / "crash.log"
    try:
        private_folder(path.parent)
        write_private(path, "\n".join(_places(error)) + "\n")
    except OSError:
        hint = "Ask again; with CHATMODES_DEBUG=1 the program stops there and shows where."
    else:
        hint = f"Ask again; if it comes back, report it with {path}."
    name = type(_inner(error)).__name__
    return Error("bad_response", f"The run broke off at a mistake in {culprit} ({name}).", hint)


def _inner(error: BaseException) -> BaseException:
    """What a task group wrapped."""
    if isinstance(error, BaseExceptionGroup):
        group = cast(BaseExceptionGroup[BaseException], error)
        return _inner(group.exceptions[0])
    return error


def _places(error: BaseException) -> list[str]:
    lines: list[str] = []
    inner = _inner(error)
    for one in dict.fromkeys((error, inner)):
        frames = traceback.extract_tb(one.__traceback__)
        lines.append(type(one).__name__)
        lines += [f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in frames]
    return lines
