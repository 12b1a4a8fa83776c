"""Inline Markdown to pieces of styled text: emphasis, code, links with their target in sight, hard breaks."""

from collections.abc import Sequence

from markdown_it.token import Token
from rich.style import Style

from chatmodes.tui.markdown.palette import BOLD, ITALIC, STRIKE, Palette
from chatmodes.tui.markdown.wrap import Piece

TARGET_CELLS = 48
"""An address is shown up to here; the mouse over the link, and a click, give the whole."""

_ADDED = {"strong_open": BOLD, "em_open": ITALIC, "s_open": STRIKE}


def shortened(address: str, room: int = TARGET_CELLS) -> str:
    """The address with its middle left out: the host at the start is what a reader judges it by."""
    if len(address) <= room:
        return address
    return address[: room - 13] + "…" + address[-12:]


def pieces(tokens: Sequence[Token], style: Style, palette: Palette) -> list[Piece]:
    """The children of an inline token. `style` is what the surrounding block is drawn with."""
    out: list[Piece] = []
    styles = [style]
    link = ""
    label: list[str] = []
    for token in tokens:
        kind = token.type
        if kind == "text":
            out.append(Piece(token.content.replace("\n", " ").expandtabs(4), styles[-1], link))
            label.append(token.content)
        elif kind in ("softbreak", "hardbreak"):
            # Models do not wrap their lines: a newline they send is one they mean.
            out.append(Piece("\n", styles[-1]))
        elif kind == "code_inline":
            own = palette.code + (BOLD if styles[-1].bold else Style.null())
            out.append(Piece(token.content.replace("\n", " ").expandtabs(4), palette.link if link else own, link))
            label.append(token.content)
        elif kind in _ADDED:
            styles.append(styles[-1] + _ADDED[kind])
        elif kind in ("strong_close", "em_close", "s_close"):
            styles.pop()
        elif kind == "link_open":
            link, label = str(token.attrGet("href") or ""), []
            styles.append(styles[-1] + palette.link)
        elif kind == "link_close":
            styles.pop()
            out.extend(_target(link, "".join(label), palette))
            link = ""
        elif kind == "image":
            address = str(token.attrGet("src") or "")
            out.append(Piece(f"▣ {token.content or 'image'}", styles[-1] + palette.link, address))
            out.extend(_target(address, token.content, palette))
        elif token.content:
            out.append(Piece(token.content, styles[-1], link))
    return out


def _target(address: str, label: str, palette: Palette) -> list[Piece]:
    """Where a link goes, unless its text says it already."""
    if not address or label.strip() in (address, address.removeprefix("http://"), address.removeprefix("mailto:")):
        return []
    return [Piece(f" ({shortened(address)})", palette.dim, address)]
