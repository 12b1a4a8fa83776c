"""What a file is, by its first bytes. Names lie: a phone's HEIC is called .jpg, and a wrong label is refused."""

from typing import Literal, NamedTuple

Kind = Literal["image", "pdf", "text"]


class Found(NamedTuple):
    """What a file is."""

    kind: Kind
    media_type: str


_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
_HEIF = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif")
_OTHER = (
    (b"PK\x03\x04", "a zip archive (or an Office document)"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "an audio file"),
    (b"OggS", "an audio file"),
    (b"fLaC", "an audio file"),
    (b"SQLite format 3\x00", "a database"),
)
_MARKS = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\x00\x00\xfe\xff", "utf-32"), (b"\xef\xbb\xbf", "utf-8-sig"),
          (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))  # fmt: skip
"""Byte order marks; UTF-32's begins with UTF-16's."""


def kind_of(data: bytes) -> Found | None:
    """What these bytes are; None for what no model reads."""
    for magic, media_type in _MAGIC:
        if data.startswith(magic) and not (magic == b"BM" and _is_text(data)):
            return Found("image", media_type)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return Found("image", "image/webp")
    if data[4:8] == b"ftyp" and data[8:12] in _HEIF:
        return Found("image", "image/heic")
    # Something may stand before a PDF; a text that speaks of them has no end of one.
    if b"%PDF-" in data[:1024] and (data.lstrip().startswith(b"%PDF-") or not _is_text(data) or b"startxref" in data):
        return Found("pdf", "application/pdf")
    return Found("text", "text/plain") if _is_text(data) else None


def named(data: bytes) -> str:
    """What a file that no model reads seems to be, for a sentence."""
    if data[4:8] == b"ftyp":
        return "a video"
    return next((what for magic, what in _OTHER if data.startswith(magic)), "binary data")


def decoded(data: bytes) -> tuple[str, str]:
    """A text, and a sentence on what was odd about its encoding; empty where nothing was."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").removeprefix("\ufeff"), ""
    if encoding := _unmarked(data):
        return data.decode(encoding, "replace"), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace"), "it is not UTF-8 and was read as Windows-1252 (Latin-1)"


def _unmarked(data: bytes) -> str:
    """UTF-16 in its byte order, where it has no mark that says so; empty for anything else."""
    beginning = data[:4096]
    if len(data) % 2 or b"\0" not in beginning:
        return ""
    for encoding, zeros in (("utf-16-le", beginning[1::2]), ("utf-16-be", beginning[::2])):
        if zeros.count(0) * 2 < len(zeros):  # half of its characters are letters, spaces and digits as in ASCII
            continue
        text = beginning.decode(encoding, "ignore")
        if all(char.isprintable() or char in "\t\n\r\f" for char in text):
            return encoding
    return ""


def _is_text(data: bytes) -> bool:
    """Whether it reads as text: no NUL but in UTF-16 and UTF-32, and hardly a control character."""
    if any(data.startswith(mark) for mark, _ in _MARKS):
        return True
    beginning = data[:8192]
    if b"\0" in beginning:
        return bool(_unmarked(data))
    odd = sum(byte < 32 and byte not in b"\t\n\r\f\x1b\b" for byte in beginning)
    return odd * 100 <= len(beginning)
