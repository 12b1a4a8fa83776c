"""A copy that lands: through the terminal (OSC 52) and through the desktop's own tool, with an honest word about both.

OSC 52 reaches the screen one sits at, over SSH and out of tmux, but no terminal says whether it took it; a tool says
so, but on a remote machine its clipboard is the wrong one. So both are used where they make sense, and "copied" is
said only where a tool or tmux confirmed it. The app calls `copy` from a worker and shows the result's sentence;
overriding `App.copy_to_clipboard` with it covers Textual's own Ctrl+C.
"""

import base64
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

OSC_LIMIT = 74_994
"""Bytes of base64 that terminals take at least: hterm's and xterm.js's limit, the smallest in use."""
TOOL_SECONDS = 3.0
"""A tool that has not taken the text by then is taken to hang, as xclip does on a dead display."""


@dataclass(frozen=True)
class Copied:
    """What became of a copy. `message` is the sentence to show, `confirmed` whether anything is known to hold it."""

    message: str
    confirmed: bool
    sent: bool
    """Whether the terminal was asked as well."""


async def copy(
    text: str, write: Callable[[str], None], environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Copied:
    """Put `text` on the clipboard. `write` puts a string on the terminal, such as the driver's. Never raises."""
    data = text.encode("utf-8", "replace")
    if not data:
        return Copied("There was nothing to copy.", confirmed=False, sent=False)
    size = f"{len(text):,} character" + ("s" if len(text) != 1 else "")
    fits = len(data) * 4 // 3 + 4 <= OSC_LIMIT
    in_tmux = bool(environ.get("TMUX"))
    tool = await _by_tool(data, environ, platform)
    tmux = in_tmux and await _by_tmux(data, environ, forward=fits)
    # tmux forwards by itself what it was given with -w; passed through as well for a tmux that does not.
    if fits and not tmux:
        write(osc52(data, environ))
    if tool:
        return Copied(f"Copied {size}.", confirmed=True, sent=fits)
    if tmux:
        outside = " and sent to the terminal (OSC 52)" if fits else ", too large for the terminal's own clipboard"
        return Copied(f"Copied {size} into tmux's buffer{outside}.", confirmed=True, sent=fits)
    if fits:
        return Copied(
            f"Sent {size} to the terminal (OSC 52), which does not say whether it took them.",
            confirmed=False,
            sent=True,
        )
    return Copied(
        f"Not copied: {size} are more than terminals take (OSC 52), and no clipboard tool worked;"
        f" {_advice(environ, platform)}.",
        confirmed=False,
        sent=False,
    )


def osc52(data: bytes, environ: Mapping[str, str]) -> str:
    """The sequence that sets the terminal's clipboard, wrapped for the multiplexer it has to get through."""
    sequence = f"\x1b]52;c;{base64.b64encode(data).decode('ascii')}\x07"
    return through(sequence, environ)


def through(sequence: str, environ: Mapping[str, str]) -> str:
    """A sequence meant for the outer terminal, wrapped so that tmux or screen hand it on."""
    if environ.get("TMUX"):
        return "\x1bPtmux;" + sequence.replace("\x1b", "\x1b\x1b") + "\x1b\\"
    if environ.get("STY"):
        # screen takes a device control string of at most 768 bytes.
        pieces = [sequence[at : at + 700] for at in range(0, len(sequence), 700)]
        return "".join(f"\x1bP{piece}\x1b\\" for piece in pieces)
    return sequence


def tools(environ: Mapping[str, str], platform: str) -> list[list[str]]:
    """The commands that may hold this screen's clipboard, the likeliest first, whether installed or not."""
    found: list[list[str]] = []
    if environ.get("WAYLAND_DISPLAY"):
        found.append(["wl-copy"])
    if environ.get("DISPLAY"):
        found += [["xclip", "-selection", "clipboard", "-in"], ["xsel", "--clipboard", "--input"]]
    if is_remote(environ):
        # What else there is belongs to the machine at the other end, not to the screen one sits at.
        return found
    if platform == "darwin":
        found.append(["pbcopy"])
    if environ.get("TERMUX_VERSION"):
        found.append(["termux-clipboard-set"])
    if environ.get("WSL_DISTRO_NAME"):
        found.append(["clip.exe"])
    return found


def is_remote(environ: Mapping[str, str]) -> bool:
    """Whether the screen is another machine's, reached over SSH."""
    return bool(environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"))


async def _by_tool(data: bytes, environ: Mapping[str, str], platform: str) -> bool:
    for command in tools(environ, platform):
        # clip.exe takes the console's code page for anything but UTF-16.
        given = data.decode().encode("utf-16") if command[0] == "clip.exe" else data
        if await _took(command, given, environ):
            return True
    return False


async def _by_tmux(data: bytes, environ: Mapping[str, str], *, forward: bool) -> bool:
    """Into tmux's buffer; with -w tmux (3.2 and later) also sets the clipboard of the terminal it is in."""
    if forward:
        return await _took(["tmux", "load-buffer", "-w", "-"], data, environ)
    return await _took(["tmux", "load-buffer", "-"], data, environ)


async def _took(command: Sequence[str], data: bytes, environ: Mapping[str, str]) -> bool:
    """Whether the command is there and ended well after it was given the text."""
    import anyio  # 30 ms that the first frame does without

    from chatmodes.providers.keys.environment import without_keys

    path = shutil.which(command[0], path=environ.get("PATH"))
    if path is None:
        return False
    with anyio.move_on_after(TOOL_SECONDS):
        try:
            # No pipes to read from: xclip and wl-copy stay in the background and would keep them open.
            done = await anyio.run_process(
                [path, *command[1:]],
                input=data,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
                env=without_keys(environ),  # xclip lives on, for who pastes
            )
        except (OSError, anyio.BrokenResourceError):
            return False
        return done.returncode == 0
    return False


def _advice(environ: Mapping[str, str], platform: str) -> str:
    wanted = tools(environ, platform)
    if not wanted:
        return "export the message to a file instead"
    return f"install {wanted[0][0] if wanted[0][0] != 'wl-copy' else 'wl-clipboard'}, or export the message to a file"
