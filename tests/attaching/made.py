"""Pictures and PDFs of every kind that people attach, made here."""

import io
import struct
import zlib
from typing import Any

from PIL import Image


def picture(mode: str = "RGB", size: tuple[int, int] = (60, 40), form: str = "PNG", **options: Any) -> bytes:
    """A picture whose left half is bright and whose right half is dark."""
    made = Image.new(mode, size, (0, 0, 0, 255) if mode == "CMYK" else 0)
    bright: Any = {"RGB": (250, 250, 250), "RGBA": (250, 250, 250, 128), "CMYK": (0, 0, 0, 0), "I;16": 65000}.get(
        mode, 250
    )
    made.paste(bright, (0, 0, size[0] // 2, size[1]))
    out = io.BytesIO()
    made.save(out, form, **options)
    return out.getvalue()


def turned() -> bytes:
    """A photograph that was taken on its side, with its place: EXIF says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (52.0, 30.0, 0.0)
    return picture(form="JPEG", exif=exif)


def animated() -> bytes:
    frames = [Image.new("P", (20, 20), at) for at in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG that says that it is so large, and of which nothing is there."""

    def piece(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(bytes(1000))) + piece(b"IEND", b"")
    )


def pdf(*pages: str) -> bytes:
    """A PDF with a line of text a page; an empty line makes a page without text."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids: list[int] = []
    for text in pages:
        stream = f"BT /F1 24 Tf 50 700 Td ({text}) Tj ET" if text else "0 0 1 rg 50 50 200 200 re f"
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(len(objects))
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>"
    out, places = bytearray(b"%PDF-1.4\n"), list[int]()
    for number, each in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{each}\nendobj\n".encode()
    start = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF".encode()
    return bytes(out)


def encrypted_pdf() -> bytes:
    """A PDF that says that it is encrypted with a password that nobody gave."""
    made = pdf("secret")
    entry = (
        b"/Encrypt << /Filter /Standard /V 1 /R 2 /O ("
        + b"x" * 32
        + b") /U ("
        + b"y" * 32
        + b") /P -4 >> /ID [(a) (a)]"
    )
    return made.replace(b"trailer << ", b"trailer << " + entry + b" ")
