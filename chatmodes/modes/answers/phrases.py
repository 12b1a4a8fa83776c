"""The one spelling of an answer in words, and of one in symbols.

Of words neither case nor punctuation matters; of symbols nearly everything does: `-x`, `x'`, `x!` and `X` are four
answers. What has no word of three letters, or looks like code, is symbols.
"""

import re
import unicodedata

from chatmodes.modes.answers.words import ORDINALS, TENS

_WORD = re.compile(r"[^\W\d_]+")
_FUNCTIONS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh log ln exp sqrt lim max min mod gcd lcm det dim ker"
    " deg arg bar hat vec dot ddot tilde overline underline mathbb mathcal int sum prod frac binom begin end"
    " pmatrix bmatrix matrix infinity inf xor nabla partial dx dy dt".split()
)
_CODE = re.compile(r"\w[(\[]|\w_\w|::|->|=>|==|!=|&&|\|\||\+\+|--|[a-z_]{2,}\.[a-z_]{2,}|^[*&!~]\w|[\w.]@\w|/\w+/")
_COMPOUND = re.compile(r"(?:[A-Z][a-z]?\d*){2,12}")
"""NaOH: an element each capital begins."""
_ACRONYM = re.compile(r"\b[A-Z](?:\.[A-Z])+\b\.?(?![a-z])")
_INITIALS = re.compile(r"(?<![^\W_])([A-Z])\.? (?=[A-Z]\b\.?[ .])|(?<![^\W_])([A-Z])\.(?=[A-Z]\.? )")
"""J. K. Rowling is JK Rowling."""
_DECADE = re.compile(r"\b(\d{2,3}0)'s\b")
_VERSION = re.compile(r"^(?:version |v\.? ?)(?=\d+\.\d+\.\d+(?:[.-]\w+)*$)", re.I)
_NO_SOLUTION = re.compile(
    r"(?:there (?:is|are|exists?) |(?:the|this|these) (?:\w+ ){0,2}(?:equations?|systems?|inequalit(?:y|ies)) has "
    r"|it has |has )?"
    r"(?:no (?P<which>real |integer |positive |rational )?(?:solutions?|roots?)(?: exists?)?"
    r"|(?P<many>infinitely many|an infinite number of|infinite)(?: (?P<of>real |integer )?(?:solutions?|roots?))?)"
    r"|(?P<empty>(?:the )?empty set|∅|\{ ?\}|keine lösung|aucune solution|pas de solution|sin solución"
    r"|no (?:hay|tiene) soluci(?:ón|ones)|nessuna soluzione|sem solução|não tem solução|нет решений|решений нет"
    r"|无解|無解|解なし|해가 없다|لا يوجد حل|brak rozwiązań|geen oplossing(?:en)?|çözüm yok)",
    re.I,
)
"""The usual sentences for a set of solutions that is empty, or without end."""
_ROMAN = re.compile(r"\(([ivx]{2,5}|[IVX]{2,5})\)")
"""The number of a statement."""
_ABBREVIATED = re.compile(r"^(?:mt|mount)\b\.? |^(?:st|saint)\b\.? ", re.I)
_CAMEL = re.compile(r"[a-z]{2,}\d*(?:[A-Z][a-z\d]+)+")
"""fooBar is no FooBar."""
_ON_A_DAY = re.compile(r"^on (?=(?:mon|tues|wednes|thurs|fri|satur|sun)day\b)", re.I)
_LONE_STAR = re.compile(r"(?<=\s)\*(?=\s|$)")
"""`SELECT *` says more than SELECT."""
_HALF_OF_DAY = re.compile(r"(?<=\d) (?=[ap]m\b)")
_ORDINAL_COMMA = re.compile(r"(?<=\d),(?=(?:\d{3},)*\d{3}(?:st|nd|rd|th)\b)")
_ORDINAL_WORD = re.compile(rf"\b(?:({'|'.join(TENS)}) )?({'|'.join(ORDINALS)})\b")
_SPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f\u0590-\u0dff]")
"""Scripts without capitals, whose shortest words are words."""
_ARTICLE = re.compile(
    r"^(?:(?i:the|an?|der|die|das|ein|eine)|le|la|les|un|une|el|los|las|una|il|lo|gli|i|o|os|as|η|ο|το)\s+(?=\S\S)|^l'"
)
"""Those of Romance languages in small letters only: of La Paz and Los Angeles they are a part."""
_TITLE = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|dr|prof|professor|sir|dame|lord|lady|herr|frau|mme|m|monsieur|madame|señor|señora|sr|sra|signor|signora"
    r"|dott|doctor)\.?\s+)+(?=\S+)",
    re.I,
)
_NO_TITLE = re.compile(r"^(?:DR|MR|MS|M|SR)\s+(?=\S*[a-z])")
"""DR Congo and MS Windows: in capitals before a name in small letters they are something else."""
_MINUS = re.compile(r"(?<![^\W_])-(?=[\d.(]|infinity)|(?<=\b[a-z])-(?![^\W_])|(?<=\b[a-z][a-z])-(?![^\W_])")
"""Hyphens that carry meaning: of a negative number, and behind a grade, a blood group or an ion."""
_MARKS = re.compile("[\u064b-\u065f\u0591-\u05bd\u05bf-\u05c7]")
"""Vowel points of Arabic and Hebrew, which most leave out."""
_LITERAL = re.compile(r"0(?:[xX][\da-fA-F]+|[bB][01]+|[oO][0-7]+)|#(?:[\da-fA-F]{3}){1,2}")
_APPLIED = re.compile(
    r"\b((?:arc)?(?:sin|cos|tan)h?|sec|csc|cot|log|ln|exp)(?:(\^-?\d)\s*|\s+)(?=[^\W_]{1,2}(?![\w(]))(\w{1,2})"
)
_ION = re.compile(r"(?<=[A-Za-z\d)\]])\^(?=[-+]$)")
_SHELLS = re.compile(r"(?:\[[A-Z][a-z]\]\s*)?(?:[1-7][spdf]\^?\d{1,2}\s*){1,12}")
"""How the electrons of an atom are placed: 1s2 2s2 is 1s² 2s²."""
_STATEMENTS = re.compile(
    r"(?:only |statements? )*(?P<which>[IVX]{1,4}(?:(?:, | and |, and )[IVX]{1,4}){0,4})(?: only)?"
)
_UNDETERMINED = re.compile(
    r"(?:(?:it|this|that|the (?:\w+ )?(?:answer|value|number|result)) )?"
    r"(?:(?:cannot|can ?not|can't|could not|couldn't) be (?:determined|calculated|computed|found|known|answered)"
    r"|(?:is |it's )?(?:not possible|impossible) to (?:determine|calculate|compute|find|know|tell|say|answer)"
    r"(?: (?:it|this|that|the \w+))?)(?: (?:from|with|without|based on|using|by|given|for) .{3,60})?"
    r"|(?:there is |there's )?(?:not enough|insufficient|too little) (?:information|data|info)(?: .{3,60})?",
    re.I,
)
"""An answer among values, which a question may allow."""
_NONEXISTENT = re.compile(r"(?:(?:it|this|the limit|the value) )?(?:does not exist|doesn't exist|dne)", re.I)


