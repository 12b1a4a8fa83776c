"""The rule Auto chooses by: free, instant, in every language that `cues.toml` knows, and told in one sentence.

What is at stake comes first: health, law, money, safety, proofs and what is asked with care are answered by several
agents. Small talk, translations and what is looked up need nothing but an answer, whatever words they hold.
"""

import re
from typing import NamedTuple

from chatmodes.modes.cues import Folded, cue, languages

LONG = 600
"""Characters from which a prompt is a task and no remark."""
REMARK = 160
"""Characters up to which a prompt that looks something up asks for nothing else."""


class Choice(NamedTuple):
    """A mode, and what in the prompt speaks for it."""

    mode: str
    reason: str


_CAREFUL = (
    ("asked", "the prompt asks for special care"),
    ("proof", "the prompt asks for a proof"),
    ("weigh", "the prompt weighs one thing against another"),
)
_STAKES = (
    ("health", "the prompt is about health"),
    ("law", "the prompt is about law"),
    ("money", "the prompt is about money"),
    ("safety", "the prompt is about safety"),
)
_STEPS = (
    ("code", "the prompt asks for code"),
    ("maths", "the prompt has something to work out"),
    ("plan", "the prompt asks for several steps"),
    ("why", "the prompt asks for an explanation"),
)

_NUMBER = r"\d+(?:[.,]\d+)*"
_NO_SUM = re.compile(
    r"\b\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}\b"  # a date
    r"|(?<![\w.])\+\d[\d ()/-]{5,}\d"  # a telephone number with its country
    r"|\(?\b\d{2,5}\)?[-/ ]\d{3,}[-/ ]\d{2,}(?:[-/ ]\d+)*\b|\b\d{3}-\d{4}\b|\b0\d{2,5}[-/ ]\d{4,}\b"  # one without
    r"|\b\d{1,2}:\d{2}(?::\d{2})?\b"  # a time of day
    r"|\b(?:1\d|20)\d\d\s?[-–]\s?(?:1\d|20)?\d\d\b"  # from year to year
    r"|\b24/7\b|\b\d+\.\d+\.\d+(?:\.\d+)*\b"  # always; a version or an address
)
_OPERATOR = r"(?:\s*(?:\*\*|[+*×÷^=<>≤≥])\s*|\s+[-−–/x:]\s+|(?<=\d)[-−/x](?=\d))"
_TERM = rf"[-√(]{{0,4}}(?:{_NUMBER}%?|{_NUMBER}[a-z]|[a-z])\){{0,4}}"
_SUM = re.compile(rf"(?<![a-z0-9_.,]){_TERM}(?:{_OPERATOR}{_TERM})+(?![a-z0-9_])")
_FORMULA = re.compile(r"\\(?:frac|sqrt|int|sum)\b|[∫∑√]\s{0,9}\S+|(?<!\d)\d+\s{0,9}!(?=\s*[=?])")
_SHARE = re.compile(r"(?<!\d)\d+(?:[.,]\d+)?\s?%\s.{0,300}?\d+|\d.{0,300}?\s\d+(?:[.,]\d+)?\s?%", re.S)
_YEAR = re.compile(r"\b(?:1\d|20)\d\d\b")
_CODE = re.compile(r"```|\bTraceback\b|^[ \t]*(?:def|class|import|function|SELECT|#include)\b|\b\w+\(.*\)\s*[{;]", re.M)
_QUOTED = re.compile(r"“[^“”]*”|\"[^\"]*\"|«[^«»]*»|「[^「」]*」|(?<!\w)'[^'\n]*'(?!\w)|„[^„“”]*[“”]")


def rule(prompt: str) -> Choice:
    """The mode for a prompt, from what it looks like."""
    text = Folded(prompt)
    spoken = languages(text)
    for kind, reason in _CAREFUL:
        if found := cue(kind, text, spoken):
            return Choice("contemplating", f"{reason} (“{found}”)")
    if _CODE.search(text.text):
        return Choice("thinking", "the prompt has code in it")
    sums = _worked_out(text)
    looked_up = len(prompt) < REMARK and not sums and cue("plain", text, spoken)
    personal = cue("own", _said(prompt), spoken)
    if looked_up and not personal:
        return Choice("instant", f"the prompt asks for something to look up (“{looked_up}”)")
    stakes = _STAKES if personal or not cue("code", text, spoken) else ()  # inheritance in Java is no law
    for kind, reason in stakes:
        if found := cue(kind, text, spoken):
            return Choice("contemplating", f"{reason} (“{found}”)")
    if looked_up:
        return Choice("instant", f"the prompt asks for something to look up (“{looked_up}”)")
    return _steps(prompt, text, spoken, sums)


def _steps(prompt: str, text: Folded, spoken: tuple[str, ...], sums: str) -> Choice:
    if sums:
        return Choice("thinking", f"the prompt has something to work out (“{sums}”)")
    for kind, reason in _STEPS:
        if found := cue(kind, text, spoken):
            return Choice("thinking", f"{reason} (“{found}”)")
    numbers = [number for number in re.findall(_NUMBER, _NO_SUM.sub(" ", text.text)) if not _YEAR.fullmatch(number)]
    counted = cue("count", text, spoken)
    if counted and (numbers or cue("left", text, spoken)):
        return Choice("thinking", f"the prompt has something to work out (“{counted}”)")
    if len(numbers) >= 3:
        return Choice("thinking", f"the prompt has {len(numbers)} numbers in it")
    if len(prompt) > LONG:
        return Choice("thinking", f"the prompt is long ({len(prompt):,} characters)")
    return Choice("instant", "the prompt is short and asks for nothing that takes steps")


def _said(prompt: str) -> Folded:
    """The prompt without what it quotes, which is not about who asks."""
    return Folded(_QUOTED.sub(" ", prompt))


def _worked_out(text: Folded) -> str:
    """A sum, an equation or a share of something, as it was written; dates, numbers to call and ranges are none."""
    blanked = _NO_SUM.sub(lambda found: "·" * len(found[0]), text.text)
    for found in _SUM.finditer(blanked):
        if re.search(r"\d", found[0]) and not _range(found[0]):
            return text.quote(found)
    found = _FORMULA.search(blanked) or _SHARE.search(blanked)
    return text.quote(found) if found else ""


def _range(term: str) -> bool:
    """Whether two numbers with nothing but a stroke between are no sum: 3-4 people, page 9/11, 16/9, 1920x1080."""
    found = re.fullmatch(r"(\d{1,18})([-−/x])(\d{1,18})", term)
    if not found:
        return False
    first, second = int(found[1]), int(found[3])
    if found[2] == "/":
        return second == 0 or first < second or first % second != 0
    return first <= second if found[2] != "x" else first > 100 and second > 100
