"""The pieces a chat stream is made of, in the plain form that most servers send."""

import random
import re
from typing import Any


def chunk(delta: dict[str, Any] | None = None, *, finish: str | None = None, **more: Any) -> dict[str, Any]:
    """One `chat.completion.chunk`."""
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion.chunk",
        "created": 1790000000,
        "model": "fake",
        "choices": [{"index": 0, "delta": delta if delta is not None else {}, "finish_reason": finish}],
        **more,
    }


def usage(prompt: int = 10, completion: int = 5, reasoning: int = 0, cached: int = 0) -> dict[str, Any]:
    """A usage object with OpenAI's detail fields."""
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "completion_tokens_details": {"reasoning_tokens": reasoning},
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def pieces(text: str) -> list[str]:
    """The text cut about where tokens end."""
    return re.findall(r"\s*[^\s]{1,6}|\s+$", text)


def tokens_of(text: str) -> int:
    return len(pieces(text))


WORDS = re.findall(
    r"\w+",
    "the sea was calm and light fell on stones while somebody counted waves against an old wall that held "
    "back sand wind salt and time so we spoke of small things first then of numbers birds maps and bread",
)


def prose(tokens: int, seed: int = 0) -> str:
    """About `tokens` tokens of Markdown that says nothing: paragraphs, a list, a heading and a block of code."""
    rng = random.Random(seed)
    parts: list[str] = []
    count = 0
    while count < tokens:
        kind = rng.random()
        words = [rng.choice(WORDS) for _ in range(rng.randint(12, 40))]
        if kind < 0.12:
            part = "## " + " ".join(words[:4]).capitalize()
        elif kind < 0.28:
            part = "\n".join(f"- {' '.join(words[i : i + 5])}" for i in range(0, 15, 5))
        elif kind < 0.36:
            part = "```python\nfor " + words[0] + " in range(3):\n    print(" + words[1] + ")\n```"
        else:
            words[3] = f"**{words[3]}**"
            part = (" ".join(words) + ".").capitalize()
        parts.append(part)
        count += tokens_of(part) + 1
    return "\n\n".join(parts)