def text_key(text: str) -> str:
    """Equal for two spellings of the same words or symbols; empty where nothing is left."""
    if nothing := _no_solution(text.strip(" .")):
        return nothing
    if found := _ROMAN.fullmatch(text.strip(" .")):
        return found[1]
    if found := _STATEMENTS.fullmatch(text.strip(" .")):
        text = found["which"]
    text = _VERSION.sub("", _DECADE.sub(r"\1s", text.strip()))
    text = _INITIALS.sub(
        lambda found: found[1] or found[2], _ACRONYM.sub(lambda found: found[0].replace(".", ""), text)
    )
    return symbol_key(text) if is_symbolic(text) else phrase_key(text)


def is_symbolic(text: str) -> bool:
    """Whether signs, case and brackets are what the text says."""
    if _SPACED.search(text) or text.lower() in ("ok", "up", "go"):
        return False
    if (_COMPOUND.fullmatch(text) and any(c.islower() for c in text)) or _CAMEL.fullmatch(text):
        return True
    words = _WORD.findall(text)
    if all(len(word) <= 2 or word.lower() in _FUNCTIONS for word in words):
        is_name = len(words) > 1 and all(c.isalpha() or c.isspace() for c in text)  # Li Na, Xi
        return not is_name or any(word.lower() in _FUNCTIONS for word in words)
    return bool(_CODE.search(text)) and len(text.split()) <= 4


