"""Numbers written as words, English, and in Chinese numerals."""

import re
from fractions import Fraction

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_UNITS = {**{w: i for i, w in enumerate(_ONES)}, **{w: 10 * i for i, w in enumerate(_TENS, 2)}, "fourty": 40}
MAGNITUDES = {
    "tens": 10,
    "hundred": 100,
    "hundreds": 100,
    "thousand": 10**3,
    "thousands": 10**3,
    "million": 10**6,
    "millions": 10**6,
    "billion": 10**9,
    "billions": 10**9,
    "trillion": 10**12,
    "mn": 10**6,
    "bn": 10**9,
    "dozen": 12,
    "dozens": 12,
    "k": 10**3,
    "万": 10**4,
    "萬": 10**4,
    "億": 10**8,
    "亿": 10**8,
    "lakh": 10**5,
    "crore": 10**7,
}
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
    "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
).split()
_TENTHS = "thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth hundredth".split()
ORDINALS = {
    **{w: i for i, w in enumerate(_ORDINALS, 1)},
    **{w: 10 * i for i, w in enumerate(_TENTHS, 3)},
    "thousandth": 10**3,
    "millionth": 10**6,
    "billionth": 10**9,
}
TENS = {w: 10 * i for i, w in enumerate(_TENS, 2)}
_PARTS = {
    "half": 2,
    "halves": 2,
    "quarter": 4,
    "quarters": 4,
    **{w: i for w, i in ORDINALS.items() if i >= 3},
    **{w + "s": i for w, i in ORDINALS.items() if i >= 3},
}
PARTS_OF_ONE = {"halves": Fraction(1, 2), **{w: Fraction(1, i) for w, i in _PARTS.items() if w[:-1] in ORDINALS}}
"""What makes a fraction of the number before it; quarters may be coins."""


def from_words(tokens: list[str]) -> tuple[Fraction, int] | None:
    """The number at the start of lower-case `tokens` and how many of them spell it; None if the first spells none."""
    sign = 1
    at = 0
    if tokens and tokens[0] in ("minus", "negative"):
        sign, at = -1, 1
    whole, used = _whole(tokens, at)
    if used == at and tokens[at : at + 1] == ["point"]:  # "point five"
        part = from_words(["zero", *tokens[at:]])
        return part and (sign * part[0], at + part[1] - 1) if part and part[1] > 1 else None
    if used == at:  # "half", "a third", "a dozen"
        start = at + 1 if at < len(tokens) and tokens[at] in ("a", "an", "one") else at
        is_part = start < len(tokens) and tokens[start] in _PARTS and tokens[start] != "second"
        if is_part and (start > at or tokens[start] not in ORDINALS):  # "a seventh" is a part, "seventh" a place
            return sign * Fraction(1, _PARTS[tokens[start]]), start + 1
        is_magnitude = start < len(tokens) and tokens[start] in MAGNITUDES and len(tokens[start]) > 2
        if start == at + 1 and is_magnitude:  # "a - k" is a difference
            return Fraction(sign * MAGNITUDES[tokens[start]]), start + 1
        return None
    if used < len(tokens) and tokens[used] in ORDINALS and whole > 1 and _is_ordinal(whole, ORDINALS[tokens[used]]):
        return None
    if used < len(tokens) and tokens[used] in _PARTS and whole < 100:  # "three quarters"
        return sign * Fraction(whole, _PARTS[tokens[used]]), used + 1
    if tokens[used : used + 1] == ["and"]:  # "two and a half", "one and three quarters"
        part = from_words(tokens[used + 1 :])
        if part and 0 < part[0] < 1:
            return sign * (whole + part[0]), used + 1 + part[1]
    if tokens[used : used + 1] == ["point"]:
        digits = ""
        end = used + 1
        while end < len(tokens) and _UNITS.get(tokens[end], 10) < 10:
            digits += str(_UNITS[tokens[end]])
            end += 1
        if digits:
            return sign * (whole + Fraction(int(digits), 10 ** len(digits))), end
    return Fraction(sign * whole), used


def _is_ordinal(whole: int, last: int) -> bool:
    """Whether a number and an ordinal make one: "twenty-first" and "two hundredth" do, "two third" is a part."""
    return last >= 100 or (last < 10 and whole >= 20 and whole % 10 == 0) or (last < 100 and whole >= 100)


