"""One short answer, read once into a canonical form, and when two of them are the same."""

import re
import unicodedata
from fractions import Fraction
from functools import cache
from typing import Literal

import msgspec

from chatmodes.modes.answers.dates import clock_key, date_keys
from chatmodes.modes.answers.languages import words_of
from chatmodes.modes.answers.numbers import Quantity, quantity
from chatmodes.modes.answers.relations import Bounds, bounds, changes_meaning, compared
from chatmodes.modes.answers.senses import opposed, senses
from chatmodes.modes.answers.style import PLAIN, Style, plainly
from chatmodes.modes.answers.tidy import tidy
from chatmodes.modes.answers.units import SIGNS, may_be
from chatmodes.modes.answers.words import ORDINALS

Kind = Literal["number", "option", "yesno", "date", "list", "relation", "algebra", "text"]


class ShortAnswer(msgspec.Struct, frozen=True):
    """What a draft answers, comparable with what other drafts answer."""

    kind: Kind
    key: str
    """Equal keys are equal answers; unequal keys may still be (see `same`)."""
    display: str
    """The canonical form to show, and to hand to algebra."""
    quantity: Quantity | None = None
    parts: tuple["ShortAnswer", ...] = ()
    """A list's items; an option's text; a date's two readings; of "it is Paris" what it is."""


_EMPTY = frozenset("none NONE n/a N/A NA na unknown Unknown - ... … null open open-ended".split()) | {
    "not applicable",
    "the short answer",
    "short answer",
}
"""Beside these, `None` is a value of Python and `Na` sodium: case tells."""
_PLACEHOLDER = re.compile(r"[<\[{](?:\w+\s+){0,4}\w*answer[>\]}]|<[^>]*>", re.I)
_OPTION = re.compile(
    r"(?:(?:option|choice|answer|alternative|antwort|réponse)\s*)?\(?(?P<letter>[A-J])(?:\)|\.|:)?", re.I
)
_OPTION_WITH_TEXT = re.compile(r"(?:(?:option|choice)\s*)?\(?(?P<letter>[A-Ja-j])(?:\)|[.:](?= )|\)[.:]) *(?P<text>.+)")
_ASSIGNED = re.compile(r"^(?:[A-Za-z](?:_\w|\d)?'?(?:\([a-z]\))?|[A-Z]{2,3})\s*=\s*(?=[^=])")
_BRACKETED = re.compile(r"^(?:\(\s*([^()\[\]{},;]*)\)|\[\s*([^()\[\]{},;]*)\]|\{\s*([^()\[\]{},;]*)\})$")
_ARTICLE = re.compile(r"^(?:the|an?|der|die|das|ein|eine|le|la|les|un|une|el|los|las|una|il|lo)\s+|^l'", re.I)
_ALGEBRA = re.compile(
    r"sqrt|\bpi\b|\^|[()]\s*[/*]|[/*]\s*[(]|(?<![^\W\d])\d+[a-z](?![a-z])|\b(?:log|ln|sin|cos|tan|exp)\b"
    r"|(?:\b[a-z]|\d|\))\s*[+*/^-]\s*(?:[a-z]\b|\d|\()|[<>]=?"
)
_FACTORIAL = re.compile(r"(?=.*\d!)[\d\s()+*/^.!-]+")
_ORDINAL = re.compile(r"\d+(?:st|nd|rd|th)\b.{0,20}")
_RANGE = re.compile(r"(?:from )?(?P<low>[^\s-].*?)(?:-| ?to | bis )\s*(?P<high>[^\s-].*)", re.I)
_AMONG = re.compile(r"^[A-Za-z]\s*∈\s*(?=\{)")
_RATIO = re.compile(r"\d[\d.,]*(?:(?:\s*:\s*|\s+to\s+)\d[\d.,]*){1,4}")
_PI = re.compile(
    r"(?P<sign>-?)\s*\(?\s*(?P<top>\d[\d.,]*(?:\s*/\s*\d+)?)?\s*\)?\s*\*?\s*\(?\s*pi\s*\)?(?:\s*/\s*\(?(?P<bottom>\d+)\)?)?"
)
_NAMED = re.compile(r"^\s*([A-Za-z]\w{0,2})\s*=")
_SAID = re.compile(r"^(?:the|it|this|that)\b[^,;]*?\b(?:is|are|was|were)\s+(?P<what>.{1,60})$", re.I)
_ONE_NUMBER = re.compile(rf"(?:(?<![\w)-])-)?[{SIGNS}]?\d[\d.,]*(?:\s?%|/\d+)?")
LONGEST = 80
"""Characters; what is longer is an explanation, and explanations are not voted on."""
MOST_WORDS = 10


