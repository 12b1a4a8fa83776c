"""Inline Markdown to pieces of styled text: emphasis, code, links with their target in sight, hard breaks."""

import re
from collections.abc import Sequence
from functools import cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.style import Style

from chatmodes.latex import use_math
from chatmodes.tui.markdown.display import inert
from chatmodes.tui.markdown.formulas import unicode_formula
from chatmodes.tui.markdown.palette import BOLD, ITALIC, STRIKE, Palette
from chatmodes.tui.markdown.wrap import Piece

TARGET_CELLS = 48
"""An address is shown up to here; the mouse over the link, and a click, give the whole."""

_ADDED = {"strong_open": BOLD, "em_open": ITALIC, "s_open": STRIKE}


DENSE = 500
"""Marks in one text beyond which they are drawn as they are: parsing takes the square of their number."""
_BREAK = re.compile(r" ?<br ?/?> ?", re.IGNORECASE)
_QUADRATIC = "[*_~<&"
_MARKS = re.compile(r"[*_`~\[\]<>&\\$]|://|mailto:")
"""Without any of these a text has nothing to parse, which is five times as fast."""


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("gfm-like", {"html": False, "maxNesting": 20})
    if parser.linkify is not None:
        # Only what has a scheme is a link: README.md and main.py end in country codes.
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
    use_math(parser)
    return parser


def shortened(address: str, room: int = TARGET_CELLS) -> str:
    """The address with its middle left out: the host at the start is what a reader judges it by."""
    if len(address) <= room:
        return address
    return address[: room - 13] + "…" + address[-12:]


def pieces(content: str, style: Style, palette: Palette) -> list[Piece]:
    """A block's inline text. `style` is what the block is drawn with."""
    if not _MARKS.search(content) or sum(map(content.count, _QUADRATIC)) + 10 * content.count("://") > DENSE:
        return [Piece("\n".join(line.strip() for line in inert(content).split("\n")), style)]
    (root,) = _parser().parseInline(content)
    return _styled(root.children or [], style, palette)


def _styled(tokens: Sequence[Token], style: Style, palette: Palette) -> list[Piece]:
    out: list[Piece] = []
    styles = [style]
    link = ""
    label: list[str] = []
    for token in tokens:
        kind = token.type
        if kind == "text":
            # The one tag that models write for a terminal's sake: in a table there is no other way to a new line.
            out.append(Piece(_BREAK.sub("\n", inert(token.content.replace("\n", " "))), styles[-1], link))
            label.append(token.content)
        elif kind == "math":
            out.append(Piece(inert(unicode_formula(token.content)), styles[-1] + ITALIC, link))
            label.append(token.content)
        elif kind in ("softbreak", "hardbreak"):
            # Models do not wrap their lines: a newline they send is one they mean.
            out.append(Piece("\n", styles[-1]))
        elif kind == "code_inline":
            own = palette.code + (BOLD if styles[-1].bold else Style.null())
            out.append(Piece(inert(token.content.replace("\n", " ")), palette.link if link else own, link))
            label.append(token.content)
        elif kind in _ADDED:
            styles.append(styles[-1] + _ADDED[kind])
        elif kind in ("strong_close", "em_close", "s_close"):
            styles.pop()
        elif kind == "link_open":
            link, label = inert(str(token.attrGet("href") or "")), []
            styles.append(styles[-1] + palette.link)
        elif kind == "link_close":
            styles.pop()
            out.extend(_target(link, "".join(label), palette))
            link = ""
        elif kind == "image":
            address = inert(str(token.attrGet("src") or ""))
            out.append(Piece(f"▣ {inert(token.content) or 'image'}", styles[-1] + palette.link, address))
            out.extend(_target(address, token.content, palette))
        elif token.content:
            out.append(Piece(inert(token.content), styles[-1], link))
    return out


def _target(address: str, label: str, palette: Palette) -> list[Piece]:
    """Where a link goes, unless its text says it already."""
    if not address or label.strip() in (address, address.removeprefix("http://"), address.removeprefix("mailto:")):
        return []
    return [Piece(f" ({shortened(address)})", palette.dim, address)]
