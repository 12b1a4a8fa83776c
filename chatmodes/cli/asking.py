"""Asking at the terminal what a call may do: in plain words, and never by keys that were typed before the question."""

import os
import sys
import termios
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup

from chatmodes.cli import say
from chatmodes.modes.asking import Allowed, Answer, Question, Questions

GRACE = 0.5
"""Seconds after the question in which what is typed does not count: it was meant for something else."""
_WORDS: dict[str, Allowed] = {"y": "once", "r": "run", "c": "conversation", "a": "always"}


def can_ask() -> bool:
    """Whether somebody sits at this program's input and sees what it says."""
    return sys.stdin.isatty() and sys.stderr.isatty()


class Asker:
    """Asks one question after the other; one that nobody waits for any more is left for the next."""

    def __init__(self, tasks: TaskGroup, questions: Questions, terminal: int) -> None:
        self._tasks, self._questions, self._terminal = tasks, questions, terminal
        self._under_way = anyio.CancelScope()

    def ask(self, call: str) -> None:
        """Put the question about `call`, in a task of its own."""
        self._under_way.cancel()
        self._under_way = anyio.CancelScope()
        self._tasks.start_soon(self._ask, call, self._under_way)

    async def _ask(self, call: str, scope: anyio.CancelScope) -> None:
        with scope:
            await ask_at_terminal(self._questions, call, self._terminal)


async def ask_at_terminal(questions: Questions, call: str, terminal: int) -> None:
    """Put the question about `call` to the person, and give their word on. Cancellable at any time."""
    question = next((each for each in questions.waiting if each.call == call), None)
    if question is None:
        return
    _tell(question)
    await anyio.sleep(GRACE)
    with suppress(termios.error):
        termios.tcflush(terminal, termios.TCIFLUSH)
    say("Allow it? [y] once · [r] this run · [c] this conversation · [a] always · anything else: no, with a word to it")
    await anyio.wait_readable(terminal)
    line = os.read(terminal, 4096).decode(errors="replace").strip()
    allowed = _WORDS.get(line.lower())
    questions.answer(call, Answer(allowed, "" if allowed or line.lower() in ("n", "no") else line))


def _tell(question: Question) -> None:
    say(f"{question.agent} wants to use {question.tool}: {question.scope}")
    say(f"  arguments: {question.arguments}")
    say(f"  more than once would allow: {question.rule}")
