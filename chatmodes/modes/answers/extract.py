r"""Where in a draft its short answer stands.

In falling order of trust: the `ANSWER:` line that the prompt asks for, `<answer>`, GSM8K's `####`, the last `\boxed{}`
and Minerva's "The final answer is … I hope it is correct." are marks, and may mark anything. The last "the answer is"
is prose, which says so of all kinds of things: it brings a number, an option, yes or no, or a date, and else nothing.
What stands in a block of code or in quotation marks marks nothing.
"""

import re
from collections.abc import Iterator
from functools import cache, partial
from typing import Literal, NamedTuple

from chatmodes.modes.answers.languages import Language, alternatives, languages, places, words_of
from chatmodes.modes.answers.second_thoughts import (
    SENTENCE_END,
    checked,
    corrected,
    correction,
    reconsidered,
    taken_back_line,
)
from chatmodes.modes.answers.settling import settles
from chatmodes.modes.answers.short import ShortAnswer, read
from chatmodes.modes.answers.terms import NOTHING, Terms

TAIL = 20_000
"""Characters from the end that are searched: the answer stands at the end, and drafts can be very long."""
MOST_BOXES = 100
"""Boxes that are tried, from the end: thousands that never close would take 0.2 s."""
_BETWEEN_BOXES = re.compile(r"[\s$]{0,6}(?:\\text\{\s?(?:or|and)\s?\}|\b(?:or|and)\b)[\s$]{0,6}(?:[a-z]\s?=\s?)?")
MOST_CHANGES = 3
"""Different answers that a draft may mark, each time thinking better of it, before none of them is believed."""
MOST_LABELS = 50
"""Places of each label that are looked at, from the end."""
LONGEST_BEFORE = 80
"""Characters before the label of a line."""
LONGEST_VALUE = 400
"""Characters of a value that are read; an answer is far below it."""
_FENCE = re.compile(r"[ \t>]{0,6}(`{3,}|~{3,})")
_END_TOKEN = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|<｜[^｜<>\n]{1,40}｜>|</?s>|<eos>|</?(?:end_of_turn|think|final|output|response)>"
    r"|\[/?(?:INST|EOS|END)\]|\[/ANSWER\]"
)
_HOPE = re.compile(r"[.\s]*\bI hope (?:it|this|that) (?:is|was|helps)\b.*", re.I | re.S)
_MINERVA = re.compile(r"\bfinal answer is:?[ \t]*(?P<value>[^\n]{1,300}?)[.\s]*\bI hope (?:it|this) is correct\b", re.I)
_TAGGED = re.compile(r"<(answer|final_answer)>(?P<value>(?:(?!<answer>).){1,400}?)</\1>", re.I | re.S)
_HASHES = re.compile(r"^[ \t]*####[ \t]*(?P<value>[^\n]+)$", re.M)
_BOXED = re.compile(r"\\(?:boxed|fbox)\s*\{")
_INSIDE = re.compile(r"(?<![\"'“«`\w])ANSWER[*_]*:[*_]*[ \t]*(?P<value>[^\n]+)$", re.M)
"""The label behind other text on its line, as small models write it; only in capitals, or prose would match."""
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+\S")
_BRACKETS = {"(": ")", "[": "]", "【": "】"}
_DISPLAYED = (r"\[", r"\(", "$$")
"""What opens a formula that stands on lines of its own."""
_CONTRAST = re.compile(
    r"(?<=\S)\s*(?:,\s*(?:and\s+|but\s+)?not\s+(?P<other>[^,;()\n]{1,40})"
    r"|[(\[](?:not|previously|earlier|originally|formerly|corrected|instead of|rather than|i first|at first)"
    r"\s+[^()\[\]\n]{1,60}[)\]])[.\s]*$",
    re.I,
)
"""What it is not, or no longer: "17, not 12", "17 (previously 12)"."""
_NOT_BUT = re.compile(
    r"^(?:not|nicht|no|non|pas|не|não|niet|nie)\s+[^,\n]{1,40}?,?\s+(?:but|sondern|sino|ma|mais|bensì|а|mas|maar|lecz)\s+",
    re.I,
)
_OPINION = re.compile(
    r"^(?:(?:i|we)(?:'d| would)?\s+(?:think|believe|guess|say|choose|chose|pick|select|go with)"
    r"|my\s+(?:choice|pick|guess)\s+is)\s+"
    r"(?:that\s+)?(?:(?:it|this)(?:'s|\s+is)\s+)?",
    re.I,
)
_POINTER = re.compile(r"(?<=\S)\s*[(\[](?:see|as|from|cf\.?|refer to)\s[^()\[\]\d]{2,40}[)\]][.\s]*$", re.I)
"""To where the work is, behind an answer."""
_QUOTED = re.compile(r"[\"“«„`]\s*(?:[^\W\d_]+\s+){0,3}$")
_ALL_QUOTED = re.compile(r"\s*[\"“«„](?P<said>[^\"“”«»„]+)[\"”»“]\s*")
"""Small models quote their whole reply."""
_JSON = re.compile(
    r"\{[^{}\n]*\"(?:final_)?answer\"\s*:\s*(?:\"(?P<text>[^\"\n]{1,200})\"|(?P<bare>[-\w.]+))[^{}\n]*\}\s*$", re.I
)
QUOTES = ('"', "'", "“", "`", "«", "„")
Kinds = frozenset[str]
SAID: Kinds = frozenset({"number", "option", "yesno", "date"})
"""What a phrase in prose may bring."""


