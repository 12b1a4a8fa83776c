"""One short answer, read once into a canonical form, and when two of them are the same."""

import re
from functools import cache, partial

from msgspec import structs

from chatmodes.modes.answers import formulas
from chatmodes.modes.answers.dates import clock_key, date_key
from chatmodes.modes.answers.forms import ShortAnswer, number
from chatmodes.modes.answers.labels import label
from chatmodes.modes.answers.languages import words_of
from chatmodes.modes.answers.lists import labelled, multiple_of_pi, ranged, ratio, set_of_words, several
from chatmodes.modes.answers.meaning import in_english
from chatmodes.modes.answers.numbers import quantity
from chatmodes.modes.answers.numerals import with_digits
from chatmodes.modes.answers.phrases import is_symbolic, phrase_key, text_key, with_article, without_capital
from chatmodes.modes.answers.quantities import same_quantity
from chatmodes.modes.answers.relations import Bounds, bounds, changes_meaning, compared
from chatmodes.modes.answers.senses import senses
from chatmodes.modes.answers.terms import NOTHING, Terms, plainly
from chatmodes.modes.answers.tidy import tidy
from chatmodes.modes.answers.units import SIGNS

_EMPTY = frozenset(
    "none|NONE|n/a|N/A|NA|na|unknown|Unknown|-|...|…|null|open|open-ended|not applicable|the short answer"
    "|short answer".split("|")
)
"""Beside these, `None` is a value of Python and `Na` sodium: case tells."""
_PLACEHOLDER = re.compile(r"[<\[{](?:\w+\s+){0,4}\w*answer(?:\s+\w+){0,3}[>\]}]|<[^>]*>", re.I)
_LETTER = re.compile(r"[A-Za-z]")
_EXPLAINED = re.compile(
    r"\(?(?P<letter>[A-J])(?:\)[.:]?|[.:])?(?:,|\s+[-(]|:|(?=\s+(?:because|since|as|is|weil|denn|da|car|porque|perché)\b))"
    r"(?!\s+is\s+(?:not|wrong|incorrect|false|out|too|never|im\w+|unlikely|hardly|part\w+|also|excluded|eliminated)\b)"
    r"(?!\s*\(?[A-J]\)?\s*(?:[,&/]|and\b|or\b|$))"
    r"(?!\W{0,3}(?:and|or|und|oder|et|ou|y|o|e|also|plus|maybe|perhaps|possibly|as well as)(?: \w+)?"
    r" \(?[A-J][\s).]*$)\s*\S.*"
)
_OPTION = re.compile(
    r"(?:(?:the|la|le|el|il|die|das|la opción|l'option|only)\s+)?"
    r"(?:(?:option|choice|answer|alternative|letter|antwort|réponse)\s*)?[(\[]?(?P<letter>[A-J])(?:\)|\]|\.|:)?(?:\s+only)?",
    re.I,
)
_OPTION_WITH_TEXT = re.compile(
    r"(?:(?:option|choice)\s*)?\(?(?P<letter>[A-Ja-j])(?:\)|[.:](?= )|\)[.:])(?! *[A-Z]\.)"
    r"(?! *(?:and|or|und|oder|et|ou|[&,+/])) *(?P<text>\S.*)"
)
_OPTION_SAID = re.compile(
    r"(?:the )?(?:(?:correct|right|best|final) )?(?:option|choice|answer) (?:is )?\(?(?P<letter>[A-J])\)?"
    r"(?: is (?:the )?(?:correct|right|best)(?: (?:one|option|choice|answer))?)?"
    r"|\(?(?P<first>[A-J])\)? is (?:the )?(?:correct|right|best)(?: (?:one|option|choice|answer))?",
    re.I,
)
_BRACKETED = re.compile(r"^(?:\(\s*([^()\[\]{},;]*)\)|\[\s*([^()\[\]{},;]*)\]|\{\s*([^()\[\]{},;]*)\})$")
_APPROXIMATED = re.compile(
    r"(?P<exact>[^~]+?),?\s*(?:~=?\s*|\bor (?:about|approximately) |\(\s*(?:~|or about |(?P<or>or |i\.?e\.?,? |= ?)"
    r"|about |approx(?:imately|\.)? |roughly ))\s*(?P<rough>[^()~]*\d[^()~]*?)\s*\)?"
)
_VALUE_SAID = re.compile(
    r"(?P<name>(?=.*[^\W\d_]{3})[^\d=:~<>+*/^(){}\[\]|]{3,60}?)\s*(?:=|:|\b(?:is|are|was|were|equals|will be)\b)"
    r"\s*(?P<value>[^=:]+)",
    re.I,
)
_ORDINAL = re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:st|nd|rd|th)\b.{0,20}")
_AMONG = re.compile(r"^[A-Za-z]\s*∈\s*(?=\{)")
_SAID = re.compile(r"^(?:the|it|this|that)\b[^,;]*?\b(?:is|are|was|were)\s+(?P<what>.{1,60})$", re.I)
_DOUBLE = re.compile(r"(?P<one>[^()]*\d[^()]*[^\s()])\s*\((?P<other>[^()]*\d[^()]*)\)")
_ONE_NUMBER = re.compile(rf"(?:(?<![\w)-])-)?[{SIGNS}]?\d[\d.,]*(?:\s?%|/\d+)?")
_NAME_AND_NUMBER = re.compile(r"(?P<name>[^\W\d_]+\.?(?:[ -][^\W\d_]+\.?){0,2}) ?[#-]?\d+")
_APPROXIMATELY = frozenset(
    (
        "about approximately approx around roughly nearly almost exactly precisely circa ca only just totally"
        " altogether total sum number count amount value no nr num etwa ungefähr rund genau fast gesamt insgesamt summe"
        " zahl wert environ presque exactement nombre somme unos aproximadamente casi exactamente número suma cerca"
        " quase numero quasi somma примерно около почти ровно число сумма всего takriban yaklaşık toplam około ongeveer"
        " totaal x n definitely probably likely certainly clearly surely simply possibly therefore thus hence indeed"
        " actually still then now equal equals"
    ).split()
)
_REALS = re.compile(
    r"(?:[a-z]\s*∈\s*)?(?:(?:all|the|every|any) real(?: number)?s?|(?:all )?reals|mathbb ?\{? ?R\}?)"
    r"(?:(?:,? except(?: for)?|\s*setminus|\s*\\|\s*-)\s*(?:[a-z] = )?\{?\s*(?P<without>-?\d+(?:/\d+)?)\s*\}?)?",
    re.I,
)
_TRUTH = re.compile(
    r"(?:(?:it|this|that|the (?:statement|claim|proposition|assertion))(?:'s| is)(?P<nt>n't)?\s+)?(?P<not>not )?"
    r"(?P<word>true|false|correct|incorrect|right|wrong|untrue)"
)
_PHONE = re.compile(
    r"(?!\+\d{1,3}(?: \d{3})+$)(?=(?:\D*\d){8})\+\d{1,3}(?:[ -]|\.(?=\d+\.\d))"
    r"(?:\(\d{1,4}\)[ .-]?)?\d{2,4}(?:[ .-]?\d{2,4}){1,4}"
    r"|\+\d{11,15}|\(\d{3}\)[ -]?\d{3}[ .-]\d{4}|\d{3}(?P<mark>[ .-])\d{3}(?P=mark)\d{4}"
    r"|(?![01 /-]+$)(?=(?:\D*\d){7})0\d{1,4}[ /-]\d{2,4}(?:[ -]?\d{2,4}){1,4}"
)
"""Numbers with a sign, "+15000" and "+100 000 000", are none, nor are digits of the binary system."""
_REMAINDER = re.compile(r"(\d+),?\s*(?:r\.?|rem\.?|(?:with )?(?:an? )?remainder(?: of| is)?|rest)\s*(\d+)", re.I)
_ERA = re.compile(r"^A\.?D\.? (?=\d)")
_FIRST_WORD = re.compile(r"^([^\W\d_]+)\s*[,.;:—(-].*", re.S)
"""Of "Yes, because …"."""
_PLACE = re.compile(r"[\u3400-\u9fff]{2,}[市省]")
"""北京市 is 北京: the suffix says what kind of place it is."""
LONGEST = 80
"""Characters; what is longer is an explanation, and explanations are not voted on."""
LONGEST_UNSPACED = 30
"""… in scripts that write a word in one or two of them."""
MOST_WORDS = 10


