"""The model that reads answers which cannot be compared: how it is asked, and what a call of it that failed means."""

import hashlib

from chatmodes import events as ev
from chatmodes.modes.prompts import load
from chatmodes.running import Running

ATTEMPTS = 2
"""Times that a question is put to it whose reply is no verdict. To guess one would move a mean without anyone seeing
it, so that after that the item counts as ungraded, and is reported as such."""


class GraderFailedError(Exception):
    """The grader could not be asked, which says nothing about the answer. The message has the cause."""


def grading(grader: str, prompt: str) -> str:
    """What names a grader and how it is asked, by the prompt of that name: a grade of another is none of this one's."""
    return hashlib.sha256(f"{grader}\0{load(prompt).text}".encode()).hexdigest()[:16]


async def reply_of(running: Running, grader: str, prompt: str) -> str:
    """What the grader says to a prompt. Raises `GraderFailedError` when the call fails."""
    view = await running.aside(prompt, model=grader, max_tokens=running.settings.instant.max_tokens)
    if isinstance(view.end, ev.RunFailed):
        raise GraderFailedError(view.end.error.message)
    return view.answer_text