def read(raw: str, style: Style = PLAIN) -> ShortAnswer | None:
    """The short answer in `raw`, its numbers written in `style`; None where it is empty, a placeholder, or too long."""
    text = plainly(tidy(raw), style)
    if not text or text in _EMPTY or _PLACEHOLDER.fullmatch(text):
        return None
    return _typed(text) or _loose(text)


@cache
def _verdicts() -> dict[str, str]:
    """Yes and no in every language; what is yes in one and no in another is neither."""
    yes, no = set(words_of("yes")), set(words_of("no"))
    return {**dict.fromkeys(yes - no, "yes"), **dict.fromkeys(no - yes, "no")}


def _typed(text: str) -> ShortAnswer | None:
    """What `text` as a whole is, when it is anything but a phrase."""
    bare = re.sub(r"^[\s!,;]*(?=,\d)|^[\s!,;]+", "", text, count=1).rstrip(" .!,;")
    word = bare.lower()
    if _FACTORIAL.fullmatch(text):
        return None
    if verdict := _verdicts().get(word):
        return ShortAnswer("yesno", verdict, verdict)
    if found := _OPTION.fullmatch(bare):
        letter = found["letter"].upper()
        if len(bare) > 1 or bare.isupper():
            return ShortAnswer("option", f"option {letter}", letter)
    if (found := _OPTION_WITH_TEXT.fullmatch(bare)) and (rest := read(found["text"])):
        letter = found["letter"].upper()
        return ShortAnswer("option", f"option {letter}", letter, parts=(rest,))
    if dated := _date(bare):
        return dated
    if _ORDINAL.fullmatch(bare):
        return ShortAnswer("text", phrase_key(bare), bare)
    value = _BRACKETED.sub(r"\1\2\3", _ASSIGNED.sub("", bare))
    if read_quantity := quantity(value):
        return _number(read_quantity._replace(senses=senses(bare)))
    if found := _multiple_of_pi(value) or _ratio(bare):
        return found
    if allowed := bounds(text):
        return _bounded(allowed, text)
    if len(bare) <= LONGEST and (listed := _list(_AMONG.sub("", bare))):
        return listed
    found = re.match(r"^([^\W\d_]+)\s*[,.;:—(-]", bare)  # "Yes, because …"
    verdict = _verdicts().get(found[1].lower()) if found else None
    return ShortAnswer("yesno", verdict, verdict) if verdict else None


def _date(text: str) -> ShortAnswer | None:
    if clock := clock_key(text):
        return ShortAnswer("date", clock, clock)
    keys = date_keys(text)
    if not keys:
        return None
    if len(keys) == 1:
        return ShortAnswer("date", keys[0], keys[0])
    return ShortAnswer("date", "|".join(keys), text, parts=tuple(ShortAnswer("date", key, key) for key in keys))


def _range(text: str) -> ShortAnswer | None:
    found = _RANGE.fullmatch(text)
    low, high = (quantity(found["low"]), quantity(found["high"])) if found else (None, None)
    if not low or not high or low.value >= high.value:
        return None
    parts = (_number(low), _number(high))
    return ShortAnswer(
        "list", f"<{parts[0].key}, {parts[1].key}>", f"{parts[0].display} to {parts[1].display}", parts=parts
    )