def read(raw: str, terms: Terms = NOTHING) -> ShortAnswer | None:
    """The short answer in `raw`, on the `terms` of its question; None where it is empty, a placeholder, or too long."""
    text = plainly(in_english(with_digits(tidy(raw), terms.language)), terms)
    if not text or (text in _EMPTY and text.lower() not in terms.named) or _PLACEHOLDER.fullmatch(text):
        return None
    text = formulas.assignment(_exactly(text))
    found = _letter(text, terms) or _typed(text, ordered=terms.ordered) or _loose(text, terms.ordered)
    if found and found.kind == "number" and not found.named:
        return structs.replace(found, named=label(text))
    return found


def _exactly(text: str) -> str:
    """The exact answer of "2√3 ≈ 3.46" and "4/5 (or 0.8)"; any other text as it is."""
    found = _APPROXIMATED.fullmatch(text) if len(text) <= LONGEST else None
    rough = quantity(found["rough"]) if found else None
    if found is None or rough is None:
        return text
    exact, name = found["exact"].strip(), _LETTER.fullmatch(found["exact"].strip())
    value = quantity(exact)
    if value is None:
        is_formula = formulas.looks_like(exact) and "=" not in formulas.ASSIGNED.sub("", exact)
        return exact if is_formula and not found["or"] and not name else text
    return exact if same_quantity(value, rough) else text


