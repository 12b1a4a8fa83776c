"""What runs want to be allowed, put to the person: one question at a time, whichever screen is up.

The chat and comparisons have runs; neither has to know how one is asked. A question goes away by itself where nobody
waits for its answer any more: the run was stopped, its column dropped, or what was said in another run settled it.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import anyio

from chatmodes.modes.asking import Question, Questions
from chatmodes.tui.composer.composer import Composer
from chatmodes.tui.host.application import TerminalApp
from chatmodes.tui.live_run import LiveRun
from chatmodes.tui.names import mode_name

if TYPE_CHECKING:
    from chatmodes.tui.dialogs.approval import Approval, Said

STOPPED = "stopped by you"


class Approving:
    """Asks."""

    def __init__(self, terminal: TerminalApp, composer: Composer) -> None:
        """`composer` gets what was typed before a question was read."""
        self._terminal, self._composer = terminal, composer
        self._turn = anyio.Lock()

    def ask(self, live: LiveRun, call: str) -> None:
        """Put what a run asks about a call. Returns at once, and may be called from any task."""
        self._terminal.call_later(self._begin, live, call)

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Nothing is asked in the block: a screen is on its way, and what came up before it would lie below it."""
        async with self._turn:
            yield

    def _begin(self, live: LiveRun, call: str) -> None:
        self._terminal.run_worker(self._ask(live, call), group="approval")

    async def _ask(self, live: LiveRun, call: str) -> None:
        from chatmodes.tui.dialogs.approval import Approval

        said: Said | None = None
        async with self._turn:
            questions = live.run.questions
            question = questions.still_asked(call)
            if question is None:
                return
            dialog = Approval(question, _who(live, question), self._composer.insert)
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_withdraw, questions, call, dialog)
                said = await self._terminal.push_screen_wait(dialog)
                tasks.cancel_scope.cancel()
        if said == "stop":
            live.stop(STOPPED)
        elif said is not None:
            questions.answer(call, said)


async def _withdraw(questions: Questions, call: str, dialog: "Approval") -> None:
    await questions.settled(call)
    dialog.withdraw()


def _who(live: LiveRun, question: Question) -> str:
    """The agent, by what it does in its run."""
    agent = live.view.agents.get(question.agent)
    if agent is not None and agent.role == "draft":
        return f"{mode_name(live.run.mode)}, agent {question.agent},"
    return mode_name(live.run.mode)
