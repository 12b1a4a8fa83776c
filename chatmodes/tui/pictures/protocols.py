"""Pictures as the terminal itself can draw them, where its environment says that it can.

Nothing is asked of the terminal: an answer may come late, and would be read as keys. Under a multiplexer, over SSH and
in a browser nobody knows what draws in the end, so half cells stay there.
"""

import base64
import os
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Literal

Protocol = Literal["kitty", "iterm", "sixel"]
CELL = 10, 20
"""Pixels that a cell is taken to have: what is drawn is scaled to cells where the protocol can say so."""
_PIECE = 4096
_SIXEL_COLOURS = 128
_RUN = re.compile(rb"(.)\1{3,}", re.DOTALL)


def protocol_of(environ: Mapping[str, str] = os.environ) -> Protocol | None:
    """What the terminal draws pictures by; None where half cells are the best there is."""
    if any(environ.get(name) for name in ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY", "ZELLIJ", "TEXTUAL_DRIVER")):
        return None
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    if environ.get("KITTY_WINDOW_ID") or term in ("xterm-kitty", "xterm-ghostty") or program == "ghostty":
        return "kitty"
    if program in ("iTerm.app", "WezTerm", "mintty"):
        return "iterm"
    if term.startswith(("foot", "mlterm")) or "sixel" in term or environ.get("KONSOLE_VERSION"):
        return "sixel"
    return None


def sequence(protocol: Protocol, content: bytes, columns: int, rows: int) -> str:
    """What draws a picture at the cursor within so many cells. It takes up to half a second: call it in a thread.

    Raises `AttachError` for what is no picture that can be read.
    """
    from chatmodes.attaching.pictures import pixels

    width, height, rgb = pixels(content, columns * CELL[0], rows * CELL[1], (0, 0, 0))
    if protocol == "sixel":
        return _sixel(width, height, rgb)
    across, down = max(1, width // CELL[0]), max(1, height // CELL[1])
    return _kitty(width, height, rgb, across, down) if protocol == "kitty" else _iterm(content, across, down)


def _kitty(width: int, height: int, rgb: bytes, columns: int, rows: int) -> str:
    data = base64.b64encode(zlib.compress(rgb, 1)).decode("ascii")
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    head = f"a=T,f=24,o=z,s={width},v={height},c={columns},r={rows},q=2,"
    return "".join(
        f"\x1b_G{head if not at else ''}m={int(at < len(pieces) - 1)};{piece}\x1b\\" for at, piece in enumerate(pieces)
    )


def _iterm(content: bytes, columns: int, rows: int) -> str:
    data = base64.b64encode(content).decode("ascii")
    size = f"size={len(content)};width={columns};height={rows};preserveAspectRatio=1"
    return f"\x1b]1337;File=inline=1;{size}:{data}\x07"


def _sixel(width: int, height: int, rgb: bytes) -> str:
    from chatmodes.attaching.pictures import in_palette

    palette, indices = in_palette(width, height, rgb, _SIXEL_COLOURS)
    colours = "".join(
        f"#{at};2;{r * 100 // 255};{g * 100 // 255};{b * 100 // 255}" for at, (r, g, b) in enumerate(palette)
    )
    bands = (_band(indices[top * width : (top + 6) * width], width) for top in range(0, height, 6))
    return f'\x1bPq"1;1;{width};{height}{colours}{"-".join(bands)}\x1b\\'


def _band(indices: bytes, width: int) -> str:
    """Six rows: for each colour in them a run of characters whose six bits say where it is."""
    rows = [indices[at : at + width] for at in range(0, len(indices), width)]
    drawn: list[str] = []
    for colour in sorted(set(indices)):
        bits = 0
        for at, row in enumerate(rows):
            only = bytes(1 << at if each == colour else 0 for each in range(256))
            bits |= int.from_bytes(row.translate(only), "big")
        line = bytes(63 + each for each in bits.to_bytes(width, "big"))
        drawn.append(f"#{colour}{_RUN.sub(_shortened, line).decode('ascii')}")
    return "$".join(drawn)


def _shortened(run: re.Match[bytes]) -> bytes:
    return b"!%d%b" % (len(run[0]), run[1])


def drawing(protocol: Protocol, content: bytes, line: str, size: tuple[int, int]) -> Callable[[], None]:
    """What shows a picture on a terminal that was lent, until Enter is pressed."""

    def draw() -> None:
        import sys

        out, keys = sys.__stderr__, sys.__stdin__  # where Textual writes as well
        if out is None or keys is None:
            return
        shown = sequence(protocol, content, size[0], max(1, size[1] - 2))
        out.write(f"\x1b[2J\x1b[H{shown}\r\n{line} · Enter goes back\r\n")
        out.flush()
        keys.readline()
        out.write("\x1b_Ga=d,q=2\x1b\\" * (protocol == "kitty") + "\x1b[2J\x1b[H")
        out.flush()

    return draw