def _ratio(text: str) -> ShortAnswer | None:
    """`3:2`, which "3 to 2" is too; with the lower number first that reads as a range, and has the same key."""
    numbers = [quantity(piece) for piece in re.split(r"\s*:\s*|\s+to\s+", text)] if _RATIO.fullmatch(text) else []
    parts = tuple(_number(number) for number in numbers if number)
    if len(parts) < 2 or len(parts) < len(numbers):
        return None
    if ":" not in text and numbers[0] and numbers[1] and numbers[0].value < numbers[1].value:
        return None  # "10 to 12" is shown as the range it is mostly meant as
    shown = ":".join(part.display for part in parts)
    return ShortAnswer("list", f"<{', '.join(part.key for part in parts)}>", shown, parts=parts)


def _multiple_of_pi(text: str) -> ShortAnswer | None:
    """`3pi/4` and `0.75 pi`, for which algebra need not be asked."""
    found = _PI.fullmatch(text)
    if not found:
        return None
    top = quantity(found["top"] or "1")
    bottom = quantity(found["bottom"] or "1")
    if not top or not bottom or not bottom.value:
        return None
    value = (-1 if found["sign"] else 1) * top.value / bottom.value
    shown = f"{plain(value)} pi" if value.denominator == 1 or "/" not in plain(value) else f"({plain(value)}) pi"
    return ShortAnswer("algebra", f"{value}*pi", shown)


def _bounded(allowed: tuple[Bounds, ...], text: str) -> ShortAnswer:
    only = allowed[0]
    if len(allowed) == 1 and only.low and only.high and only.low_open and only.high_open and only.name == "x":
        parts = (_number(only.low), _number(only.high))  # `1 < x < 2` is `(1, 2)`, which is a list
        shown = f"({parts[0].display}, {parts[1].display})"
        return ShortAnswer("list", f"({parts[0].key}, {parts[1].key})", shown, parts=parts)
    return ShortAnswer("relation", " ∪ ".join(each.key for each in allowed), text)


def _list(text: str) -> ShortAnswer | None:
    """Several answers: a pair or an interval keeps its order, what stands in braces or without brackets does not."""
    if ranged := _range(text):
        return ranged
    opening = text[:1] if text[:1] in "([{" and text[-1:] in ")]}" else ""
    inner = text[1:-1] if opening else text
    pieces = re.split(r"\s*;\s*|,\s+(?:and\s+|or\s+)?|\s+(?:and|or|und|oder|et|ou|y|o)\s+", inner)
    if len(pieces) == 1:
        pieces = inner.split(",")
    if not 2 <= len(pieces) <= 20:
        return None
    named = [_NAMED.match(piece) for piece in pieces]
    names = {found[1] for found in named if found}
    if len(names) > 1:  # "x = 5, y = 3" is not "x = 3, y = 5"
        return None
    parts = [item for piece in pieces if (item := _item(piece.strip()))]
    if len(parts) < len(pieces):
        return None
    ordered = opening in ("(", "[")
    if not ordered:
        parts.sort(key=lambda part: part.key)
    brackets = (opening + text[-1]) if ordered else "{}"
    display = ", ".join(part.display for part in parts)
    key = brackets[0] + ", ".join(part.key for part in parts) + brackets[1]
    return ShortAnswer("list", key, f"{brackets[0]}{display}{brackets[1]}" if ordered else display, parts=tuple(parts))


def _item(text: str) -> ShortAnswer | None:
    """One piece of a list: complete in itself, so that "3 wolves and 4 sheep" does not become 3 and 4."""
    item = _typed(text)
    if item is None or item.kind not in ("number", "option", "date"):
        return None
    value = _ASSIGNED.sub("", text)
    counts_nouns = item.quantity and not item.quantity.unit and re.search(r"\d.*[^\W\d_]", value)
    return None if counts_nouns else item