class Marked(NamedTuple):
    """What a draft says its answer is."""

    answer: ShortAnswer | None
    """None where it marks that there is none, or what cannot be one."""
    source: Literal["mark", "phrase"]
    raw: str | None = None
    """What stands behind a mark as it was written; None where a box or a phrase is all there is."""


def short_answer(
    text: str, *, phrases: Kinds | None = SAID, terms: Terms = NOTHING, question: str = ""
) -> ShortAnswer | None:
    """The short answer that a draft gives; None for an open-ended one. See `marked`."""
    found = marked(text, phrases=phrases, terms=terms, question=question)
    return found.answer if found else None


def marked(text: str, *, phrases: Kinds | None = SAID, terms: Terms = NOTHING, question: str = "") -> Marked | None:
    """What a draft says its answer is, and how; None where it says so nowhere.

    `phrases` are the kinds of answer that prose may bring, None being any; `terms` what the question tells of how
    to read it; a line that only repeats the `question` is no answer to it, unless it stands last.
    """
    text = _END_TOKEN.sub(" ", text[-TAIL:]).rstrip()
    prose = _own_words(_without_code(text), question)
    if lines := _lines(prose):
        *_, (at, value) = lines
        behind = prose[prose.find(value, at) + len(value) :]
        answer = _last_of([value for _, value in lines], terms)
        taken_back = taken_back_line().search(behind)
        if taken_back and not checked(answer, behind[taken_back.start() :], terms):
            behind = behind[taken_back.start() :]
            said = _said(behind, terms, phrases)
            answer = said or reconsidered(answer, behind, terms, partial(_settled, terms=terms))
        return Marked(answer, "mark", value)
    for value, is_box in _other_marks(prose):
        if answer := _settled(value, terms):
            return Marked(answer, "mark", None if is_box else value)
    said = _said(prose, terms, phrases)
    return Marked(said, "phrase") if said else None


@cache
def _before_label() -> re.Pattern[str]:
    """What may stand between the beginning of a line and its label: signs of markup, "my final"."""
    return re.compile(rf"[^\w\n]{{0,8}}(?:(?:{alternatives(words_of('final'))})[ \t]*){{0,3}}", re.I)


