"""Several numbers or symbols that are one answer: ranges, ratios, pairs, sequences and sets."""

import re
from collections.abc import Callable

from chatmodes.modes.answers import formulas
from chatmodes.modes.answers.forms import ShortAnswer, number, plain
from chatmodes.modes.answers.numbers import quantity
from chatmodes.modes.answers.phrases import is_symbolic, symbol_key, text_key

_RANGE = re.compile(
    r"(?:from )?(?P<low>[^\s-].*?)(?:-| ?to | bis )\s*(?P<high>[^\s-].*)|between (?P<from>\S.*?) and (?P<till>\S.*)",
    re.I,
)
_RATIO = re.compile(r"\d[\d.,]*(?:(?:\s*:\s*|\s+to\s+)\d[\d.,]*){1,4}")
_RATIO_SAID = re.compile(r"(?:(?:in )?(?:the |a )?ratio (?:(?:\w+ ){0,5}is |of |= ?|: ?)?|a )(?=\d)", re.I)
_PI = re.compile(
    r"(?P<sign>-?)\s*\(?\s*(?P<top>\d[\d.,]*(?:\s*/\s*\d+)?)?\s*\)?\s*\*?\s*\(?\s*pi\s*\)?(?:\s*/\s*\(?(?P<bottom>\d+)\)?)?"
    r"(?: ?rad(?:ians?)?)?"
)
_NAMED = re.compile(r"^\s*([A-Za-z]\w{0,2})\s*=")
_SEPARATOR = re.compile(r"\s*;\s*|,\s+(?:and\s+|or\s+)?|\s+(?:and|or|und|oder|et|ou|y|o|&)\s+")
_EITHER = re.compile(r"\s(?:or|oder|ou)\s")
_ALL_OF = re.compile(r"^(?:both|options?|choices?|alternatives?)\s+(?=\(?[A-J]\b)", re.I)
_LABELLED = re.compile(r"(?P<name>[^\W\d_][\w ]{0,20}?)\s*[=:]\s*(?P<value>[^=:]\S*(?: [^\s=:]+)?)")
_COUNTED = re.compile(r"(?P<value>\d[\d.,]*) (?P<name>[^\W\d_]{2,20}(?: [^\W\d_]{2,20})?)")
_PLUS_MINUS = re.compile(r"(?:[A-Za-z]\s*=\s*)?\+-\s*(?P<value>\S.*)")
_IMAGINARY = re.compile(r"\d*[a-z]")
MOST_ITEMS = 20
_POINT = {"⟨": "()"}
"""A vector is written as its point is."""
LONGEST_ITEM = 30
"""Characters of an item in words; what is longer is a clause."""
Reader = Callable[[str], ShortAnswer | None]


def ranged(text: str) -> ShortAnswer | None:
    """`10-12`, "10 to 12", "between 10 and 12"."""
    found = _RANGE.fullmatch(text)
    ends = (found["low"] or found["from"], found["high"] or found["till"]) if found else ()
    low, high = (quantity(end) for end in ends) if ends else (None, None)
    if not low or not high or low.value >= high.value:
        return None
    parts = (number(low), number(high))
    return ShortAnswer(
        "list", f"<{parts[0].key}, {parts[1].key}>", f"{parts[0].display} to {parts[1].display}", parts=parts
    )


def ratio(text: str) -> ShortAnswer | None:
    """`3:2`, which "3 to 2" is too; with the lower number first that reads as a range, and has the same key."""
    said = _RATIO_SAID.match(text)
    text = (text[said.end() :] if said else text).replace("-to-", " to ")
    numbers = [quantity(piece) for piece in re.split(r"\s*:\s*|\s+to\s+", text)] if _RATIO.fullmatch(text) else []
    parts = tuple(number(each) for each in numbers if each)
    if len(parts) < 2 or len(parts) < len(numbers):
        return None
    if ":" not in text and not said and numbers[0] and numbers[1] and numbers[0].value < numbers[1].value:
        return None  # "10 to 12" is shown as the range it is mostly meant as
    shown = ":".join(part.display for part in parts)
    return ShortAnswer("list", f"<{', '.join(part.key for part in parts)}>", shown, parts=parts)


def multiple_of_pi(text: str) -> ShortAnswer | None:
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