def _letter(text: str, terms: Terms) -> ShortAnswer | None:
    """A bare letter where the question's options are known: one of them, or the symbol that it is."""
    letter = text.rstrip(" .")
    if terms.options and (explained := _EXPLAINED.fullmatch(text)) and explained["letter"].upper() in terms.options:
        return _option(explained["letter"])
    if terms.options is None or not _LETTER.fullmatch(letter):
        return None
    return _option(letter) if letter.upper() in terms.options else ShortAnswer("text", letter, letter)


def _option(letter: str, *parts: ShortAnswer) -> ShortAnswer:
    return ShortAnswer("option", f"option {letter.upper()}", letter.upper(), parts=parts)


@cache
def _verdicts() -> dict[str, str]:
    """Yes and no in every language; what is yes in one and no in another is neither."""
    yes, no = set(words_of("yes")), set(words_of("no"))
    return {**dict.fromkeys(yes - no, "yes"), **dict.fromkeys(no - yes, "no")}


def _typed(text: str, *, ordered: bool = False) -> ShortAnswer | None:
    """What `text` as a whole is, when it is anything but a phrase."""
    if formulas.is_factorial(text):
        return None
    bare = re.sub(r"^[\s,;]*(?=,\d)|^[\s,;]+", "", text, count=1).rstrip(" .,;")
    bare = bare.rstrip("!") if re.search(r"[^\W_]{2,}!+$", bare) else bare
    return (
        _verdict(bare.lower())
        or _chosen(bare)
        or _date(bare)
        or _digits(bare)
        or _measured(bare)
        or _allowed(text)
        or _listed(bare, ordered)
        or _verdict(_FIRST_WORD.sub(r"\1", bare).lower())
    )


def _verdict(word: str) -> ShortAnswer | None:
    if said := _TRUTH.fullmatch(word):  # "it is true", "not false"
        is_true = said["word"] in ("true", "correct", "right")
        word = "yes" if is_true is not bool(said["not"] or said["nt"]) else "no"
    verdict = _verdicts().get(word)
    return ShortAnswer("yesno", verdict, verdict) if verdict else None


def _digits(text: str) -> ShortAnswer | None:
    """What digits say that is no number: a place in an order, a telephone's number, a quotient with its remainder."""
    if _ORDINAL.fullmatch(text):
        return ShortAnswer("text", phrase_key(text), text)
    if written := _PHONE.fullmatch(text):
        return ShortAnswer("text", "tel:" + re.sub(r"[^+\d]", "", written[0]), text)
    divided = _REMAINDER.fullmatch(text)
    return ShortAnswer("text", f"{divided[1]} R {divided[2]}", text) if divided else None


def _measured(text: str) -> ShortAnswer | None:
    """A quantity, also one in two units, with its name, or as a multiple of pi; a ratio of several."""
    evaluated = formulas.EVALUATED.fullmatch(text)
    value = evaluated["value"] if evaluated else formulas.ASSIGNED.sub("", text)
    value = _ERA.sub("", _BRACKETED.sub(r"\1\2\3", value))
    if read_quantity := quantity(value):
        named = formulas.assigned(text)
        found = number(read_quantity._replace(senses=senses(value if named else text)))  # the segment BC is no era
        return structs.replace(found, named=named)
    return _double(value) or multiple_of_pi(value) or ratio(text)


