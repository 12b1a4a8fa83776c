"""What the terminal can do, as far as it matters to the chat: colours, keys, the clipboard, what tmux lets through.

Asked of the terminal itself where it answers, since TERM says little: the same `xterm-256color` stands for terminals
that tell Shift+Enter from Enter and for some that do not.
"""

import locale
import os
import re
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator

from chatmodes.cli.findings import Finding

_PATIENCE = 0.5
"""Seconds for an answer of the terminal; over a slow SSH line it takes a round trip."""
_QUESTION = b"\x1b[?u\x1b[c"
"""The kitty keyboard protocol's flags, then the device attributes, which every terminal answers: no answer to the
first before the second means no (https://sw.kovidgoyal.net/kitty/keyboard-protocol/#detection-of-support)."""


def terminal() -> Iterator[Finding]:
    """All findings about the terminal that the command runs in."""
    if not sys.stdout.isatty():
        yield Finding("terminal", "output", "note", "not a terminal, so the chat cannot open here")
    else:
        size = shutil.get_terminal_size()
        small = size.columns < 40 or size.lines < 10
        hint = "Below 40x10 the chat shows little more than the composer." if small else ""
        yield Finding("terminal", "size", "note" if small else "ok", f"{size.columns}x{size.lines}", hint)
    yield _colours()
    yield _encoding()
    yield _keyboard()
    yield _clipboard()
    yield from _tmux()


def _colours() -> Finding:
    term, more = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    if os.environ.get("NO_COLOR"):
        return Finding("terminal", "colours", "note", "NO_COLOR is set, so there are none")
    if term in ("", "dumb"):
        hint = "Set TERM to what your terminal is, such as xterm-256color."
        return Finding("terminal", "colours", "note", f'TERM is "{term}", which has none', hint)
    if more in ("truecolor", "24bit") or "direct" in term:
        return Finding("terminal", "colours", "ok", f"16 million ({term})")
    if "256" in term:
        return Finding("terminal", "colours", "ok", f"256 ({term}); COLORTERM=truecolor would say that it can do more")
    return Finding("terminal", "colours", "ok", f"16 ({term})")


def _encoding() -> Finding:
    encoding = locale.getpreferredencoding(False)
    if encoding.lower().replace("-", "") == "utf8":
        return Finding("terminal", "encoding", "ok", encoding)
    return Finding("terminal", "encoding", "problem", f"{encoding} cannot show all text.", "Set LANG=C.UTF-8.")


def _keyboard() -> Finding:
    answer = _ask_terminal(_QUESTION)
    if answer is None:
        return Finding("terminal", "keyboard", "note", "the terminal was not asked or did not answer")
    if re.search(rb"\x1b\[\?\d+u", answer):
        return Finding("terminal", "keyboard", "ok", "kitty's protocol: Shift+Enter makes a newline")
    hint = "Ctrl+J makes a newline everywhere."
    return Finding("terminal", "keyboard", "note", "Shift+Enter may be the same as Enter here.", hint)


def _clipboard() -> Finding:
    tools = ["pbcopy", "clip.exe"]
    tools += ["wl-copy"] if os.environ.get("WAYLAND_DISPLAY") else []
    tools += ["xclip", "xsel"] if os.environ.get("DISPLAY") else []
    found = next((tool for tool in tools if shutil.which(tool)), None)
    if found and not os.environ.get("SSH_CONNECTION"):
        return Finding("terminal", "clipboard", "ok", found)
    if os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY"):
        hint = "Install wl-clipboard (Wayland) or xclip (X11), unless your terminal does."
        return Finding("terminal", "clipboard", "note", "copies go through the terminal (OSC 52)", hint)
    hint = "If a copy does not arrive, allow clipboard access in the terminal's settings."
    return Finding("terminal", "clipboard", "note", "copies go through the terminal (OSC 52)", hint)


def _tmux() -> Iterator[Finding]:
    if not os.environ.get("TMUX"):
        return
    clipboard, keys = _tmux_option("set-clipboard"), _tmux_option("extended-keys")
    if clipboard == "on":
        yield Finding("terminal", "tmux clipboard", "ok", "set-clipboard is on")
    else:
        hint = "Put `set -s set-clipboard on` into ~/.tmux.conf."
        yield Finding("terminal", "tmux clipboard", "note", f"set-clipboard is {clipboard}: copies end in tmux", hint)
    if keys in ("on", "always"):
        yield Finding("terminal", "tmux keys", "ok", f"extended-keys is {keys}")
    else:
        hint = "Put `set -s extended-keys on` into ~/.tmux.conf for Shift+Enter; Ctrl+J works as it is."
        yield Finding("terminal", "tmux keys", "note", f"extended-keys is {keys}", hint)


def _tmux_option(name: str) -> str:
    try:
        done = subprocess.run(
            ["tmux", "show-options", "-sv", name], capture_output=True, text=True, timeout=2, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    return done.stdout.strip() or "unknown"


def _ask_terminal(question: bytes) -> bytes | None:
    """What the terminal answers, up to its device attributes; None without a terminal or an answer."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    import termios
    import tty

    try:
        handle = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        before = termios.tcgetattr(handle)
        try:
            tty.setcbreak(handle, termios.TCSANOW)
            os.write(handle, question)
            return _answer(handle)
        finally:
            termios.tcsetattr(handle, termios.TCSAFLUSH, before)  # a late answer must not land on the shell's line
    except (OSError, termios.error):
        return None
    finally:
        os.close(handle)


def _answer(handle: int) -> bytes | None:
    answer, deadline = b"", time.monotonic() + _PATIENCE
    while (left := deadline - time.monotonic()) > 0 and select.select([handle], [], [], left)[0]:
        answer += os.read(handle, 256)
        if re.search(rb"\x1b\[\?[\d;]*c", answer):
            return answer
    return None
