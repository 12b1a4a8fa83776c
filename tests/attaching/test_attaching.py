"""What people attach becomes what every provider takes, or one sentence."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image as Pictures

from chatmodes.attaching import AttachError, attach, attach_bytes, attach_file
from chatmodes.attaching.apart import apart
from chatmodes.attaching.documents import Pages
from chatmodes.attaching.pictures import BYTES, EDGE
from chatmodes.messages import File, Image
from tests.attaching import made

pytestmark = pytest.mark.anyio


async def attached(data: bytes, name: str = "x") -> Image:
    [part] = await attach_bytes(data, name)
    assert isinstance(part, Image)
    return part


def seen(part: Image) -> Pictures.Image:
    return Pictures.open(io.BytesIO(part.content))


async def test_a_turned_photograph_stands_upright_and_says_not_where_it_was_taken() -> None:
    part = await attached(made.turned(), "photo.jpg")
    assert (part.width, part.height) == (40, 60)
    assert not seen(part).getexif()
    assert b"SecretCamera" not in part.content
    assert part.original != part.hash


@pytest.mark.parametrize(
    ("data", "bright"),
    [
        (made.picture("CMYK", form="JPEG"), True),
        (made.picture("I;16"), True),
        (made.picture("L"), True),
        (made.picture("P"), False),
        (made.picture("1"), True),
        (made.picture(form="WEBP"), True),
        (made.picture(form="BMP"), True),
        (made.picture(form="TIFF"), True),
        (made.animated(), False),
    ],
    ids=["cmyk", "16-bit", "grey", "palette", "one-bit", "webp", "bmp", "tiff", "animated"],
)
async def test_pictures_of_every_kind_become_png_or_jpeg(data: bytes, bright: bool) -> None:
    part = await attached(data)
    assert part.media_type in ("image/png", "image/jpeg")
    assert seen(part).format == {"image/png": "PNG", "image/jpeg": "JPEG"}[part.media_type]
    if bright:
        left, right = (seen(part).convert("L").getpixel((x, 20)) for x in (5, 55))
        assert isinstance(left, int)
        assert isinstance(right, int)
        assert left > 200 > 60 > right


async def test_a_heic_is_read_whatever_it_is_called() -> None:
    heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    heif.from_pillow(Pictures.new("RGB", (64, 48), "red")).save(out)
    part = await attached(out.getvalue(), "IMG_1.jpg")
    assert (part.width, part.height, part.media_type in ("image/png", "image/jpeg")) == (64, 48, True)


async def test_transparency_stays() -> None:
    part = await attached(made.picture("RGBA"))
    assert (part.media_type, seen(part).mode) == ("image/png", "RGBA")


async def test_a_photograph_is_shrunk_to_what_every_provider_takes() -> None:
    noise = Pictures.frombytes("RGB", (4000, 3000), os.urandom(4000 * 3000 * 3))
    out = io.BytesIO()
    noise.save(out, "JPEG", quality=90)
    part = await attached(out.getvalue(), "photo.jpg")
    assert max(part.width, part.height) == EDGE
    assert part.size == len(part.content) <= BYTES


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (made.bomb(10_000, 10_000), "megapixels"),
        (made.bomb(400_000, 400_000), "megapixels|unpacks"),
        (made.picture(size=(500, 500), form="JPEG")[:800], "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"nonsense" * 20, "no picture|damaged"),
        (b"", "empty"),
        (b"PK\x03\x04" + bytes(100), "zip archive"),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(100), "video"),
        (bytes(range(256)) * 10, "binary"),
    ],
    ids=["bomb", "huge bomb", "truncated", "no picture", "empty", "zip", "video", "binary"],
)
async def test_what_no_model_reads_is_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(AttachError, match=why) as caught:
        await attach_bytes(data, "thing.png")
    assert "thing.png" in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_files_that_are_none_do_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    closed = tmp_path / "closed"
    closed.write_text("x")
    cases = {
        tmp_path / "pipe": "regular",
        tmp_path: "folder",
        tmp_path / "none": "no file",
        Path("/dev/zero"): "regular",
    }
    for path, why in cases.items():
        with pytest.raises(AttachError, match=why):
            await attach([path])
    with pytest.raises(AttachError, match=r"no file|cannot be read"):
        await attach(["bad\0name"])
    with pytest.raises(AttachError, match="too many"):
        await attach([closed] * 41)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("grün".encode(), "grün"),
        (b"\xef\xbb\xbf" + "grün".encode(), "grün"),
        ("grün".encode("utf-16"), "grün"),
        (b"\xff\xfe\x00\x00" + "grün".encode("utf-32-le"), "grün"),
        ("grün".encode("latin-1"), "grün"),
        ("Ein grüner Wald\r\n".encode("utf-16-le"), "Ein grüner Wald"),
        ("Ein grüner Wald\n".encode("utf-16-be"), "Ein grüner Wald"),
        (b"A PDF begins with %PDF-1.7, and nothing else does.", "%PDF-1.7"),
    ],
)
async def test_text_of_any_encoding_is_read(data: bytes, text: str) -> None:
    [part] = await attach_bytes(data, "notes.txt")
    assert isinstance(part, File)
    assert text in part.text
    assert part.content == data
    assert "\ufeff" not in part.text


@pytest.mark.parametrize("data", [b"a\0b\0\1\0\2\0", b"a\0" * 40 + b"x", bytes(64), b"\x07\0" * 40])
async def test_what_only_has_zeros_is_no_text(data: bytes) -> None:
    with pytest.raises(AttachError, match="binary"):
        await attach_bytes(data, "thing.txt")


async def test_a_pdf_may_have_something_before_it() -> None:
    [part] = await attach_bytes(b"junk of a mailer\n" + made.pdf("Hello"), "paper.pdf")
    assert (part.media_type, "Hello" in str(part)) == ("application/pdf", True)


async def test_a_file_that_the_system_makes_while_it_is_read_is_read() -> None:
    [part] = await attach_file(Path("/proc/version"))
    assert isinstance(part, File)
    assert "Linux" in part.text


async def test_a_files_own_fences_do_not_end_it() -> None:
    [part] = await attach_bytes(b"```\nend?\n```", "a.md")
    assert isinstance(part, File)
    assert "````" in part.text


async def test_a_pdfs_text_is_read_page_by_page() -> None:
    [part] = await attach_bytes(made.pdf("Hello page one", "And two"), "paper.png")
    assert isinstance(part, File)
    assert part.media_type == "application/pdf"
    assert "[page 1]\nHello page one" in part.text
    assert "2 pages" in part.text


async def test_pages_without_text_become_pictures() -> None:
    file, *pages = await attach_bytes(made.pdf("", ""), "scan.pdf")
    assert isinstance(file, File)
    assert [type(page) for page in pages] == [Image, Image]
    assert pages[0].name == "scan.pdf, page 1"


@pytest.mark.parametrize(
    ("data", "why"), [(made.encrypted_pdf(), "encrypted|damaged"), (b"%PDF-1.7\n" + os.urandom(500), "damaged")]
)
async def test_a_pdf_that_cannot_be_read_is_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(AttachError, match=why):
        await attach_bytes(data, "paper.pdf")


async def test_a_pdf_of_thousands_of_pages_is_bounded() -> None:
    [part] = await attach_bytes(made.pdf(*(f"Page number {at}" for at in range(2000))), "long.pdf")
    assert isinstance(part, File)
    assert "Page number 499" in part.text
    assert "Page number 500" not in part.text
    assert "the rest was left out" in part.text


async def test_private_addresses_are_not_fetched() -> None:
    with pytest.raises(AttachError, match="private network"):
        await attach(["http://127.0.0.1:9/x.png"])


async def test_a_reader_that_takes_too_long_is_ended() -> None:
    with pytest.raises(AttachError, match="took longer than"):
        await apart("pdf", made.pdf("Hello"), "paper.pdf", Pages, 0.01)


@pytest.mark.parametrize(("name", "data"), [("x.pdf", made.pdf("Hello")), ("x.webp", made.picture(form="WEBP"))])
def test_a_script_without_a_guard_runs_once(tmp_path: Path, name: str, data: bytes) -> None:
    """What reads a file apart must not load the program's main module: it would ask again, and again in there."""
    script, file = tmp_path / "script.py", tmp_path / name
    file.write_bytes(data)
    script.write_text(
        "import anyio\nfrom chatmodes.attaching import attach\n"
        f"print('begun', flush=True)\nprint(len(anyio.run(attach, [{str(file)!r}])), 'attached')\n"
    )
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, check=True)
    assert done.stdout == "begun\n1 attached\n"


async def test_the_folder_one_stands_in_brings_no_modules_to_the_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "msgspec.py").write_text("raise SystemExit(3)")
    monkeypatch.chdir(tmp_path)
    [part] = await attach_bytes(made.pdf("Hello"), "paper.pdf")
    assert "Hello" in part.text  # pyright: ignore[reportAttributeAccessIssue] - a file
