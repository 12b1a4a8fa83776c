r"""Markup, LaTeX and typography taken off an answer, so that the readers behind see plain ASCII-like text.

One place for it: `**\$1{,}234**`, `１２３４` and `\frac{1}{2}` must reach every reader in the same shape.
"""

import re
import unicodedata
from fractions import Fraction

_SUPERSCRIPTS = str.maketrans({**dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789", strict=True)), "⁻": "-", "⁺": "+"})
_SUBSCRIPT_RUN = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_GREEK = (
    "alpha α beta β gamma γ delta δ epsilon ε varepsilon ε zeta ζ eta η theta θ iota ι kappa κ lambda λ mu μ nu ν xi ξ "
    "rho ρ sigma σ tau τ upsilon υ phi φ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ Xi Ξ Pi Π"
    " Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω"
).split()
_SUPERSCRIPT_RUN = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+")
_VULGAR = re.compile("[¼½¾⅐-⅞↉]")
_SIGNS = str.maketrans(
    {
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2013": "-",
        "\u2236": ":",
        "\u27f6": "\u2192",
        "\u2044": "/",
        "\u2215": "/",
        "\u00f7": "/",
        "\u00d7": "*",
        "\u22c5": "*",
        "\u00b7": "*",
        "\u066b": ".",  # Arabic decimal separator
        "\u066c": ",",  # Arabic thousands separator
        "\u066a": "%",
        "\u3001": ",",
        "\u3002": ".",
        "\u2019": "'",
        "\u2018": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2264": "<=",
        "\u2265": ">=",
        "\u2a7d": "<=",
        "\u2a7e": ">=",
        "\u2260": "!=",
        "\u00b1": "+-",
        "\u03c0": " pi ",
        "\u221e": "infinity",
        "\u200b": None,
        "\u200e": None,
        "\u200f": None,
        "\ufeff": None,
    }
)
_LATEX_WORDS = {
    **dict(zip(_GREEK[::2], _GREEK[1::2], strict=True)),
    "neg": "¬",
    "lnot": "¬",
    "wedge": " ∧ ",
    "vee": " ∨ ",
    "emptyset": "∅",
    "varnothing": "∅",
    "notin": " ∉ ",
    "subset": " ⊂ ",
    "subseteq": " ⊆ ",
    "forall": "∀",
    "exists": "∃",
    "langle": "⟨",
    "rangle": "⟩",
    "cdot": "*",
    "times": "*",
    "div": "/",
    "pi": " pi ",
    "infty": "infinity",
    "degree": "°",
    "circ": "°",
    "approx": "≈",
    "le": "<=",
    "leq": "<=",
    "leqslant": "<=",
    "lt": "<",
    "ge": ">=",
    "geq": ">=",
    "geqslant": ">=",
    "gt": ">",
    "ne": "!=",
    "neq": "!=",
    "in": " ∈ ",
    "cup": " ∪ ",
    "cap": " ∩ ",
    "mid": "|",
    "to": " → ",
    "rightarrow": " → ",
    "lor": " ∨ ",
    "land": " ∧ ",
    "pm": "+-",
    "quad": " ",
    "qquad": " ",
    "left": "",
    "right": "",
    "displaystyle": "",
    "dots": "...",
    "ldots": "...",
}
_WRAPPERS = re.compile(r"\\(?:ce|text|textbf|textit|mathrm|mathbf|mathit|mbox|operatorname|boxed|fbox)\s*\{([^{}]*)\}")
_FRACTION = re.compile(r"\\[dtc]?frac\s*(?:\{([^{}]*)\}|(\d))\s*(?:\{([^{}]*)\}|(\d))")
_ROOT = re.compile(r"\\sqrt\s*(?:\{([^{}]*)\}|(\w))")
_SINGLE = re.compile(r"[\d.]+|[^\W\d_]|sqrt\([^()]*\)")
_SIMPLE = re.compile(r"-?[\d.,]+")
_BULLET = re.compile(
    r"^(?:[#•]+\s+|>+\s+(?![\d(.$€£¥₹\\=])|-{2,}\s+"
    r"|-\s+(?=\*\*|__|\(?[A-J](?:[).:]|$)|(?!sqrt|pi\b|infinity|inf\b)[^\W\d_]{2,}))+"
)
"""A sign before a number or a formula is never one: "- 5" is -5, and "> 5" is more than 5."""
_UNARY = re.compile(r"(^|[=(\[{,:;<>])(\s*[-+])\s+(?=[\w(.$€£¥₹])")
_SETS = re.compile("[ℂℕℚℝℤ]")
"""Sets of numbers, which without their second stroke are options."""
_DEGREE = re.compile(r"(?<=\d)\s?º(?!\w|\s+[^\W\d_]{2})")
"""The sign of an ordinal, which keyboards have in place of the degree's; before a word, "1º lugar", it is one."""
_TYPED = {
    "+/-": "+-",
    "--->": "\u2192",
    "-->": "\u2192",
    "->": "\u2192",
}
"""Signs as keyboards have them."""
_POWERS = re.compile(r"(?:[^*]|(?<!\*)\*(?!\*)|(?<=[\w)])\s?\*\*(?=\s?[\w(-]))+")
"""No two stars but between a base and its exponent: Markdown opens with two that have no base."""
_DASH = re.compile(r"(?<=\d)\s?\u2014\s?(?=\d)")
_STRUCK = re.compile(r"~~[^~\n]{1,80}~~(?=\s*\S)")
_REPEATING = re.compile(
    r"(?<![\d.\w])(?P<whole>\d{1,15})\.(?P<once>\d{0,15})\\(?:overline|bar|dot)\s*\{?(?P<again>\d{1,15})\}?"
    r"|^(?P<sign>[-+]?)(?P<before>\d{1,15})\.(?P<fixed>\d{0,2})\((?P<repeated>\d{1,15})\)$"
)
"""0.1(6) only where it is all there is: within a formula it is a product, and 6.674(30) is as exact as it says."""
_COMMON_DENOMINATOR = 99
"""Of what repeats behind a whole number, as in 1.1(6), which is 7/6; 5.67(8) is uncertain in its last digit."""
_UNCERTAIN = re.compile(r"^(?P<value>[-+]?\d{1,15}\.(?P<decimals>\d{3,15}))\((?P<by>\d{1,3})\)$")
_MATRIX = re.compile(r"\\begin\s*\{(?P<kind>[pbB]?matrix)\}(?P<rows>.*?)\\end\s*\{(?P=kind)\}", re.S)
_VECTOR_NAME = re.compile(r"\\(?:vec|overrightarrow|mathbf)\s*\{?([A-Za-z])\}?(?=\s*=)")
_NTH_ROOT = re.compile(r"\\sqrt\s*\[\s*(\d{1,2})\s*\]\s*(?:\{([^{}]*)\}|(\w))")
_ROOT_SIGNS = re.compile(r"([∛∜])\s*(?:\(([^()]*)\)|(\d+(?:\.\d+)?|[a-z]))")
_FACTORS = re.compile(r"[\w^.]+(?:\([^()]*\)[\w^]*)*|(?:\([^()]*\)[\w^]*)+")
_ESCAPE = re.compile(r"\\[nrtbfav0\\]")
"""A line break as code has it, which is no letter."""
_ANGLED = re.compile(r"^\$?<(\s*[-\d./ ]+(?:,\s*[-\d./ ]+){1,9})>\$?$")
"""A vector as keyboards have it."""
_FEET = re.compile(r"(?<![\w'])(\d{1,2}) ?['\u2032] ?(\d{1,2}(?:\.\d+)?) ?(?:\"|\u2032\u2032|'')")
_EMPHASIS = re.compile(r"(?<![\w)*])\*(?=[^\s*])([^*]{1,200}?)(?<=[^\s*])\*(?![\w(*])")
_EXPONENT_GROUP = re.compile(r"\^(?:\{([^{}]*)\}|\(([^()]*)\))")
_ATOM = re.compile(r"[-+]?(?:\d+|[^\W\d_])|\d?[-+]")
_SHORT_EXPONENT = re.compile(r"\^\{\s*([-+]?(?:\d+|[^\W\d_])|\d?[-+])\s*\}")
_ROOT_SIGN = re.compile(r"√\s*(?:\(([^()]*)\)|(\d+(?:\.\d+)?|[a-z]))")
LIMIT = 400
"""Characters looked at: a short answer is far below it, and no pattern here sees more of a hostile text."""


def tidy(text: str) -> str:
    """The answer as one line of plain text: no Markdown, no LaTeX, ASCII digits, single spaces."""
    text = text[:LIMIT].strip()
    if _ESCAPE.fullmatch(text):
        return text
    text = _VULGAR.sub(lambda m: _apart(m, unicodedata.normalize("NFKC", m[0]).replace("\u2044", "/") + " "), text)
    text = _SUPERSCRIPT_RUN.sub(lambda m: "^" + m[0].translate(_SUPERSCRIPTS), text)
    text = _DEGREE.sub("°", _SETS.sub(lambda m: f"mathbb{{{unicodedata.normalize('NFKC', m[0])}}}", text))
    text = _SUBSCRIPT_RUN.sub(lambda m: "_" + unicodedata.normalize("NFKC", m[0]), text)
    text = unicodedata.normalize("NFKC", text).translate(_SIGNS)
    text = "".join(_ascii_digit(c) for c in text)
    text = _BULLET.sub("", text.strip())  # while a minus before "\\frac" or "\\text" is still seen to be one
    text = _ANGLED.sub(r"⟨\1⟩", text)
    text = _FEET.sub(r"\1 ft \2 in", text)  # before quotation marks come off
    text = _ROOT_SIGN.sub(lambda m: f"sqrt({m[1] or m[2]})", text)
    text = _ROOT_SIGNS.sub(lambda m: f"({m[2] or m[3]})^(1/{3 if m[1] == '∛' else 4})", text)
    text = _UNCERTAIN.sub(_uncertain, _REPEATING.sub(_fraction, text.replace("{,}", ",")))
    if "\\" in text or "$" in text:
        text = _plain_latex(text)
    for typed, sign in _TYPED.items():
        text = text.replace(typed, sign)
    if _POWERS.fullmatch(text):
        text = text.replace("**", "^")
    text = re.sub(r"\*\*|__|`+|~~", "", _STRUCK.sub("", text))
    text = _EMPHASIS.sub(r"\1", text)
    text = _EXPONENT_GROUP.sub(_exponent, _DASH.sub("-", text)).replace("≈", "~")
    text = re.sub(r"°\s+(?=[CFK]\b)", "°", re.sub(r"°(?=[NSEW]\b)", "° ", text))
    text = _UNARY.sub(r"\1\2", re.sub(r"\s+", " ", text).strip())
    return _unquoted(text.removesuffix(".").rstrip()).removesuffix(".").rstrip()


def _fraction(found: re.Match[str]) -> str:
    """A decimal that repeats, as the fraction it is: 0.1\\overline{6} is 1/6."""
    whole, once = found["whole"] or found["before"], found["once"] or found["fixed"] or ""
    again = found["again"] or found["repeated"]
    value = Fraction(int(whole + once + again) - int(whole + once), 10 ** len(once) * (10 ** len(again) - 1))
    if found["repeated"] and once and whole != "0" and value.denominator > _COMMON_DENOMINATOR:
        return f"{found['sign'] or ''}{whole}.{once}+-{_last_digits(once, again)}"
    return f"{found['sign'] or ''}{value} "


def _uncertain(found: re.Match[str]) -> str:
    return f"{found['value']}+-{_last_digits(found['decimals'], found['by'])}"


def _last_digits(decimals: str, by: str) -> str:
    """How much the last digits are uncertain by: of 5.67(8) it is 0.08."""
    whole = by.rjust(len(decimals) + 1, "0")
    return f"{whole[: -len(decimals)]}.{whole[-len(decimals) :]}"


def _unquoted(text: str) -> str:
    """Without the quotation marks around it; a single stroke behind a letter is a prime, unless one opened it."""
    text = text.strip('"“”«»„ ')
    while len(text) > 2 and text[0] == text[-1] == "'":
        text = text[1:-1].strip()
    return text


def _exponent(found: re.Match[str]) -> str:
    """One sign, letter or number needs no braces; of anything longer they are parentheses."""
    inner = (found[1] or found[2] or "").strip()
    if not inner:
        return ""
    return f"^{inner}" if _ATOM.fullmatch(inner) else f"^({inner})"


def _ascii_digit(char: str) -> str:
    if char.isascii() or not char.isdecimal():
        return char
    return str(unicodedata.decimal(char))


def _plain_latex(text: str) -> str:
    text = _VECTOR_NAME.sub(r"\1", _MATRIX.sub(_rows, text))
    text = text.replace(r"\$", "\u0001").replace(r"\%", "%")
    text = re.sub(r"\\[()\[\]]|\$\$", " ", text)
    text = re.sub(r"(?<!\\)\\ (?=\\?\{)", r"\\setminus ", text)
    text = re.sub(r"\\[dt]binom", r"\\binom", text.replace(r"\mathcal{O}", "O"))
    text = re.sub(r"\{\s*(\w+)\s*\\choose\s*(\w+)\s*\}", r"\\binom{\1}{\2}", text)
    text = re.sub(r"\\([{}])", r"\1", text)
    text = re.sub(r"\$([^$]*)\$", r"\1", text)
    text = text.replace("\u0001", "$")
    for _ in range(4):  # nested groups come off from the inside; four levels are more than an answer has
        before = text
        text = _SHORT_EXPONENT.sub(r"^\1", text)
        text = _WRAPPERS.sub(lambda m: _apart(m, m[1]), text)
        text = _FRACTION.sub(_over, text)
        text = _NTH_ROOT.sub(lambda m: f"({m[2] or m[3]})^(1/{m[1]})", text)
        text = _ROOT.sub(lambda m: f"sqrt({m[1] or m[2]})", text)
        if text == before:
            break
    text = re.sub(r"\^\s*\{?\s*\\(?:circ|degree)\s*\}?", "°", text)
    text = re.sub(r"\\([A-Za-z]+)", lambda m: _LATEX_WORDS.get(m[1], f" {m[1]}"), text)
    text = re.sub(r"(?<=\d)~(?=[\d\s])", " ", text.replace(r"\!", ""))  # \! takes space away
    return re.sub(r"\\[,;:> ]|~(?=\s)|\\\\", " ", text)


def _rows(found: re.Match[str]) -> str:
    """A matrix as code has it, which its brackets do not change."""
    rows = [row for row in found["rows"].split(r"\\") if row.strip()]
    return "[" + ", ".join("[" + ", ".join(cell.strip() for cell in row.split("&")) + "]" for row in rows) + "]"


def _over(match: re.Match[str]) -> str:
    top, bottom = (match[1] or match[2] or "").strip(), (match[3] or match[4] or "").strip()
    if _SIMPLE.fullmatch(top) and _SIMPLE.fullmatch(bottom):
        sign = "-" if top.startswith("-") != bottom.startswith("-") else ""
        return _apart(match, f"{sign}{top.lstrip('-')}/{bottom.lstrip('-')} ")
    whole = f"{top if _FACTORS.fullmatch(top) else _grouped(top)}/{_grouped(bottom)}"
    is_divisor = match.string[: match.start()].rstrip().endswith(("/", "^"))
    return f"({whole})" if is_divisor else _apart(match, whole)


def _grouped(part: str) -> str:
    """In parentheses, unless it is one number, letter or root."""
    return part if _SINGLE.fullmatch(part) else f"({part})"


def _apart(match: re.Match[str], text: str) -> str:
    """`text` apart from what stands before it (1½ is no 11/2), unless that is a sign."""
    return text if match.string[: match.start()].endswith(("-", "\u2212", "+")) else f" {text}"
