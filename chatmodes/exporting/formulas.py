"""LaTeX as MathML, which browsers set without a script.

A formula is a model's text: of what the converter makes, only elements and attributes that draw a formula are kept, and
what it cannot read is shown as its source.
"""

from html import escape, unescape
from typing import TYPE_CHECKING

from chatmodes.latex import DELIMITERS

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_ELEMENTS = frozenset(
    "math merror menclose mfrac mi mmultiscripts mn mo mover mpadded mphantom mprescripts mroot mrow ms mspace msqrt"
    " mstyle msub msubsup msup mtable mtd mtext mtr mlabeledtr munder munderover none".split()
)
_ATTRIBUTES = frozenset(
    "accent accentunder columnalign columnlines columnspacing depth display displaystyle fence form height largeop"
    " linethickness lspace mathvariant maxsize minsize movablelimits notation rowlines rowspacing rspace scriptlevel"
    " separator stretchy symmetric voffset width".split()
)
_ARGUMENTS = {
    "mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "munder": 2, "mover": 2, "msubsup": 3, "munderover": 3,
}  # fmt: skip
_DEEPEST = 60
"""Groups within groups; a formula that people read has ten."""


def formula(source: str) -> str:
    """A formula with its delimiters as HTML."""
    opening, closing = next((pair for pair in DELIMITERS if source.startswith(pair[0])), ("", ""))
    block = opening in ("$$", "\\[")
    made = _mathml(source[len(opening) : len(source) - len(closing)], block=block)
    return made or f"<code>{escape(source)}</code>"


def _mathml(latex: str, *, block: bool) -> str:
    from latex2mathml.converter import convert_to_element

    if latex.count("{") > 400 or _depth(latex) > _DEEPEST:
        return ""
    try:
        return _serialised(convert_to_element(latex.strip(), display="block" if block else "inline"))
    except Exception:  # noqa: BLE001 - its own errors have no common base, and it raises others on what it did not expect
        return ""


def _depth(latex: str) -> int:
    deepest = depth = 0
    for character in latex:
        depth += (character == "{") - (character == "}")
        deepest = max(deepest, depth)
    return max(deepest, latex.count("\\left"), latex.count("\\begin"))


def _serialised(element: "Element") -> str:
    """The element as HTML. Text comes with entities in it, so that it is unescaped once and escaped once."""
    inside = escape(unescape(element.text or ""), quote=False)
    for child in element:
        inside += _serialised(child) + escape(unescape(child.tail or ""), quote=False)
    tag = element.tag.rpartition("}")[2]
    if len(element) != _ARGUMENTS.get(tag, len(element)):
        raise ValueError(f"{tag} lacks a part, so half a formula would be shown")
    if tag not in _ELEMENTS:
        return inside
    kept = "".join(
        f' {name}="{escape(unescape(value))}"' for name, value in element.attrib.items() if name in _ATTRIBUTES
    )
    return f"<{tag}{kept}>{inside}</{tag}>"