@cache
def _behind_label() -> re.Pattern[str]:
    """What stands behind it: a colon and the value, or for a heading nothing."""
    return re.compile(
        rf"(?:[ \t]*(?:{alternatives(words_of('final'))})){{0,3}}"
        r"(?:(?:[*_`\s]{0,4}[:：]|[*_`]{0,4}[ \t]+[=–—-](?=[ \t])|[*_`]{0,4}[】\]][:：]?)"
        r"[*_`]{0,4}[ \t]*(?P<value>[^\n]*)"
        r"|[*_`:：]{0,4}[ \t]*$)",
        re.I | re.M,
    )


def _without_code(text: str) -> str:
    """The text without its blocks of code; one that is never closed reaches to the end."""
    kept: list[str] = []
    fence = ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1].startswith(fence) and not line[mark.end() :].strip():
                fence = ""
        elif mark:
            fence = mark[1]
        else:
            kept.append(line)
    return "\n".join(kept).rstrip()


def _own_words(text: str, question: str) -> str:
    """The text without lines that quote, or that repeat one of the question's; its last line is its own in any case."""
    said = {line.strip() for line in question[-TAIL:].splitlines()} - {""}
    *lines, last = text.split("\n")
    return "\n".join([*(line for line in lines if line.strip() not in said and line.lstrip()[:1] != ">"), last])


def _lines(text: str) -> list[tuple[int, str]]:
    """Where the lines begin that the prompt asks for, and their values, in any language: models translate the label."""
    found: dict[int, str] = {}
    for start, end in places(text, words_of("answer"), MOST_LABELS):
        begin = text.rfind("\n", 0, start) + 1
        before = text[begin:start]
        behind = _behind_label().match(text, end) if len(before) <= LONGEST_BEFORE else None
        if behind is None or not _before_label().fullmatch(before):
            continue
        value = (behind["value"] or "").strip()
        is_there = value.strip("*_` ") and value not in _DISPLAYED
        found[begin] = _unbracketed(before, value) if is_there else _next_line(text, behind.end())
    for inside in list(_INSIDE.finditer(text))[-MOST_LABELS:]:
        if text.rfind("\n", 0, inside.start()) + 1 not in found:
            found[inside.start()] = _unbracketed(text[: inside.start()][-3:], inside["value"].strip())
    return [(at, value) for at, value in sorted(found.items()) if value]


def _unbracketed(before: str, value: str) -> str:
    """Without the bracket at its end that was opened before the label."""
    opened = before.rstrip("*_` ")[-1:]
    return value[:-1].rstrip() if opened in _BRACKETS and value.endswith(_BRACKETS[opened]) else value


def _last_of(values: list[str], terms: Terms) -> ShortAnswer | None:
    """What the last line says, unless the lines contradict each other too often to believe any."""
    answers = [_settled(value, terms) for value in values[-20:]]
    if len({answer.key for answer in answers if answer}) > MOST_CHANGES:
        return None
    return answers[-1]


def _other_marks(text: str) -> Iterator[tuple[str, bool]]:
    """The values of other marks, and whether a box is theirs."""
    if tagged := list(_TAGGED.finditer(text)):
        yield tagged[-1]["value"].strip(), False
    if closing := _JSON.search(text[-2 * LONGEST_VALUE :]):
        yield closing["text"] or closing["bare"], False
    hashes = [found["value"] for found in _HASHES.finditer(text)]
    if hashes and (answer := read(hashes[-1])) and answer.quantity:  # with four signs a heading is written as well
        yield hashes[-1], False
    boxed = last_boxed(text)
    if boxed is not None:
        yield boxed, True
    if hoped := list(_MINERVA.finditer(text)):
        yield hoped[-1]["value"], False