def _allowed(text: str) -> ShortAnswer | None:
    """The numbers that a relation or an interval allows, and all that there are."""
    if allowed := bounds(text):
        return _bounded(allowed, text)
    reals = _REALS.fullmatch(text)
    if reals is None:
        return None
    without = f"{reals['without']}!=x" if reals["without"] else "x in (-infinity, infinity)"
    return ShortAnswer("relation", without, text)


def _listed(text: str, ordered: bool) -> ShortAnswer | None:
    """A range, a list, or values with names."""
    if len(text) > LONGEST:
        return None
    return (
        ranged(text)
        or several(
            _AMONG.sub("", formulas.ASSIGNED.sub("", text) if "(" in text else text),
            partial(_typed, ordered=ordered),
            ordered=ordered,
        )
        or labelled(text, _typed)
    )


def _chosen(text: str) -> ShortAnswer | None:
    """An option: its letter, large or within brackets, its letter and text, or a sentence that names it."""
    if (found := _OPTION.fullmatch(text)) and (len(text) > 1 or text.isupper()):
        return _option(found["letter"])
    if (found := _OPTION_WITH_TEXT.fullmatch(text)) and (rest := read(found["text"])):
        return _option(found["letter"], rest)
    found = _OPTION_SAID.fullmatch(text)
    return _option(found["letter"] or found["first"]) if found else None


def _date(text: str) -> ShortAnswer | None:
    key = clock_key(text) or date_key(text)
    if key is None:
        return None
    bare = key.partition(" ")[0]
    return ShortAnswer("date", key, key, parts=() if bare == key else (ShortAnswer("date", bare, bare),))


def _double(text: str) -> ShortAnswer | None:
    """A measure and the same in another unit, "6,650 km (4,130 mi)": it is either."""
    found = _DOUBLE.fullmatch(text)
    one, other = (quantity(found["one"]), quantity(found["other"])) if found else (None, None)
    if not one or not other or not one.unit or not other.unit or one.unit.symbol == other.unit.symbol:
        return None
    temperatures = {"celsius", "fahrenheit", "kelvin"}
    if one.unit.dimension != other.unit.dimension and not {one.unit.dimension, other.unit.dimension} <= temperatures:
        return None
    return number(one, number(other))


def _bounded(allowed: tuple[Bounds, ...], text: str) -> ShortAnswer:
    only = allowed[0]
    if len(allowed) == 1 and only.low and only.high and only.low_open and only.high_open and only.name == "x":
        parts = (number(only.low), number(only.high))  # `1 < x < 2` is `(1, 2)`, which is a list
        shown = f"({parts[0].display}, {parts[1].display})"
        return ShortAnswer("list", f"({parts[0].key}, {parts[1].key})", shown, parts=parts)
    return ShortAnswer("relation", " ∪ ".join(each.key for each in allowed), text)


def _loose(text: str, ordered: bool) -> ShortAnswer | None:
    """A formula, a sentence around one number, or a phrase."""
    if len(text) <= LONGEST:
        said = _VALUE_SAID.fullmatch(text)
        if said and not changes_meaning(said["name"]) and (value := quantity(said["value"])):
            return number(value._replace(senses=senses(text)))
        if not re.search(r"[^\W\d_]{8,}", text) and (relation := compared(text)):
            return ShortAnswer("relation", relation, text)
        if formulas.looks_like(text) and (found := _formula(text)):
            return found
    if found := _around_one_number(text):
        return _named(text, found) or found
    wide = sum(char > "\u2e7f" for char in text)
    if len(text) > LONGEST or len(text.split()) > MOST_WORDS or wide > LONGEST_UNSPACED:
        return None
    said = _SAID.match(text)
    what = _typed(said["what"]) if said else None
    if what and what.kind in ("number", "option", "date"):
        return what
    key = text_key(text)
    return ShortAnswer("text", key, text, parts=_other_keys(text, said, ordered)) if key else None