def _loose(text: str) -> ShortAnswer | None:
    """A formula, a sentence around one number, or a phrase."""
    if len(text) <= LONGEST and not re.search(r"[^\W\d_]{8,}", text):
        if relation := compared(text):
            return ShortAnswer("relation", relation, text)
        if ("=" in text or _ALGEBRA.search(text) or _FACTORIAL.fullmatch(text)) and (formula := _formula(text)):
            return formula
    numbers = _ONE_NUMBER.findall(text)
    if len(numbers) == 1 and len(text) <= 3 * LONGEST and " " in text and not changes_meaning(text):
        number = numbers[0].rstrip(".,")
        tail = text[text.index(number) :]
        value = quantity(" ".join(tail.split()[:2]).rstrip(".,;!")) or quantity(number)
        if value:
            return _number(value._replace(senses=senses(text)))
    if len(text) > LONGEST or len(text.split()) > MOST_WORDS:
        return None
    key = phrase_key(text)
    said = _SAID.match(text)
    parts = (ShortAnswer("text", phrase_key(said["what"]), said["what"]),) if said else ()
    return ShortAnswer("text", key, text, parts=parts) if key else None


def _formula(text: str) -> ShortAnswer | None:
    """A result behind "=", or the formula itself."""
    *left, tail = re.split(r"\s*(?<![<>!=])=\s*", text)
    if left and "," not in text and all(_has_no_variable(side) for side in left) and (value := quantity(tail)):
        return _number(value._replace(senses=senses(text)))  # "3 * 5 = 15"
    formula = text if "," in text else _ASSIGNED.sub("", text)
    if not (_ALGEBRA.search(text) or _VARIABLE.search(text) or "!" in text):
        return None
    return ShortAnswer("algebra", re.sub(r"\s+", "", formula), formula)


_VARIABLE = re.compile(r"(?<![^\W\d_])(?<!')[^\W\d_](?![^\W\d_])|(?<![^\W\d_])[abcpqrxyzmn]{2,3}(?![^\W\d_])|[|]")
_NO_VARIABLE = re.compile(r"(?<=[\d)])\s*x\s*(?=[\d($.])|\b[Aa]\s+(?=[a-z]{3})|\bI\s+(?=[a-z]{3})")
"""Single letters in arithmetic and prose that are none: "3 x 5 = 15", "a total of 3 * 5 = 15"."""
_LEFT_NAME = re.compile(
    r"(?:[^=]*\b(?:is|are|that|so|get|have|then|thus|for|of)\s+)?[A-Za-z](?:_\w|\d)?'?(?:\([\w, |]{1,8}\))?|[A-Z]{2,3}"
)


def _has_no_variable(side: str) -> bool:
    """Whether a side of an equation is a bare name or arithmetic: of `3x - y = 5` the 5 is not the answer."""
    return bool(_LEFT_NAME.fullmatch(side.strip())) or not _VARIABLE.search(_NO_VARIABLE.sub(" ", side))


def phrase_key(text: str) -> str:
    """A phrase without case, accents, articles and punctuation; signs of mathematics and of money are none."""
    folded = text if _SYMBOL.fullmatch(text) else text.casefold()
    text = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    text = _MINUS.sub("\u2212", _ARTICLE.sub("", text.strip()))
    text = "".join(c if c.isalnum() or c in "_+#%&/-" or unicodedata.category(c) in ("Sm", "Sc") else " " for c in text)
    text = re.sub(r"[\s_-]+", " ", text).strip()
    return f"#{ORDINALS[text]}" if text in ORDINALS else re.sub(r"^(\d+)(?:st|nd|rd|th)$", r"#\1", text)


_MINUS = re.compile(r"(?<![^\W_])-(?=[\d.(]|infinity)|(?<=\b[a-z])-(?![^\W_])|(?<=\b[a-z][a-z])-(?![^\W_])")
"""Hyphens that carry meaning: of a negative number, and behind a grade, a blood group or an ion."""
_SYMBOL = re.compile(r"(?![Oo][Kk])[A-Z][A-Za-z]", re.A)
"""CO is carbon monoxide, and Co cobalt."""
_COUNTED = ("day", "week", "month", "year", "pint", "cup")