def _settled(value: str, terms: Terms) -> ShortAnswer | None:
    """What a marked value says, read behind its last correction; None for what settles no question."""
    value = _HOPE.sub("", value[:LONGEST_VALUE])
    if tagged := _TAGGED.search(value):
        value = tagged["value"].strip()
    value = _POINTER.sub("", value)
    value = _OPINION.sub("", _NOT_BUT.sub("", _uncontrasted(_tail().sub("", value), terms)))
    if inner := _announced(value):
        value = value[inner[-1][1] :]
    boxed = last_boxed(value)
    if boxed is not None:
        value = boxed
    elif better := corrected(value):
        value = better
    if not settles(value, terms.named):
        return None
    answer = read(value, terms)
    if answer is None or answer.kind in ("text", "algebra"):  # "42 because …", "42. That is six times seven."
        short = _sentence(value)
        found = read(short, terms) if value[len(short) : len(short) + 1] not in ("", ";", ",") else None
        answer = found if found and found.kind in SAID else answer
    return answer if answer is None or answer.kind != "text" or settles(answer.display, terms.named) else None


def _uncontrasted(value: str, terms: Terms) -> str:
    """The value without the answer that it is not. "All real numbers, but not 0" leaves one out."""
    found = _CONTRAST.search(value)
    if found is None or found["other"] is None:
        return value if found is None else value[: found.start()]
    kept, other = read(value[: found.start()], terms), read(found["other"], terms)
    return value[: found.start()] if kept and other and kept.kind == other.kind else value


@cache
def _tail() -> re.Pattern[str]:
    """A verb behind the answer, where languages put it there."""
    return re.compile(rf"(?<=\S)[ \t]*(?:{'|'.join(words_of('tail'))})[\s.。।!]*$", re.I)


@cache
def _announcing() -> dict[str, re.Pattern[str]]:
    """What makes of each noun an announcement, up to where the answer begins: "… is", "…:" in its languages."""
    speaking: dict[str, list[Language]] = {}
    for each in languages().values():
        for noun in (*each.answer, *each.result, *each.option):
            speaking.setdefault(noun, []).append(each)
    return {noun: _announcement(known) for noun, known in speaking.items()}


def _announcement(known: list[Language]) -> re.Pattern[str]:
    final = alternatives(word for each in known for word in each.final)
    copula = alternatives(word for each in known for word in each.copula)
    return re.compile(
        rf"(?:[ \t]*(?:{final})){{0,3}}(?:[ \t]+to[ \t]+(?:the|this|that|your)[ \t]+\w+)?"
        rf"[*_ \t]*(?:[:：]|(?:{copula})[ \t]*[:：]?)[*_ \t]*(?=\S)",
        re.I,
    )


def _announced(text: str) -> list[tuple[int, int]]:
    """Where an answer is announced, "the final answer is" and "option:" in any language; and where it begins."""
    found: dict[int, int] = {}
    for noun, behind in _announcing().items():
        for start, end in places(text, (noun,), MOST_LABELS):
            if announced := behind.match(text, end):
                found[start] = max(announced.end(), found.get(start, 0))
    return sorted(found.items())


def _said(text: str, terms: Terms, kinds: Kinds | None) -> ShortAnswer | None:
    """The last "the answer is" of a text, taken back where what follows takes it back."""
    if whole := _ALL_QUOTED.fullmatch(text):
        text = whole["said"]
    for start, begin in reversed(_announced(text)):
        before = text[max(0, start - 40) : start]
        if before[-1:] in QUOTES or _QUOTED.search(before) or _supposed().search(before):
            continue
        line = text[begin : begin + LONGEST_VALUE].split("\n", 1)[0]
        value = _sentence(line)
        answer = _settled(value, terms)
        if (taken_back := correction().search(line, len(value))) and taken_back.start() <= len(value) + 3:
            doubt = line[taken_back.start() :].lstrip(" .,;!?…–—-(")
            better = _settled(corrected(line), terms)
            if better and (better.kind in SAID or (kinds is None and corrected(line)[:1].isupper())):
                answer = better
            else:
                answer = reconsidered(answer, doubt, terms, partial(_settled, terms=terms))
        if answer and (kinds is None or (_brings(answer, kinds) and _is_all(answer, value))):
            return answer
        if answer or value[:1].isdigit():
            return None
    return option_sentence(text)