def _whole(tokens: list[str], at: int) -> tuple[int, int]:
    total = group = 0
    used = at
    for index in range(at, len(tokens)):
        word = tokens[index]
        if word in _UNITS:
            if group % 100 and not (group % 100 >= 20 and group % 10 == 0 and 0 < _UNITS[word] < 10):
                return _year(tokens, at, index, group, total) or (total + group, index)
            group += _UNITS[word]
        elif word in MAGNITUDES and used > at and len(word) > 2:
            if MAGNITUDES[word] <= 100:
                group *= MAGNITUDES[word]
            else:
                total, group = total + group * MAGNITUDES[word], 0
        elif word == "and" and used > at and tokens[index + 1 : index + 2] and tokens[index + 1] in _UNITS:
            if tokens[index - 1] not in MAGNITUDES:  # "two and three" are two numbers
                break
            continue
        else:
            break
        used = index + 1
    return total + group, used


def _year(tokens: list[str], at: int, middle: int, first: int, total: int) -> tuple[int, int] | None:
    """ "nineteen eighty-four" is 1984, where adding up would make it 103."""
    if total or not 10 <= first < 100 or _UNITS[tokens[middle]] < 10 or middle - at > 2:
        return None
    second, used = _whole(tokens, middle)
    return (100 * first + second, used) if second < 100 else None


def spells_number(tokens: list[str]) -> bool:
    """Whether a numeral stands at the front of what is left, which makes of two numbers none."""
    return bool(tokens) and (tokens[0] in _UNITS or (tokens[0] == "oh" and spells_number(tokens[1:2])))


_CJK_DIGITS = {**{c: i for i, c in enumerate("〇一二三四五六七八九")}, "零": 0, "两": 2, "兩": 2}
_CJK_SMALL = {"十": 10, "百": 100, "千": 1000}
_CJK_LARGE = {"万": 10**4, "萬": 10**4, "億": 10**8, "亿": 10**8}
_CJK_PART = re.compile(r"(\d[\d,]*(?:\.\d+)?)([十百千]?)([万萬億亿]?)")
_CJK_MIXED = re.compile(
    r"\d[\d,.]{0,20}(?:[百千][万萬億亿]?|[万萬億亿](?=\d))(?:\d[\d,]{0,20}[百千]?[万萬億亿]?)*(?![\d.一二三四五六七八九十])"
)
_CJK_FRACTION = re.compile(r"(.{1,12})分之(.{1,12})")
_MEASURE = "个個只隻元円圆人天年月日岁歳本枚次"


def from_digits_and_cjk(text: str) -> tuple[Fraction, int] | None:
    """The number at the start of `1億2000万人` and its length; None where it has not several such parts."""
    found = _CJK_MIXED.match(text)
    if not found:
        return None
    total = Fraction(0)
    last = 0
    for number, small, large in _CJK_PART.findall(found[0]):
        factor = _CJK_SMALL.get(small, 1) * _CJK_LARGE.get(large, 1)
        if last and factor >= last:
            return None
        last = _CJK_LARGE.get(large, 1)
        total += Fraction(number.replace(",", "")) * factor
    return total, found.end()


def from_cjk(text: str) -> Fraction | None:
    """The number in Chinese numerals, with at most one measure word behind it; None for anything else."""
    body = text[:-1] if len(text) > 1 and text[-1] in _MEASURE else text
    top, bottom = _CJK_FRACTION.sub(r"\2", body), _CJK_FRACTION.sub(r"\1", body)
    if top != body and (over := from_cjk(bottom)) and (value := from_cjk(top)) is not None:
        return value / over
    if not body or any(c not in _CJK_DIGITS and c not in _CJK_SMALL and c not in _CJK_LARGE for c in body):
        return None
    if all(c in _CJK_DIGITS for c in body):
        return Fraction(int("".join(str(_CJK_DIGITS[c]) for c in body)))
    total = section = digit = 0
    for char in body:
        if char in _CJK_DIGITS:
            digit = _CJK_DIGITS[char]
        elif char in _CJK_SMALL:
            section += (digit or 1) * _CJK_SMALL[char]
            digit = 0
        else:
            total += (section + digit) * _CJK_LARGE[char]
            section = digit = 0
    return Fraction(total + section + digit)