def symbol_key(text: str) -> str:
    """The symbols as they are, without blanks that say nothing."""
    text = _APPLIED.sub(lambda found: f"{found[1]}{found[2] or ''}({found[3]})", text.rstrip(" .,;"))
    text = _ION.sub("", text)
    if _SHELLS.fullmatch(text):
        text = text.replace("^", "")
    text = re.sub(r"_\{(\w+)\}|_(?=\d)", lambda found: found[1] or "", text)
    text = text.removeprefix("+") if text == "+infinity" else text
    text = re.sub(r"(?<!\w)\s+|\s+(?!\w)|(?<=\d)\s+(?=[^\W\d])", "", text)
    return text.lower() if _LITERAL.fullmatch(text) else {"{}": "∅"}.get(text, text)


def phrase_key(text: str) -> str:
    """A phrase without case, accents, articles, titles and punctuation; signs of mathematics and of money are none."""
    return with_article(_ARTICLE.sub("", _ON_A_DAY.sub("", text.strip())))


def with_article(text: str) -> str:
    """The key of a phrase that keeps its article, for whoever writes that large."""
    text = _untitled(text.strip())
    return _folded(text, keep_accents=text.islower() and " " not in text)


def without_capital(text: str) -> str:
    """The key of a phrase as if it were written in small letters, which keeps the accents of a single word."""
    text = _untitled(text.strip()).lower()
    return _folded(text, keep_accents=" " not in text)


def _untitled(text: str) -> str:
    return text if _NO_TITLE.match(text) else _TITLE.sub("", text)


def _no_solution(text: str) -> str:
    """One key for "there is no solution", "no solutions" and the empty set, and for what cannot be told; empty for
    everything else."""
    if _UNDETERMINED.fullmatch(text):
        return "cannot be determined"
    if _NONEXISTENT.fullmatch(text):
        return "does not exist"
    found = _NO_SOLUTION.fullmatch(text)
    if not found:
        return ""
    many = "infinitely many" if found["many"] else "no"
    return f"{many} {(found['which'] or found['of'] or '').lower()}solutions"


def _folded(text: str, *, keep_accents: bool) -> str:
    """Small letters, and of names no accents: "sao paulo" is São Paulo, but "schon" is another word than "schön"."""
    text = _ORDINAL_COMMA.sub("", _LONE_STAR.sub("∗", text.casefold()))
    text = _MINUS.sub("\u2212", _MARKS.sub("", text) if keep_accents else _unaccented(text))
    text = "".join(c if _counts(c) else " " for c in unicodedata.normalize("NFC", text))
    text = re.sub(r"[\s_-]+", " ", text).strip()
    text = _ABBREVIATED.sub(lambda found: "mount " if found[0].startswith("m") else "saint ", text)
    text = _HALF_OF_DAY.sub("", re.sub(r"\b(\d+)(?:st|nd|rd|th)\b", r"#\1", text))
    return _ORDINAL_WORD.sub(_ordinal, text)


def _ordinal(found: re.Match[str]) -> str:
    """ "first" as #1, and "twenty first" as #21."""
    last = ORDINALS[found[2]]
    if found[1] and last > 9:
        return f"{found[1]} #{last}"
    return f"#{TENS.get(found[1] or '', 0) + last}"


def _counts(char: str) -> bool:
    category = unicodedata.category(char)
    return char.isalnum() or char in "_+#%&/-" or category in ("Sm", "Sc") or category[0] == "M"


def _unaccented(text: str) -> str:
    """Without the accents of Latin and Greek letters; of other scripts such marks are letters."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFC", _MARKS.sub("", text)):
        base = unicodedata.normalize("NFD", char)
        kept.append(base[0] if len(base) > 1 and (base[0].isascii() or "\u0370" <= base[0] <= "\u03ff") else char)
    return "".join(kept)