@cache
def _supposed() -> re.Pattern[str]:
    """What makes a supposition of an answer: "if the answer is 12"."""
    return re.compile(rf"(?<!-)(?:{alternatives(words_of('supposing'))})\s*(?:[^\W\d_]+\s+){{0,2}}$", re.I)


def _brings(answer: ShortAnswer, kinds: Kinds) -> bool:
    """Whether it is of these kinds: "Article 5" is a number as well."""
    named = answer.kind == "text" and any(part.kind == "number" for part in answer.parts)
    return answer.kind in kinds or (named and "number" in kinds)


def _is_all(answer: ShortAnswer, value: str) -> bool:
    """Whether the value is the answer and little else: "5 years ago people thought so" is none."""
    return len(value.split()) <= 6 or answer.kind == "option"


_OPTION_SENTENCES = (
    re.compile(r"(?:故|应|應|答案)?[选選]\s*[:：]?\s*(?P<letter>[A-J])(?![A-Za-z])"),
    re.compile(
        r"^[ \t]{0,40}[*_(]{0,6}\(?(?P<letter>[A-J])\)[*_]{0,4}[.,:]?[ \t]+"
        r"(?:because|since|as|is (?:correct|right|the))\b",
        re.M,
    ),
    re.compile(
        r"\b(?:option|choice|alternative)[ \t]+[*_(]{0,6}(?P<letter>[A-J])[*_)]{0,6}[ \t]+is[ \t]+(?:the[ \t]+)?"
        r"(?:correct|right|best)\b",
        re.I,
    ),
    re.compile(
        r"\bI(?:'d| would| will|'ll)?[ \t]+(?:choose|pick|select|go with|chose)[ \t]+(?:option[ \t]+)?"
        r"[*_(]{0,6}(?P<letter>[A-J])[*_)]{0,6}"
        r"(?=[.,;!\n]|$)"
    ),
    re.compile(
        r"(?<![\w(])[*_]{0,4}\((?P<letter>[A-J])\)[*_]{0,4}[ \t]+is[ \t]+(?:the[ \t]+)?(?:correct|right|best)\b"
    ),
)


def option_sentence(text: str) -> ShortAnswer | None:
    """ "(B) because", "Option B is correct": the letter that all such sentences of a text name."""
    letters = {found["letter"].upper() for form in _OPTION_SENTENCES for found in form.finditer(text)}
    return read(f"({letters.pop()})") if len(letters) == 1 else None


def _next_line(text: str, at: int) -> str:
    """The line behind a bare label; none where a list begins there, of which one item is not the answer."""
    lines = [line for line in text[at : at + 2000].splitlines() if line.strip() and line.strip() not in _DISPLAYED][:2]
    if len(lines) == 2 and all(_BULLET.match(line) for line in lines):
        return ""
    return lines[0].strip() if lines else ""


def last_boxed(text: str) -> str | None:
    r"""The content of the last complete `\\boxed{…}`, braces balanced; of "\\boxed{3} or \\boxed{-3}" both."""
    following: str | None = None
    at = 0
    for found in reversed(list(_BOXED.finditer(text))[-MOST_BOXES:]):
        end = _closing(text, found.end())
        if end is None:
            continue
        content = text[found.end() : end]
        if following is None:
            following, at = content, found.start()
        elif _BETWEEN_BOXES.fullmatch(text, end + 1, at):
            following, at = f"{content}, {following}", found.start()
        else:
            break
    return following


def _closing(text: str, begin: int) -> int | None:
    """Where the brace closes that was opened before `begin`."""
    depth = 1
    for index in range(begin, min(len(text), begin + 400)):
        depth += {"{": 1, "}": -1}.get(text[index], 0)
        if depth == 0:
            return index
    return None


def _sentence(text: str) -> str:
    """Up to the end of the sentence; a point between digits ends none."""
    return SENTENCE_END.split(text, maxsplit=1)[0].strip()
