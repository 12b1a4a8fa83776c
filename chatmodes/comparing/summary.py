"""Where answers agree and where they contradict each other, told by a model: an extra call, made only when asked for.

The answers stand anonymous and fenced before the model, so that neither a name nor what an answer says can steer it. A
face shows the text, what it cost, and that it is a model's opinion.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatmodes.chat import Chat
from chatmodes.comparing.foresee import call_bound
from chatmodes.events import Error, RunFailed
from chatmodes.messages import Message, system, user
from chatmodes.modes.fencing import fenced_block, shortened
from chatmodes.modes.prompts import fill

CAP = 2048
"""Tokens: half a page, with room for models that reason whatever they are asked."""
ROOM = 60_000
"""Characters for all answers together, some 15,000 tokens."""


@dataclass
class Summary:
    """What came, and what it cost."""

    model: str
    text: str = ""
    cost: float | None = None
    error: Error | None = None
    """Why it is not whole; None where it is."""


def question_of(prompt: str, answers: Sequence[tuple[str, str]]) -> tuple[Message, ...]:
    """The call's messages. `answers` are letter and text; long ones keep their beginning and their end. Raises
    `ConfigError` for a prompt file that cannot serve."""
    nonce = secrets.token_hex(8)
    each = max(400, ROOM // max(1, len(answers)))
    blocks = [fenced_block(f"ANSWER {letter}", shortened(text.strip(), each), nonce) for letter, text in answers]
    return system(fill("summarise")), user("\n\n".join([fenced_block("QUESTION", prompt.strip(), nonce), *blocks]))


def bound(chat: Chat, model: str, prompt: str, answers: Sequence[tuple[str, str]]) -> float | None:
    """What the call costs at most, US dollars; None where a price is unknown. Raises `ProviderError`."""
    return call_bound(chat, model, question_of(prompt, answers), CAP)


async def summarise(
    chat: Chat,
    model: str,
    prompt: str,
    answers: Sequence[tuple[str, str]],
    on_text: Callable[[str], None],
    *,
    conversation: str | None = None,
) -> Summary:
    """Make the call; `on_text` gets each piece as it comes. A failure is in the summary, with what came before it.

    `conversation` is the one that the comparison stands in, with which the call's cost is stored.
    """
    task, question = question_of(prompt, answers)
    view = await chat.aside(
        question.text, "summary", conversation, model=model, system=task.text, max_tokens=CAP, on_text=on_text
    )
    end = view.end
    error = end.error if isinstance(end, RunFailed) else None
    return Summary(model, view.answer_text, end.cost if end else None, error)
