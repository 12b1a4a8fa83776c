"""Asking the person behind a run, and waiting for the word.

A run that must be allowed something (a tool that writes, a server that is called) asks its face through
`RunContext.ask`. Several agents may ask at once: they are asked one after the other, and a word that settles a whole
run or conversation settles those still waiting too. Where nobody can be asked the answer is no, at once.
"""

from collections.abc import Callable
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


class Answer(msgspec.Struct, frozen=True):
    """What the person said."""

    allowed: Allowed | None
    """None is a no."""
    word: str = ""
    """What they added; a model whose call was refused reads it."""


NOBODY = Answer(None, "There is nobody to ask.")


class Questions:
    """One run's questions, in the order in which they were asked. The face reads `current` and calls `answer`."""

    def __init__(self, *, anybody: bool = False) -> None:
        self.anybody = anybody
        """Whether somebody is there to answer."""
        self.waiting: list[Question] = []
        """Those that wait, the current one first."""
        self._turn = anyio.Lock()
        self._answered: dict[str, tuple[anyio.Event, list[Answer]]] = {}

    @property
    def current(self) -> Question | None:
        """The question to show; None where none waits for a word."""
        return next((question for question in self.waiting if question.call in self._answered), None)

    async def ask(
        self, question: Question, *, known: Callable[[], Answer | None], tell: Callable[[Question], None]
    ) -> Answer:
        """Wait for the person's word, `NOBODY` where nobody is there. Cancellable.

        `known` is asked when the question's turn has come: what was said to another may settle it. `tell` is called
        with what is really put to the person.
        """
        self.waiting.append(question)
        try:
            async with self._turn:
                if (settled := known()) is not None:
                    return settled
                if not self.anybody:
                    return NOBODY
                said, answers = self._answered[question.call] = anyio.Event(), list[Answer]()
                tell(question)
                await said.wait()
                return answers[0]
        finally:
            self._answered.pop(question.call, None)
            self.waiting.remove(question)

    def answer(self, call: str, answer: Answer) -> bool:
        """Give the word about a call; False where nobody waits for it any more."""
        if call not in self._answered:
            return False
        said, answers = self._answered[call]
        answers.append(answer)
        said.set()
        return True

    def leave(self) -> None:
        """Nobody is there any more: what waits, and what will be asked, gets `NOBODY`."""
        self.anybody = False
        for call in list(self._answered):
            self.answer(call, NOBODY)