def _number(value: Quantity) -> ShortAnswer:
    shown = plain(value.value)
    if value.unit:
        unit = value.unit
        if unit.dimension.startswith("money:") and unit.factor == 1:
            sign, amount = "-" if shown.startswith("-") else "", shown.lstrip("-")
            shown = f"{sign}{unit.symbol}{amount}{'0' if amount[-2:-1] == '.' else ''}"
        else:
            plural = "s" if unit.symbol in _COUNTED and value.value != 1 else ""
            shown = f"{shown}{'' if unit.symbol in '%°¢' else ' '}{unit.symbol}{plural}"
    shown = " ".join((shown, *value.senses))
    return ShortAnswer("number", value.key, shown, quantity=value)


def plain(value: Fraction) -> str:
    """A rational as people write it: a decimal where that ends within 12 digits, a fraction where not."""
    if value.denominator == 1:
        return str(value.numerator)
    for digits in range(1, 13):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            text = str(abs(scaled.numerator)).rjust(digits + 1, "0")
            return f"{'-' if value < 0 else ''}{text[:-digits]}.{text[-digits:]}"
    return f"{value.numerator}/{value.denominator}"


def same(a: ShortAnswer, b: ShortAnswer) -> bool:
    """Whether two answers are one, without algebra. Symmetric; not transitive where a unit is left out."""
    if a.key == b.key and a.kind == b.kind:
        return True
    if "option" in (a.kind, b.kind):
        return _same_option(a, b)
    if a.kind == b.kind == "date":
        return bool({p.key for p in a.parts or (a,)} & {p.key for p in b.parts or (b,)})
    if a.kind == b.kind == "list":
        brackets = a.key[0] == b.key[0] and a.key[-1] == b.key[-1]
        return brackets and len(a.parts) == len(b.parts) and all(map(same, a.parts, b.parts))
    if a.kind == b.kind == "text":
        return any(part.key == b.key for part in a.parts) or any(part.key == a.key for part in b.parts)
    return bool(a.quantity and b.quantity and _same_quantity(a.quantity, b.quantity))


def _same_option(a: ShortAnswer, b: ShortAnswer) -> bool:
    if a.kind == b.kind:
        return False
    option, other = (a, b) if a.kind == "option" else (b, a)
    return option.display.lower() == other.key or any(same(part, other) for part in option.parts)


def _same_quantity(a: Quantity, b: Quantity) -> bool:
    if opposed(a.senses, b.senses) or _other_noun(a, b) or _other_noun(b, a):
        return False
    if a.unit and b.unit:
        if a.unit.dimension != b.unit.dimension:
            return False
        return _close(
            a._replace(value=a.value * a.unit.factor), b._replace(value=b.value * b.unit.factor), a.unit == b.unit
        )
    if _close(a, b, same_unit=True):
        return True
    unit = a.unit or b.unit
    if unit and unit.dimension == "percent":  # 50% is 0.5, and is also meant by a bare 50
        a_value, b_value = (q.value * unit.factor if q.unit else q.value for q in (a, b))
        return a_value == b_value
    return False


def _other_noun(a: Quantity, b: Quantity) -> bool:
    """Whether what stands behind `a` cannot be what stands behind `b`: plain nouns may be, a noun is no unit."""
    if a.noun.startswith("per "):
        return b.noun.startswith("per ") and a.noun != b.noun
    return bool(a.noun and not a.unit and b.unit and not may_be(a.noun, b.unit))


def _close(a: Quantity, b: Quantity, same_unit: bool) -> bool:
    """Equal, or one is the other rounded or cut to at least three significant digits and two decimals."""
    if a.value == b.value:
        return True
    if not same_unit:
        return False
    for rough, exact in ((a, b), (b, a)):
        digits = rough.decimals
        if digits is None or digits < 2 or abs(rough.value) * 10**digits < 100:
            continue
        ends = exact.decimals
        if ends is not None and ends <= digits:
            continue
        scaled = exact.value * 10**digits
        if rough.value * 10**digits in (round(scaled), int(scaled)):
            return True
    return False
