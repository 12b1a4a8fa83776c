"""LaTeX as far as one line of Unicode can show it: Greek, operators, scripts, fractions, roots, accents.

What a terminal cannot show (matrices, arrows with texts, macros of the model's own) is left as its source, whole: half
a formula would say something else. No library does this in one line: those that there are leave braces out without
saying what they held together, so that `x^{n+1}` became `x^n+1`.
"""

import re
from functools import lru_cache

from chatmodes.tui.markdown.symbols import (
    ACCENTS,
    BLACKBOARD,
    FRACTIONS,
    FUNCTIONS,
    RELATIONS,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    SYMBOLS,
)

DEEPEST = 30
"""Groups within groups; what lies deeper is shown as its source."""
_DELIMITERS = (("\\(", "\\)"), ("\\[", "\\]"), ("$$", "$$"), ("$", "$"))
_TOKEN = re.compile(r"\\[a-zA-Z]+\*?|\\.|[{}^_&~']|\s+|.", re.DOTALL)
_LINES = ("aligned", "align", "align*", "equation", "equation*", "gathered", "gather", "gather*", "split", "cases")
_PLAIN = frozenset(
    "mathrm mathbf mathit mathsf mathtt mathcal mathscr mathfrak boldsymbol bm operatorname text textbf textit textrm"
    " mbox mathop displaystyle".split()
)
_SPACES = {"\\,": " ", "\\;": " ", "\\:": " ", "\\!": "", "\\ ": " ", "\\quad": "  ", "\\qquad": "  ", "~": " "}
_NOTHING = frozenset(
    "\\displaystyle \\textstyle \\limits \\nolimits \\big \\Big \\bigg \\Bigg \\bigl \\bigr \\Bigl \\Bigr \\middle"
    " \\nonumber \\notag &".split()
)
_ESCAPED = frozenset("\\{ \\} \\$ \\% \\& \\# \\_".split())
_ATOM = re.compile(r"[\w.∞′°∂∇\u0300-\u036f\u20d7²³¹⁰-ₜ½⅓¼]+|\([^()]*\)|√\w+")
_SINGLE = re.compile(r"\w[\u0300-\u036f\u20d7²³¹⁰-ₜ]*|√\w")


class _BeyondALineError(Exception):
    """Something that one line cannot show."""


@lru_cache(2_048)
def unicode_formula(source: str) -> str:
    """A formula with its delimiters as text of one or more lines; the source where it cannot be shown whole."""
    opening, closing = next((pair for pair in _DELIMITERS if source.startswith(pair[0])), ("", ""))
    inner = source[len(opening) : len(source) - len(closing)]
    try:
        drawn = _Reader(_TOKEN.findall(inner)).sequence(0)
    except _BeyondALineError:
        return source
    lines = (re.sub(r" {3,}", "  ", line).strip() for line in drawn.split("\n"))
    return "\n".join(line for line in lines if line) or source