def _formula(text: str) -> ShortAnswer | None:
    named = formulas.assigned(text)
    if value := formulas.result(text):
        return structs.replace(number(value._replace(senses=() if named else senses(text))), named=named)
    formula = formulas.formula(text)
    key = text_key(formula) if formula else ""
    return ShortAnswer("algebra", key, formula, named=named) if formula and key else None


def _around_one_number(text: str) -> ShortAnswer | None:
    numbers = _ONE_NUMBER.findall(text) if len(text) <= 3 * LONGEST and " " in text else []
    if len(numbers) != 1 or changes_meaning(text):
        return None
    only = numbers[0].rstrip(".,")
    tail = text[text.index(only) :]
    value = quantity(" ".join(tail.split()[:2]).rstrip(".,;!")) or quantity(only)
    return number(value._replace(senses=senses(text))) if value else None


def _named(text: str, only: ShortAnswer) -> ShortAnswer | None:
    """ "Article 5" and "Boeing 747", which may be called by their number alone, but not be another article or plane."""
    found = _NAME_AND_NUMBER.fullmatch(text)
    if not found or not _says_nothing().isdisjoint(found["name"].lower().replace(".", "").split()):
        return None
    return ShortAnswer("text", text_key(text), text, parts=(only,))


@cache
def _says_nothing() -> frozenset[str]:
    """Words before a number that make no name of it."""
    fields = ("words", "final", "copula", "answer", "result", "option")
    return _APPROXIMATELY | {word for field in fields for phrase in words_of(field) for word in phrase.lower().split()}


def _other_keys(text: str, said: re.Match[str] | None, ordered: bool) -> tuple[ShortAnswer, ...]:
    """What else a phrase may be called: of "it is Paris" what it is, a list in another order, a place, its article."""
    keys = [text_key(said["what"])] if said else []
    if not is_symbolic(text):
        keys += [
            "" if ordered else set_of_words(text),
            text_key(text[:-1]) if _PLACE.fullmatch(text) else "",
            with_article(text),
            without_capital(text),
        ]
    return tuple(ShortAnswer("text", key, text) for key in dict.fromkeys(keys) if key)


def same(a: ShortAnswer, b: ShortAnswer) -> bool:
    """Whether two answers are one, without algebra. Symmetric; not transitive where a unit or a name is left out."""
    if formulas.other_name(a.named, b.named):
        return False
    if a.key == b.key and a.kind == b.kind:
        return True
    if "option" in (a.kind, b.kind):
        return _same_option(a, b)
    if a.kind == b.kind == "list":
        brackets = a.key[0] == b.key[0] and a.key[-1] == b.key[-1]
        return brackets and len(a.parts) == len(b.parts) and all(map(same, a.parts, b.parts))
    if a.kind == b.kind == "text":
        return _same_text(a, b)
    if a.kind == b.kind == "date":  # of which one may leave the zone out
        return any(part.key in (a.key, b.key) for part in (*a.parts, *b.parts))
    if a.kind == b.kind == "number" and (a.parts or b.parts):
        others = [(x, y) for x in (a, *a.parts) for y in (b, *b.parts)]
        return any(same_quantity(x.quantity, y.quantity) for x, y in others if x.quantity and y.quantity)
    if {a.kind, b.kind} == {"number", "text"}:
        named, bare = (a, b) if a.kind == "text" else (b, a)
        is_bare = bare.quantity is not None and not bare.quantity.unit and not bare.quantity.noun
        return is_bare and any(part.kind == "number" and same(part, bare) for part in named.parts)
    if {a.kind, b.kind} == {"algebra", "text"}:  # a bare letter is one or the other by what stands around it
        return a.key == b.key
    return bool(a.quantity and b.quantity and same_quantity(a.quantity, b.quantity))


def _same_text(a: ShortAnswer, b: ShortAnswer) -> bool:
    names, others = ({part.key for part in each.parts} for each in (a, b))
    lists = {key for key in names & others if key.startswith("{")}
    return b.key in names or a.key in others or bool(lists)


def _same_option(a: ShortAnswer, b: ShortAnswer) -> bool:
    if a.kind == b.kind:
        return False
    option, other = (a, b) if a.kind == "option" else (b, a)
    if other.key == option.display or (other.key == option.display.lower() and other.key in "abcd"):
        return True  # later letters are constants more often than options written small
    return any(same(part, other) for part in option.parts)
