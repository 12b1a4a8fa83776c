r"""Where in a draft its short answer stands.

In falling order of trust: the `ANSWER:` line that the prompt asks for, GSM8K's `####`, the last `\boxed{}`, and the
last "the answer is". The last number of a text is tried only for a question that asks for one (`answer_to`): drafts of
open questions have numbers too.
"""

import re

from chatmodes.modes.answers.short import ShortAnswer, read

_FOREIGN = (
    "antwort|endergebnis|réponse|respuesta|resposta|risposta|antwoord|svar|odpowiedź|ответ|відповідь|cevap|答案|答え|回答|答|"
    "정답|답|उत्तर|الإجابة|الجواب"
)
_LINE = re.compile(
    r"^[^\w\n]{0,8}(?:(?:(?:my|the|final|short|correct)\s+){0,3}answer"
    r"(?:[*_`\s]*[:：][*_`]*[ \t]*(?P<value>[^\n]*)|[*_`]*)"
    rf"|(?:\w{{1,15}}[ \t]+){{0,2}}(?:最终|正确|最終)?(?:{_FOREIGN})(?:[ \t]+\w{{1,12}})?[*_`]*[ \t\u00a0\u202f]*"
    r"[:：][*_`]*[ \t]*(?P<foreign>[^\n]+))$",
    re.I | re.M,
)
"""The line that the prompt asks for. Models answer in the language of the question, and then translate its label."""
_INSIDE = re.compile(r"\bANSWER:[ \t]*(?P<value>[^\n]+)$", re.M)
"""The same behind other text on its line, as small models write it; only in capitals, or prose would match."""
_HASHES = re.compile(r"^[ \t]*####[ \t]+(?P<value>[^\n]+)$", re.M)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_PHRASE = re.compile(
    r"\b(?:answer|result|solution|antwort|réponse|respuesta|resposta|risposta)\s+(?:is|are|ist|lautet|est|es|é|è)\b"
    r"\s*:?\s*(?P<value>[^\n]{1,200})",
    re.I,
)
_END = re.compile(
    r"[.!?](?:\s|$|\*)|;|,\s+(?:because|since|as|so|which|but|and)\b"
    r"|\s(?:because|since|given that|due to|weil|denn|porque|parce que)\s",
    re.I,
)
TAIL = 20_000
"""Characters from the end that are searched: the answer stands at the end, and drafts can be very long."""

MOST_BOXES = 100
"""Boxes that are tried, from the end: thousands that never close would take 0.2 s."""


def short_answer(text: str) -> ShortAnswer | None:
    """The short answer that a draft ends with; None for an open-ended one."""
    text = text[-TAIL:]
    for found in reversed(list(_LINE.finditer(text))):
        value = (found["value"] or found["foreign"] or "").strip() or _next_line(text, found.end())
        boxed = _last_boxed(value)
        if answer := read(boxed if boxed is not None else value):
            return answer
        if value:
            return None  # it was asked for an answer and said that there is none, or wrote an essay
    if (inside := list(_INSIDE.finditer(text))) and (answer := read(inside[-1]["value"])):
        return answer
    hashes = [found["value"] for found in _HASHES.finditer(text)]
    if hashes and (answer := read(hashes[-1])) and answer.quantity:
        return answer
    boxed = _last_boxed(text)
    if boxed is not None and (answer := read(boxed)):
        return answer
    phrases = list(_PHRASE.finditer(text))
    if phrases:
        return read(_sentence(phrases[-1]["value"]))
    return None


_ASKS_NUMBER = re.compile(
    r"\bhow (?:many|much|old|long|far|tall|fast|heavy|high|often)\b|\d\s*[-+*/×÷^]\s*\d|\b(?:calculate|compute)\b"
    r"|\bwhat (?:is|are|was|were|will be|would be)\b.*\b(?:total|sum|average|number|cost|price|percentage)\b",
    re.I | re.S,
)
_NUMBER = re.compile(r"(?:(?<![\w)])[-−])?(?:[$€£]\s?)?\d[\d,]*(?:\.\d+)?(?:/\d+)?")


def answer_to(question: str, text: str) -> ShortAnswer | None:
    """The short answer of a draft to this question: the one it marks, else the last number where a number is asked for.

    Small models work better unasked for a form (SmolLM2: 14 of 20 against 9, Qwen2.5-Coder-0.5B: 9 of 25 against 1 of
    16), and then mark nothing.
    """
    if found := short_answer(text):
        return found
    if not _ASKS_NUMBER.search(question[-TAIL:]):
        return None
    numbers = _NUMBER.findall(text[-TAIL:])
    return read(numbers[-1]) if numbers else None


def _next_line(text: str, at: int) -> str:
    for line in text[at:].splitlines():
        if line.strip():
            return line.strip()
    return ""


def _last_boxed(text: str) -> str | None:
    """The content of the last complete `\\boxed{…}`, braces balanced."""
    for found in reversed(list(_BOXED.finditer(text))[-MOST_BOXES:]):
        depth = 1
        for index in range(found.end(), min(len(text), found.end() + 400)):
            depth += {"{": 1, "}": -1}.get(text[index], 0)
            if depth == 0:
                return text[found.end() : index]
    return None


def _sentence(text: str) -> str:
    """Up to the end of the sentence; a point between digits ends none."""
    return _END.split(text, maxsplit=1)[0].strip()
