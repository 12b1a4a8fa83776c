"""Asking the person behind a run, and waiting for the word.

A run that must be allowed something (a tool that writes, a server that is called) asks its face through
`RunContext.ask`. Several agents may ask at once: they are asked one after the other, and a word that settles a whole
run or conversation settles those still waiting too. Where nobody can be asked the answer is no, at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import anyio
import msgspec

Allowed = Literal["once", "run", "conversation", "always"]
"""How far a yes goes: this call, what is like it in this run, in this conversation, everywhere from now on."""


class Question(msgspec.Struct, frozen=True):
    """May this call run?"""

    agent: str
    call: str
    """The run's own id of the call, as in `tool_asking`."""
    tool: str
    """As people read it."""
    scope: str
    """What the call touches, in plain words."""
    arguments: str = ""
    """JSON, as the model sent it."""
    rule: str = ""
    """What a yes that goes further than this call allows, as a rule is written."""
    touches: str = ""
    """What the tool touches whatever its arguments, as the end of a sentence; empty where that is not known."""
    changed: bool = False
    """The tool is defined otherwise than when it was allowed."""


class Answer(msgspec.Struct, frozen=True):
    """What the person said."""

    allowed: Allowed | None
    """None is a no."""
    word: str = ""
    """What they added; a model whose call was refused reads it."""


NOBODY = Answer(None, "There is nobody to ask.")


@dataclass
class _Waiting:
    """A call that waits for its word."""

    known: Callable[[], Answer | None]
    heard: Callable[[Answer], None]
    said: anyio.Event = field(default_factory=anyio.Event)
    over: anyio.Event = field(default_factory=anyio.Event)
    answers: list[Answer] = field(default_factory=list[Answer])


class Questions:
    """One run's questions, in the order in which they were asked. The face reads `current` and calls `answer`."""

    def __init__(self, *, anybody: bool = False) -> None:
        self.anybody = anybody
        """Whether somebody is there to answer."""
        self.waiting: list[Question] = []
        """Those that wait, the current one first."""
        self._turn = anyio.Lock()
        self._put: dict[str, _Waiting] = {}
        """What is put to the person at this moment, by call."""

    @property
    def current(self) -> Question | None:
        """The question to show; None where none waits for a word."""
        return next((question for question in self.waiting if question.call in self._put), None)

    async def ask(
        self,
        question: Question,
        *,
        known: Callable[[], Answer | None],
        tell: Callable[[Question], None],
        heard: Callable[[Answer], None] = lambda _: None,
    ) -> Answer:
        """Wait for the person's word, `NOBODY` where nobody is there. Cancellable.

        `known` is asked when the question's turn has come: what was said to another may settle it. `tell` is called
        with what is really put to the person, and `heard` with their word the moment it is given, so that `known` of
        another sees it.
        """
        self.waiting.append(question)
        try:
            async with self._turn:
                if (settled := known()) is not None:
                    return settled
                if not self.anybody:
                    return NOBODY
                waiting = self._put[question.call] = _Waiting(known, heard)
                tell(question)
                await waiting.said.wait()
                return waiting.answers[0]
        finally:
            if (waiting := self._put.pop(question.call, None)) is not None:
                waiting.over.set()
            self.waiting.remove(question)

    def still_asked(self, call: str) -> Question | None:
        """The question about `call`; None where nobody waits for its word, or where what was said in another run
        meanwhile settles it, which is its answer then."""
        waiting = self._put.get(call)
        if waiting is None or waiting.said.is_set():
            return None
        if (settled := waiting.known()) is not None:
            self.answer(call, settled)
            return None
        return next(question for question in self.waiting if question.call == call)

    async def settled(self, call: str) -> None:
        """Wait until nobody waits for a word about `call` any more: it was given, or the call was cancelled."""
        if (waiting := self._put.get(call)) is not None:
            await waiting.over.wait()

    def answer(self, call: str, answer: Answer) -> bool:
        """Give the word about a call; False where nobody waits for it any more."""
        waiting = self._put.get(call)
        if waiting is None or waiting.said.is_set():
            return False
        waiting.answers.append(answer)
        waiting.heard(answer)
        waiting.said.set()
        return True

    def leave(self) -> None:
        """Nobody is there any more: what waits, and what will be asked, gets `NOBODY`."""
        self.anybody = False
        for call in list(self._put):
            self.answer(call, NOBODY)
