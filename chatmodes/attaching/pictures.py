"""A picture made ready for every provider: upright, small enough, without metadata, JPEG or PNG.

The floor is what all of them take: a long edge of 1,568 pixels, 3.7 MB, JPEG or PNG (Anthropic counts 5 MB in base64,
llama.cpp knows neither WebP nor HEIC). Where a photograph was taken is nobody's business: metadata are dropped whole.
"""

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from chatmodes.attaching.errors import AttachError
from chatmodes.attaching.kinds import Found, kind_of

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EDGE = 1568
"""Pixels of the longer side, at most."""
BYTES = 3_700_000
MOST_PIXELS = 80_000_000
"""Beyond it a picture is refused before it is decoded: 80 megapixels are 320 MB in memory."""
SECONDS = 30.0
"""That reading one may take."""
LOCKING = ("image/webp", "image/heic", "image/tiff", "image/bmp")
"""Their decoders keep the interpreter's lock, or are seldom looked at: they are read apart."""
_FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "HEIF"]
_QUALITIES = (88, 75, 60)


class Ready(msgspec.Struct, frozen=True, tag="ready"):
    """A picture as it is sent."""

    content: bytes
    media_type: str
    width: int
    height: int


def prepared(data: bytes, name: str) -> Ready:
    """The picture as it is sent. Takes up to a second: call it in a thread, or apart. Raises `AttachError`."""
    if kind_of(data) == Found("image", "image/heic"):
        _learn_heif(name)
    with _opened(data, name, EDGE, EDGE) as picture:
        return Ready(*_encoded(_plain(picture), name), picture.width, picture.height)


def pixels(data: bytes, width: int, height: int, ground: tuple[int, int, int]) -> tuple[int, int, bytes]:
    """A picture's width, height and colours, three bytes a pixel, within so many pixels and over a ground of one
    colour; for showing it. Call it in a thread. Raises `AttachError`."""
    from PIL import Image

    with _opened(data, "The picture", max(1, width), max(1, height)) as picture:
        plain = _plain(picture)
        over = Image.new("RGB", plain.size, ground)
        over.paste(plain, mask=plain.getchannel("A") if plain.mode == "RGBA" else None)
        return over.width, over.height, over.tobytes()


def in_palette(width: int, height: int, rgb: bytes, colours: int) -> tuple[list[tuple[int, int, int]], bytes]:
    """Pixels in so many colours at most: the colours, and for each pixel which of them it has."""
    from PIL import Image

    reduced = Image.frombytes("RGB", (width, height), rgb).quantize(colours)
    flat = reduced.getpalette() or []
    triples = [(flat[at], flat[at + 1], flat[at + 2]) for at in range(0, min(len(flat), colours * 3) - 2, 3)]
    return triples, reduced.tobytes()


@contextmanager
def _opened(data: bytes, name: str, width: int, height: int) -> Generator["Picture"]:
    """The picture upright and within so many pixels, its first frame. Raises `AttachError` for whatever goes wrong."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # beyond twice that Pillow itself refuses to open it
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # between the two it is judged here
    try:
        # Pillow fails at a format that it does not know before it says that a picture is of none.
        formats = [each for each in _FORMATS if each != "HEIF" or each in Image.OPEN]
        with Image.open(io.BytesIO(data), formats=formats) as opened:
            _check_size(opened, name)
            across, down = opened.size
            shrink = max(min(width / across, height / down), min(width / down, height / across))  # it may be turned
            if shrink < 1:  # a JPEG is decoded at half or a quarter of its size
                opened.draft("RGB", (int(across * shrink) or 1, int(down * shrink) or 1))
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((width, height), Image.Resampling.LANCZOS, reducing_gap=3.0)
            yield picture
    except AttachError:
        raise
    except UnidentifiedImageError as error:
        raise AttachError(f"{name} is no picture that can be read; save it as PNG or JPEG.") from error
    except Image.DecompressionBombError as error:
        raise AttachError(f"{name} unpacks to far more than a picture should; it was not opened.") from error
    except Exception as error:  # a hostile file makes its plugin raise what it likes, `struct.error` or `KeyError`
        raise AttachError(f"{name} is damaged or cut off ({_reason(error)}); save it again.") from error


def _check_size(picture: "Picture", name: str) -> None:
    pixels = picture.width * picture.height
    if pixels > MOST_PIXELS:
        most = MOST_PIXELS / 1e6
        raise AttachError(f"{name} has {pixels / 1e6:,.0f} megapixels, more than {most:.0f}; make it smaller.")


def _plain(picture: "Picture") -> "Picture":
    """The picture in red, green and blue, with its transparency where it has some, and nothing else."""
    from PIL import Image

    if picture.mode in ("I;16", "I;16B", "I;16L", "I", "F"):  # sixteen bits: the eight that count
        low, high = picture.convert("F").getextrema()
        low, high = float(low), float(high)  # pyright: ignore[reportArgumentType]
        span = (high - low) or 1.0
        picture = picture.convert("F").point(lambda value: (value - low) * 255 / span).convert("L")
    clear = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    picture = picture.convert("RGBA" if clear else "RGB")
    if clear and picture.getchannel("A").getextrema() == (255, 255):
        picture = picture.convert("RGB")
    bare = Image.new(picture.mode, picture.size)  # metadata do not come along
    bare.paste(picture)
    return bare


def _encoded(picture: "Picture", name: str) -> tuple[bytes, str]:
    """The smaller of PNG and JPEG, and within the limit. A picture with transparency stays a PNG where that fits."""
    from PIL import Image

    if picture.mode == "RGBA":
        png = _png(picture)
        if len(png) <= BYTES:
            return png, "image/png"
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        picture = white
    best = _saved(picture, "JPEG", quality=_QUALITIES[0])
    if not _is_photograph(picture, len(best)):
        png = _png(picture)
        if len(png) <= min(len(best), BYTES):
            return png, "image/png"
    for quality in _QUALITIES:
        jpeg = best if quality == _QUALITIES[0] else _saved(picture, "JPEG", quality=quality)
        if len(jpeg) <= BYTES:
            return jpeg, "image/jpeg"
    raise AttachError(f"{name} cannot be made smaller than {BYTES / 1e6:.1f} MB; crop it.")


def _is_photograph(picture: "Picture", jpeg: int) -> bool:
    """Whether a PNG would be far larger than the JPEG, as a strip from the middle says: the whole takes 0.3 s."""
    height = picture.height // 8
    if not height:
        return False
    strip = picture.crop((0, (picture.height - height) // 2, picture.width, (picture.height + height) // 2))
    return len(_saved(strip, "PNG", optimize=False, compress_level=1)) * 8 > jpeg * 2


def _png(picture: "Picture") -> bytes:
    return _saved(picture, "PNG", optimize=False, compress_level=6)


def _saved(picture: "Picture", form: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def _learn_heif(name: str) -> None:
    try:
        from pillow_heif import register_heif_opener  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
    except ImportError as error:
        raise AttachError(
            f"{name} is a HEIC picture, which needs the extra `heic` (pillow-heif); or save it as JPEG."
        ) from error
    register_heif_opener()


def _reason(error: BaseException) -> str:
    return str(error).rstrip(".") or type(error).__name__
