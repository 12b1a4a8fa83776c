"""What a terminal draws pictures by, and what is written to it."""

import base64
import re
import zlib

import pytest

from chatmodes.tui.pictures.protocols import protocol_of, sequence
from tests.attaching.made import picture

PNG = picture(size=(300, 200))


@pytest.mark.parametrize(
    ("environ", "protocol"),
    [
        ({"TERM": "xterm-kitty", "KITTY_WINDOW_ID": "1"}, "kitty"),
        ({"TERM_PROGRAM": "ghostty"}, "kitty"),
        ({"TERM_PROGRAM": "iTerm.app"}, "iterm"),
        ({"TERM_PROGRAM": "WezTerm"}, "iterm"),
        ({"TERM": "foot"}, "sixel"),
        ({"TERM": "xterm-256color"}, None),
        ({"TERM": "xterm-kitty", "TMUX": "/tmp/x"}, None),
        ({"TERM": "xterm-kitty", "SSH_TTY": "/dev/pts/0"}, None),
        ({"TERM_PROGRAM": "iTerm.app", "TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}, None),
    ],
)
def test_only_the_environment_says_what_a_terminal_can(environ: dict[str, str], protocol: str | None) -> None:
    assert protocol_of(environ) == protocol


def test_kitty_gets_the_pixels_in_pieces_that_say_when_they_end() -> None:
    pieces = re.findall(r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", sequence("kitty", PNG, 80, 24))
    assert pieces[0][0].startswith("a=T,f=24,o=z,s=300,v=200,c=30,r=10,")
    assert [head[-3:] for head, _ in pieces] == [*["m=1"] * (len(pieces) - 1), "m=0"]
    assert len(zlib.decompress(base64.b64decode("".join(data for _, data in pieces)))) == 300 * 200 * 3


def test_iterm_gets_the_file() -> None:
    written = sequence("iterm", PNG, 80, 24)
    assert written.startswith(f"\x1b]1337;File=inline=1;size={len(PNG)};width=30;height=10;")
    assert base64.b64decode(written.partition(":")[2].rstrip("\x07")) == PNG


def test_sixel_holds_every_pixel_once() -> None:
    written = sequence("sixel", PNG, 80, 24)
    assert written.startswith('\x1bPq"1;1;300;200#0;2;')
    bands = re.sub(r"^\x1bPq\"[\d;]+(#\d+;2;\d+;\d+;\d+)*", "", written).removesuffix("\x1b\\").split("-")
    assert len(bands) == 34
    for at, band in enumerate(bands):
        rows = [sum((ord(char) - 63).bit_count() for char in _plain(line)) for line in band.split("$")]
        assert sum(rows) == 300 * (6 if at < 33 else 2)


def _plain(line: str) -> str:
    """A colour's line without its number and its shortened runs."""
    return re.sub(r"!(\d+)(.)", lambda run: run[2] * int(run[1]), re.sub(r"^#\d+", "", line))
