"""LaTeX in running text: where it begins and ends, for Markdown takes its backslashes and underscores for its own.

The screen draws it in Unicode, a page in MathML; what is copied of a whole answer is its source.
"""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline

DELIMITERS = (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$"))
MOST = 2_000
"""Characters of a formula: an opening that nothing closes is looked at no further."""
_PAIRS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
# A dollar is money or a shell's variable more often than not: both ends touch the formula, no number and no name
# follows, and inside is a sign that only formulas have, or a single letter.
_DOLLARS = re.compile(r"\$(?=[^\s$])((?:[^$\n\\]|\\.){1,300})(?<=[^\s])\$(?![\w$])")
_SURE = re.compile(r"\\[a-zA-Z]|[_^=]")


def use_math(parser: MarkdownIt) -> None:
    """Teach a parser to leave formulas alone; they become tokens of type `math`."""
    parser.inline.ruler.before("escape", "math", _math)


def _math(state: StateInline, silent: bool) -> bool:
    end = _end(state.src, state.pos, state.posMax)
    if not end:
        return False
    if not silent:
        state.push("math", "", 0).content = state.src[state.pos : end]
    state.pos = end
    return True


def _end(text: str, start: int, last: int) -> int:
    """Behind the formula that begins here; 0 where none does."""
    if text[start] not in "\\$":
        return 0
    opening = text[start : start + 2]
    if closing := _PAIRS.get(opening):
        found = text.find(closing, start + 2, min(last, start + MOST))
        return found + 2 if found > start + 2 else 0
    found = _DOLLARS.match(text, start, last)
    if found is None or not (_SURE.search(found[1]) if len(found[1]) > 1 else found[1].isalpha()):
        return 0
    return found.end()
