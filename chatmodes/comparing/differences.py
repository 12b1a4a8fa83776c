"""How two answers differ, word by word, and which of their paragraphs belong together.

Both the columns on screen and the published page ask here: two word-splitters would colour the same pair differently.
"""

import re
from difflib import SequenceMatcher
from typing import Literal

import msgspec

Kind = Literal["same", "removed", "added"]

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
_CLOSE = 0.25
"""Paragraphs that share fewer of their words than this are not the same paragraph told differently."""
_EXACT_LIMIT = 6000
"""Words on both sides together up to which the whole texts are compared. SequenceMatcher is quadratic: 6,000 words take
about 0.3 s; longer texts are compared line by line, and word by word within the lines that changed."""


class Span(msgspec.Struct, frozen=True):
    """A piece of text that both have, only the left has (removed) or only the right has (added)."""

    kind: Kind
    text: str


def word_diff(left: str, right: str) -> list[Span]:
    """What turns `left` into `right`: joined without the added spans it is `left`, without the removed ones `right`."""
    if left == right:
        return [Span("same", left)] if left else []
    a, b = _WORD.findall(left), _WORD.findall(right)
    if len(a) + len(b) <= _EXACT_LIMIT:
        return _merged(_spans(a, b))
    spans: list[Span] = []
    lines_a, lines_b = left.splitlines(keepends=True), right.splitlines(keepends=True)
    for tag, i, j, k, m in SequenceMatcher(None, lines_a, lines_b, autojunk=False).get_opcodes():
        old, new = "".join(lines_a[i:j]), "".join(lines_b[k:m])
        words = _WORD.findall(old), _WORD.findall(new)
        if tag == "equal":
            spans.append(Span("same", old))
        elif len(words[0]) + len(words[1]) <= _EXACT_LIMIT:
            spans += _spans(*words)
        else:
            spans += [Span("removed", old), Span("added", new)]
    return _merged(spans)


def _spans(a: list[str], b: list[str]) -> list[Span]:
    spans: list[Span] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            spans.append(Span("same", "".join(a[i:j])))
        else:
            spans += [Span("removed", "".join(a[i:j])), Span("added", "".join(b[k:m]))]
    return spans


def _merged(spans: list[Span]) -> list[Span]:
    """Neighbours of one kind joined, empty ones left out."""
    merged: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        if merged and merged[-1].kind == span.kind:
            merged[-1] = Span(span.kind, merged[-1].text + span.text)
        else:
            merged.append(span)
    return merged


def paragraphs(text: str) -> list[str]:
    """Blocks between blank lines; a code fence is one block, whatever blank lines it has."""
    blocks: list[str] = []
    current: list[str] = []
    fence = ""
    for line in text.splitlines():
        mark = re.match(r" {0,3}(```+|~~~+)", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        if line.strip() or fence:
            current.append(line)
        elif current:
            blocks.append("\n".join(current))
            current = []
    if current:
        blocks.append("\n".join(current))
    return blocks


def align(left: list[str], right: list[str]) -> list[tuple[int | None, int | None]]:
    """Pairs of paragraph indices that say the same thing, in reading order; None where one side has no counterpart.

    Needleman and Wunsch's global alignment (J. Mol. Biol. 48, 1970) over the word overlap of paragraphs.
    """
    if len(left) * len(right) > 40_000:  # 200 paragraphs each; beyond that position is as good a guide
        count = max(len(left), len(right))
        return [(i if i < len(left) else None, i if i < len(right) else None) for i in range(count)]
    bags_a, bags_b = [_bag(p) for p in left], [_bag(p) for p in right]
    score = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    match = [[0.0] * len(right) for _ in left]
    for i, a in enumerate(bags_a):
        for j, b in enumerate(bags_b):
            dice = 2 * len(a & b) / ((len(a) + len(b)) or 1)
            match[i][j] = dice if dice >= _CLOSE else 0.0
            score[i + 1][j + 1] = max(score[i][j] + match[i][j], score[i][j + 1], score[i + 1][j])
    return _traced(score, match)


class Pair(msgspec.Struct, frozen=True):
    """Two paragraphs that say the same thing, or one without a counterpart, with what changed between them."""

    left: str
    """Empty where only the right has the paragraph."""
    right: str
    spans: tuple[Span, ...]


def paragraph_diff(left: str, right: str) -> list[Pair]:
    """Word by word within paragraphs that belong together, whole paragraphs where they do not.

    Two answers written independently share few words in order: compared as one text, the common ones ("the", "is")
    would match across paragraphs and cut both into confetti.
    """
    a, b = paragraphs(left), paragraphs(right)
    pairs: list[Pair] = []
    for i, j in align(a, b):
        old, new = a[i] if i is not None else "", b[j] if j is not None else ""
        pairs.append(Pair(old, new, tuple(word_diff(old, new))))
    return pairs


def _traced(score: list[list[float]], match: list[list[float]]) -> list[tuple[int | None, int | None]]:
    i, j = len(score) - 1, len(score[0]) - 1
    pairs: list[tuple[int | None, int | None]] = []
    while i or j:
        if i and j and match[i - 1][j - 1] and score[i][j] == score[i - 1][j - 1] + match[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif j and (not i or score[i][j] == score[i][j - 1]):
            j -= 1
            pairs.append((None, j))
        else:
            i -= 1
            pairs.append((i, None))
    return pairs[::-1]


def _bag(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