def several(text: str, typed: Reader, *, ordered: bool) -> ShortAnswer | None:
    """A pair or a sequence keeps its order; braces, and no brackets where none is asked for, make a set.

    Items are numbers, options and dates, read by `typed`, or all of them symbols.
    """
    if both := _PLUS_MINUS.fullmatch(text):
        is_one = quantity(both["value"]) or _IMAGINARY.fullmatch(both["value"])
        text = f"{both['value']}, -{both['value']}" if is_one else text
    text = _ALL_OF.sub("", text)
    opening = text[:1] if text[:1] in "([{⟨" and text[-1:] in ")]}⟩" and _encloses(text) else ""
    inner = text[1:-1] if opening else text
    pieces = _SEPARATOR.split(inner)
    if len(pieces) == 1:
        pieces = inner.split(",")
    if not 2 <= len(pieces) <= MOST_ITEMS:
        return None
    names = {found[1] for piece in pieces if (found := _NAMED.match(piece))}
    if len(names) > 1:  # "x = 5, y = 3" is not "x = 3, y = 5"
        return None
    items = [_item(piece.strip(), typed) for piece in pieces]
    if not all(items) and (opening or is_symbolic(inner)) and "&" not in inner:
        items = [_symbol(piece.strip()) for piece in pieces]
    parts = [item for item in items if item]
    if len(parts) < len(pieces):
        return None
    if _EITHER.search(text) and len({part.key for part in parts}) == 1:  # "4/5, or 0.8"
        return parts[0]
    keeps = ordered if not opening else opening != "{"
    if not keeps:
        parts.sort(key=lambda part: part.key)
    brackets = _POINT.get(opening, opening + text[-1]) if opening and keeps else "<>" if keeps else "{}"
    if _EITHER.search(inner) and all(part.kind == "option" for part in parts):
        brackets = "||"  # undecided between them, where "x = 2 or x = 3" are both solutions
    display = ", ".join(part.display for part in parts)
    key = brackets[0] + ", ".join(part.key for part in parts) + brackets[1]
    shown = text if brackets == "||" else f"{opening}{display}{text[-1]}" if opening and keeps else display
    return ShortAnswer("list", key, shown, parts=tuple(parts))


def _encloses(text: str) -> bool:
    """Whether the first bracket is open until the end: it is not in "(A) and (C)"."""
    depth = 0
    for char in text[:-1]:
        depth += (char in "([{⟨") - (char in ")]}⟩")
        if depth == 0:
            return False
    return True


def labelled(text: str, typed: Reader) -> ShortAnswer | None:
    """Values that each have a name, in any order: `x = 2, y = 5`, "Alice: 5, Bob: 3", "10 apples and 5 oranges"."""
    pieces = re.split(r"\s*[;,]\s+(?:and\s+)?|,(?=\s*[A-Za-z]\w{0,2}\s*=)|\s+and\s+", text)
    if not 2 <= len(pieces) <= MOST_ITEMS:
        return None
    values: dict[str, str] = {}
    for piece in pieces:
        found = _LABELLED.fullmatch(piece.strip()) or _COUNTED.fullmatch(piece.strip())
        value = typed(found["value"]) if found else None
        if not found or not value or value.kind not in ("number", "option", "date", "yesno"):
            return None
        name = found["name"] if len(found["name"]) < 3 else found["name"].casefold()
        values[name] = value.key
    if len(values) < len(pieces):
        return None
    key = ", ".join(f"{name} = {value}" for name, value in sorted(values.items()))
    return ShortAnswer("text", f"{{{key}}}", text)


def set_of_words(text: str) -> str:
    """The key of a list of names, "red, green and blue"; empty where the text is none."""
    pieces = [piece.strip() for piece in re.split(r"[,;]\s*(?:and\s+|or\s+)?|\s+(?:and|&)\s+|[、،]", text)]
    if not 2 <= len(pieces) <= MOST_ITEMS or any(not piece or len(piece) > LONGEST_ITEM for piece in pieces):
        return ""
    if any(char.isdigit() for char in text):  # "3 wolves and 4 sheep" says which
        return ""
    return "{" + ", ".join(sorted(text_key(piece) for piece in pieces)) + "}"


def _item(text: str, typed: Reader) -> ShortAnswer | None:
    """One piece of a list: complete in itself, so that "3 wolves and 4 sheep" does not become 3 and 4."""
    item = None if text[:1] in "{[" else typed(text)  # a set within a set is not its only member
    if item is None or item.kind not in ("number", "option", "date"):
        return None
    value = formulas.ASSIGNED.sub("", text)
    counts_nouns = item.quantity and not item.quantity.unit and re.search(r"\d.*[^\W\d_]", value)
    return None if counts_nouns else item


def _symbol(text: str) -> ShortAnswer | None:
    if not text or len(text) > LONGEST_ITEM or not is_symbolic(text) or any(mark in text for mark in "()[]{}<>="):
        return None
    return ShortAnswer("algebra", symbol_key(text), text)
