"""The picture on the clipboard, by the desktop's own tool: no terminal hands pictures to the program in it."""

import base64
import binascii
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from chatmodes.tui.host.clipboard import is_remote

SECONDS = 5.0
LARGEST = 64 * 1024 * 1024
"""Bytes of a picture that are taken."""
_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp", "image/tiff", "image/heic")
_POWERSHELL = (
    "Add-Type -AssemblyName System.Windows.Forms, System.Drawing;"
    "$picture = [System.Windows.Forms.Clipboard]::GetImage();"
    "if ($picture) { $memory = New-Object System.IO.MemoryStream;"
    "$picture.Save($memory, [System.Drawing.Imaging.ImageFormat]::Png);"
    "[Console]::Out.Write([Convert]::ToBase64String($memory.ToArray())) }"
)
_OSASCRIPT = re.compile(rb"\xc2\xab?data \w{4}([0-9A-Fa-f]+)|data \w{4}([0-9A-Fa-f]+)")
NOTHING = "There is no picture on the clipboard."


class NoPictureError(Exception):
    """Why there is no picture: one sentence, with what to do where something can be done."""


async def clipboard_picture(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bytes:
    """The clipboard's picture as a file's bytes, of whatever kind. Raises `NoPictureError`."""
    if environ.get("WAYLAND_DISPLAY"):
        return await _offered(["wl-paste", "--list-types"], ["wl-paste", "--type"], [], environ, "wl-clipboard")
    if environ.get("DISPLAY"):
        selection = ["xclip", "-selection", "clipboard", "-t"]
        return await _offered([*selection, "TARGETS", "-o"], selection, ["-o"], environ, "xclip")
    if is_remote(environ):
        raise NoPictureError(
            "Over SSH the clipboard stays on the machine that you sit at: copy the picture's file here, name it with @."
        )
    if platform == "darwin":
        return await _of_macos(environ)
    if environ.get("WSL_DISTRO_NAME"):
        said = await _said(
            ["powershell.exe", "-NoProfile", "-NonInteractive", "-STA", "-Command", _POWERSHELL], environ
        )
        try:
            return _there(base64.b64decode(said or b"", validate=False))
        except binascii.Error:
            raise NoPictureError(NOTHING) from None
    raise NoPictureError("There is no desktop here whose clipboard could hold a picture; name its file with @.")


async def _offered(
    listing: Sequence[str], reading: Sequence[str], ending: Sequence[str], environ: Mapping[str, str], package: str
) -> bytes:
    """By a tool that lists the types that the clipboard is offered in, and reads one of them."""
    types = await _said(listing, environ, package)
    offered = (types or b"").decode("utf-8", "replace").split()
    kind = next((kind for kind in _TYPES if kind in offered), None)
    if kind is None:
        raise NoPictureError(NOTHING)
    return _there(await _said([*reading, kind, *ending], environ, package))


async def _of_macos(environ: Mapping[str, str]) -> bytes:
    if shutil.which("pngpaste", path=environ.get("PATH")):
        return _there(await _said(["pngpaste", "-"], environ))
    said = await _said(["osascript", "-e", "the clipboard as «class PNGf»"], environ)
    found = _OSASCRIPT.search(said or b"")
    return _there(bytes.fromhex((found[1] or found[2]).decode()) if found else None)


def _there(data: bytes | None) -> bytes:
    if not data:
        raise NoPictureError(NOTHING)
    return data


async def _said(command: Sequence[str], environ: Mapping[str, str], package: str = "") -> bytes | None:
    """What a tool writes, bounded in time and size; None where it fails, as most do where there is nothing. Raises
    `NoPictureError` where it is missing, hangs or writes without end."""
    import anyio

    from chatmodes.providers.keys.environment import without_keys

    name = command[0]
    path = shutil.which(name, path=environ.get("PATH"))
    if path is None:
        raise NoPictureError(f"Reading the clipboard's picture needs {name}; install {package or name}.")
    said = bytearray()
    try:
        with anyio.fail_after(SECONDS):
            process = await anyio.open_process(
                [path, *command[1:]],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=without_keys(environ),
            )
            async with process:  # killed where the time is over or too much came
                assert process.stdout is not None
                async for piece in process.stdout:
                    said += piece
                    if len(said) > 2 * LARGEST + 1024:  # one of them writes hexadecimal
                        raise NoPictureError(f"The clipboard's picture has more than {LARGEST // 2**20} MB.")
                return bytes(said) if await process.wait() == 0 else None
    except TimeoutError:
        raise NoPictureError(
            f"{name} did not answer within {SECONDS:g} s; save the picture and name it with @."
        ) from None
    except OSError as error:
        raise NoPictureError(f"{name} could not be started: {error.strerror or error}.") from error
