"""A page of HTML as text: headings, lists and links stay, scripts and what nobody sees go.

A page is a stranger's, and Python's parser looks through the whole rest of one again and again for the end of a tag
that never comes: some kilobytes of `<a ` would keep it for hours. So it is given a little at a time, of a tag no more
than a real one has, and of the whole no more time than a reader would wait.
"""

import re
import time
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

_SILENT = frozenset(("script", "style", "noscript", "template", "svg", "iframe", "head"))
_BLOCKS = frozenset(
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header hr li main "
    "nav ol p pre section table tr ul".split()
)
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())


SECONDS = 10.0
"""That reading one page may take."""
_PIECE = 4_096
"""Characters that the parser is given at once."""
_UNFINISHED = 16_384
"""Characters of a tag or a comment without an end; what is longer, such as a picture in an address, is passed over."""
_CUT = "\n\n[The rest of the page is left out: reading it takes too long.]"


def text_of(html: str, url: str, seconds: float = SECONDS) -> str:
    """What a reader would see of a page, with the links' addresses behind their words. Takes up to so many seconds:
    call it in a thread."""
    reader, end, cut = _Reader(url), time.monotonic() + seconds, ""
    for at in range(0, len(html), _PIECE):
        if time.monotonic() > end:
            cut = _CUT
            break
        reader.take(html[at : at + _PIECE])
    reader.finish()
    text = re.sub(r"[ \t\r\f\v]+", " ", "".join(reader.pieces))
    text = re.sub(r" ?\n ?", "\n", text)
    body = re.sub(r"\n{3,}", "\n\n", text).strip()
    title = " ".join("".join(reader.title).split())
    return (f"# {title}\n\n{body}" if title and not body.startswith(f"# {title}") else body) + cut


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.title: list[str] = []
        self._url = url
        self._silent: list[str] = []
        self._in_title = False
        self._links: list[str] = []
        self._until = ""
        """What ends the markup that is being passed over; empty where none is."""
        self._passed = ""
        """The last of it, where its end may have begun."""

    def take(self, piece: str) -> None:
        """Read on. What is unfinished for too long is passed over to its end."""
        if self._until:
            passed, found, piece = (self._passed + piece).partition(self._until)
            if not found:
                self._passed = passed[-len(self._until) :]
                return
            self._until = ""
        self.feed(piece)
        if len(self.rawdata) > _UNFINISHED:
            if self.cdata_elem:  # a script, which nobody sees: its end may have begun
                self.rawdata = self.rawdata[-64:]
            else:
                self._until = "-->" if self.rawdata.startswith("<!--") else ">"
                self._passed = self.rawdata[-len(self._until) :]
                self.rawdata = ""

    def finish(self) -> None:
        """The page ends: a text that waited for more is one, markup is none."""
        if not self.rawdata.startswith("<"):
            self.handle_data(unescape(self.rawdata))
        self.rawdata = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        hidden = "hidden" in found or "display:none" in (found.get("style") or "").replace(" ", "").lower()
        if tag == "title":
            self._in_title = True
        elif tag == "body":
            self._silent.clear()  # a head that nobody closed
        elif tag in _SILENT or self._silent or (hidden and tag not in _VOID):
            if tag not in _VOID:
                self._silent.append(tag)
        elif tag == "a":
            self._links.append(_joined(self._url, found.get("href") or ""))
        else:
            self._block(tag)
            if tag == "li":
                self.pieces.append("- ")
            elif tag[0] == "h" and tag[1:].isdigit():
                self.pieces.append("#" * int(tag[1:]) + " ")
            elif tag in ("td", "th"):
                self.pieces.append(" | ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        elif self._silent:
            if tag in self._silent:
                del self._silent[len(self._silent) - 1 - self._silent[::-1].index(tag) :]
        elif tag == "a" and self._links:
            link = self._links.pop()
            if link.startswith(("http://", "https://")) and link != self._url:
                self.pieces.append(f" <{link}>")
        else:
            self._block(tag)

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._silent:
            self.pieces.append(data)

    def _block(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n\n" if tag == "p" or (tag[0] == "h" and tag[1:].isdigit()) else "\n")


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link)
    except ValueError:  # `http://[`
        return ""
