"""A picture made ready for every provider: upright, small enough, without metadata, JPEG or PNG.

The floor is what all of them take: a long edge of 1,568 pixels, 3.7 MB, JPEG or PNG (Anthropic counts 5 MB in base64,
llama.cpp knows neither WebP nor HEIC). Where a photograph was taken is nobody's business: metadata are dropped whole.
"""

import io
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from chatmodes.attaching.errors import AttachError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

EDGE = 1568
"""Pixels of the longer side, at most."""
BYTES = 3_700_000
MOST_PIXELS = 80_000_000
"""Beyond it a picture is refused before it is decoded: 80 megapixels are 320 MB in memory."""
_FORMATS = ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "HEIF"]
_QUALITIES = (88, 75, 60)


def prepared(data: bytes, name: str, media_type: str) -> tuple[bytes, str, int, int]:
    """The picture's bytes as they are sent, their media type, width and height. Takes up to a second: call it in a
    thread. Raises `AttachError`."""
    if media_type == "image/heic":
        _learn_heif(name)
    with _opened(data, name, EDGE, EDGE) as picture:
        return (*_encoded(_plain(picture), name), picture.width, picture.height)


def pixels(data: bytes, width: int, height: int, ground: tuple[int, int, int]) -> tuple[int, int, bytes]:
    """A picture's width, height and colours, three bytes a pixel, within so many pixels and over a ground of one
    colour; for showing it. Call it in a thread. Raises `AttachError`."""
    from PIL import Image

    with _opened(data, "The picture", max(1, width), max(1, height)) as picture:
        plain = _plain(picture)
        over = Image.new("RGB", plain.size, ground)
        over.paste(plain, mask=plain.getchannel("A") if plain.mode == "RGBA" else None)
        return over.width, over.height, over.tobytes()


@contextmanager
def _opened(data: bytes, name: str, width: int, height: int) -> Generator["Picture"]:
    """The picture upright and within so many pixels, its first frame. Raises `AttachError` for whatever goes wrong."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS  # beyond twice that Pillow itself refuses to open it
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # between the two it is judged here
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            _check_size(opened, name)
            longest = max(width, height)
            opened.draft("RGB", (longest * 2, longest * 2))  # a JPEG is decoded at half or a quarter of its size
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

    png = _saved(picture, "PNG", optimize=False, compress_level=6)
    if picture.mode == "RGBA":
        if len(png) <= BYTES:
            return png, "image/png"
        white = Image.new("RGB", picture.size, "white")
        white.paste(picture, mask=picture.getchannel("A"))
        picture = white
    for quality in _QUALITIES:
        jpeg = _saved(picture, "JPEG", quality=quality)
        if len(png) <= min(len(jpeg), BYTES):
            return png, "image/png"
        if len(jpeg) <= BYTES:
            return jpeg, "image/jpeg"
    raise AttachError(f"{name} cannot be made smaller than {BYTES / 1e6:.1f} MB; crop it.")


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