class _Reader:
    """The tokens of a formula, read once from the left."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens, self._at = tokens, 0

    def _next(self) -> str:
        if self._at >= len(self._tokens):
            raise _BeyondALineError
        self._at += 1
        return self._tokens[self._at - 1]

    def sequence(self, depth: int, end: str = "") -> str:
        """Everything up to `end`, which is taken too; up to the formula's end without one."""
        if depth > DEEPEST:
            raise _BeyondALineError
        out = ""
        while self._at < len(self._tokens):
            token = self._next()
            if token == end:
                return out
            out = _joined(out, self._one(token, depth))
        if end:
            raise _BeyondALineError
        return out

    def _one(self, token: str, depth: int) -> str:
        if token.isspace():
            return " "
        match token:
            case "{":
                return self.sequence(depth + 1, "}")
            case "}":
                raise _BeyondALineError
            case "^" | "_":
                return _script(token, self._argument(depth))
            case "'":
                return "′"
            case "-":
                return "−"
            case "\\\\":
                return "\n"
            case _ if token in _SPACES:
                return _SPACES[token]
            case _ if token in _NOTHING:
                return ""
            case _ if token in _ESCAPED:
                return token[1:]
            case _ if token.startswith("\\") and len(token) > 1:
                return self._command(token[1:], depth)
            case _:
                return token

    def _argument(self, depth: int) -> str:
        """A group or a single token, as macros and scripts take it."""
        token = self._next()
        while token.isspace():
            token = self._next()
        return self._one(token, depth + 1).strip()

    def _option(self, depth: int) -> str:
        """What stands in brackets before the argument; empty where nothing does."""
        if self._at < len(self._tokens) and self._tokens[self._at] == "[":
            self._at += 1
            return self.sequence(depth + 1, "]")
        return ""

    def _command(self, name: str, depth: int) -> str:
        if name in SYMBOLS:
            return SYMBOLS[name]
        if name in RELATIONS:
            return f" {RELATIONS[name]} "
        if name in FUNCTIONS:
            follows = self._tokens[self._at][:1] if self._at < len(self._tokens) else ""
            return f"{name} " if follows.isalnum() or follows == "\\" else name
        if name in _PLAIN:
            return self._text() if name.startswith(("text", "mbox")) else self._argument(depth)
        if name in ACCENTS:
            return _accented(self._argument(depth), ACCENTS[name])
        match name:
            case "frac" | "dfrac" | "tfrac" | "cfrac":
                return _fraction(self._argument(depth), self._argument(depth))
            case "sqrt":
                return _root(self._option(depth), self._argument(depth))
            case "binom" | "dbinom" | "tbinom":
                return f"C({self._argument(depth)}, {self._argument(depth)})"
            case "mathbb":
                return "".join(BLACKBOARD.get(char, char) for char in self._argument(depth))
            case "boxed" | "fbox":
                return f"[{self._argument(depth)}]"
            case "pmod":
                return f" (mod {self._argument(depth)})"
            case "not":
                return _accented(self._argument(depth), "\u0338")
            case "left" | "right":
                mark = self._next()
                return "" if mark == "." else self._one(mark, depth)
            case "begin" | "end":
                if self._text() not in _LINES:
                    raise _BeyondALineError
                return "\n"
            case _:
                raise _BeyondALineError

    def _text(self) -> str:
        """A group's characters as they are."""
        if self._next() != "{":
            raise _BeyondALineError
        out: list[str] = []
        while (part := self._next()) != "}":
            if part == "{" or (part.startswith("\\") and part not in _ESCAPED):
                raise _BeyondALineError
            out.append(part.removeprefix("\\"))
        return "".join(out)


def _joined(before: str, piece: str) -> str:
    """Two pieces, with one space where both bring theirs."""
    return before.rstrip(" ") + piece if piece[:1] == " " and before[-1:] == " " else before + piece


def _atomic(text: str) -> bool:
    return _ATOM.fullmatch(text) is not None


def _grouped(text: str) -> str:
    return text if _atomic(text) else f"({text})"


def _script(kind: str, text: str) -> str:
    """Raised or lowered where each of its characters can be, otherwise behind the sign and held together."""
    table = SUPERSCRIPTS if kind == "^" else SUBSCRIPTS
    close = text.replace(" ", "")
    if close and all(char in table for char in close):
        return "".join(table[char] for char in close)
    if not text:
        return ""
    return f"{kind}{text}" if len(text) == 1 else f"{kind}{_grouped(text) if text[0] == '(' else f'({text})'}"


def _fraction(above: str, below: str) -> str:
    if known := FRACTIONS.get(f"{above}/{below}"):
        return known
    # What multiplies below the bar has to stay there; a differential is read as one thing.
    alone = below.isdecimal() or _SINGLE.fullmatch(below) or (below[:1] in ("d", "∂") and len(below) == 2)
    return f"{_grouped(above)}/{below if alone or (below[:1] == '(' and _atomic(below)) else f'({below})'}"


def _root(degree: str, text: str) -> str:
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree) or f"{_script('^', degree)}√"
    return f"{sign}{text}" if text.isalnum() else f"{sign}({text})"


def _accented(text: str, accent: str) -> str:
    """The accent on a single character; one that spans more has no form of its own."""
    if len(text) != 1:
        raise _BeyondALineError
    return text + accent
