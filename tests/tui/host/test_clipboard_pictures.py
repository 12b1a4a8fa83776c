"""The clipboard's picture by the tools of each desktop, which stand here as scripts of our own."""

import base64
import sys
from pathlib import Path

import pytest

from chatmodes.tui.host import pictures
from chatmodes.tui.host.pictures import NOTHING, NoPictureError, clipboard_picture
from tests.attaching.made import picture

PNG = picture()


class Desktop:
    """A PATH of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder)}
        (folder / "picture").write_bytes(PNG)

    def add(self, name: str, script: str) -> None:
        file = self.folder / name
        file.write_text(f"#!/bin/sh\ncd {self.folder}\n{script}\n")
        file.chmod(0o755)

    async def taken(self, platform: str = "linux", **environ: str) -> bytes:
        return await clipboard_picture({**self.environ, **environ}, platform)


@pytest.fixture
def desktop(tmp_path: Path) -> Desktop:
    return Desktop(tmp_path)


async def test_wayland(desktop: Desktop) -> None:
    desktop.add(
        "wl-paste", 'case "$*" in --list-types) echo text/html; echo image/png;; "--type image/png") cat picture;; esac'
    )
    assert await desktop.taken(WAYLAND_DISPLAY="wayland-0", DISPLAY=":0") == PNG


async def test_x11_also_through_ssh(desktop: Desktop) -> None:
    desktop.add("xclip", 'case "$*" in *TARGETS*) echo TARGETS; echo image/png;; *image/png*) cat picture;; esac')
    assert await desktop.taken(DISPLAY="localhost:10.0", SSH_TTY="/dev/pts/0") == PNG


async def test_macos(desktop: Desktop) -> None:
    desktop.add("osascript", f"printf '\\302\\253data PNGf{PNG.hex()}\\302\\273'")
    assert await desktop.taken("darwin") == PNG
    desktop.add("pngpaste", "cat picture")
    desktop.add("osascript", "exit 1")
    assert await desktop.taken("darwin") == PNG


async def test_windows_from_within(desktop: Desktop) -> None:
    desktop.add("powershell.exe", f"printf %s {base64.b64encode(PNG).decode()}")
    assert await desktop.taken(WSL_DISTRO_NAME="Debian") == PNG


@pytest.mark.parametrize("said", ["exit 1", "exit 0", "echo text/plain"])
@pytest.mark.parametrize(
    ("tool", "platform", "environ"),
    [
        ("wl-paste", "linux", {"WAYLAND_DISPLAY": "wayland-0"}),
        ("xclip", "linux", {"DISPLAY": ":0"}),
        ("osascript", "darwin", {}),
    ],
)
async def test_no_picture_there_is_said(
    desktop: Desktop, said: str, tool: str, platform: str, environ: dict[str, str]
) -> None:
    desktop.add(tool, said)
    with pytest.raises(NoPictureError, match=NOTHING):
        await desktop.taken(platform, **environ)


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"WAYLAND_DISPLAY": "wayland-0"}, "needs wl-paste; install wl-clipboard"),
        ({"DISPLAY": ":0"}, "needs xclip; install xclip"),
        ({"SSH_CONNECTION": "1 2 3 4"}, "Over SSH the clipboard stays"),
        ({}, "no desktop here"),
    ],
)
async def test_what_is_missing_is_said(desktop: Desktop, environ: dict[str, str], words: str) -> None:
    desktop.environ["PATH"] = str(desktop.folder)
    with pytest.raises(NoPictureError, match=words):
        await desktop.taken(**environ)


async def test_a_tool_that_hangs_or_writes_without_end_is_ended(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    desktop.add("xclip", f"exec {sys.executable} -c 'import signal; signal.pause()'")
    monkeypatch.setattr(pictures, "SECONDS", 0.2)
    with pytest.raises(NoPictureError, match="did not answer within"):
        await desktop.taken(DISPLAY=":0")
    monkeypatch.setattr(pictures, "SECONDS", 60.0)
    monkeypatch.setattr(pictures, "LARGEST", 1000)
    desktop.add("xclip", "exec yes image/png")
    with pytest.raises(NoPictureError, match="has more than"):
        await desktop.taken(DISPLAY=":0")
