"""`run`: one command, its output, and a limit on its time.

No shell stands between: what is asked about is what is run, and a rule that allows `git status` cannot be stretched by
a semicolon. A shell can be asked for by name, and is then what is asked about.
"""

import os
import shlex
import signal
from contextlib import suppress
from fnmatch import fnmatch
from subprocess import DEVNULL, PIPE, STDOUT

import anyio
import msgspec
from anyio.abc import Process

from chatmodes.tools.base import Arguments, Context, ToolError, Touch, read, schema
from chatmodes.tools.processes import environment, guarded

LARGEST = 1_000_000
"""Bytes of output that are kept; the rest is read and thrown away."""
SECONDS = 60.0


class _Command(msgspec.Struct, frozen=True):
    command: str
    seconds: float = SECONDS


class Run:
    """A command in the working directory."""

    name = "run"
    description = (
        "Runs one command in the user's working directory and gives its output and exit code. There is no shell: for "
        "pipes, redirections or several commands run sh -c '…'. It has no input, and is ended after `seconds`."
    )
    parameters = schema(
        ("command",),
        command=("string", "The program and its arguments, quoted as in a shell"),
        seconds=("number", f"The time limit; {SECONDS:g} unless said"),
    )
    touches: tuple[Touch, ...] = ("acts",)

    def scope(self, arguments: Arguments) -> str:
        """The command, word for word."""
        return f"run in the working directory: {shlex.join(_words(arguments))}"

    def subjects(self, arguments: Arguments) -> tuple[str, ...]:
        """The command in its usual form, and with the program's bare name: /bin/rm is rm to who forbids it."""
        program, *rest = _words(arguments)
        return shlex.join((program, *rest)), shlex.join((os.path.basename(program), *rest))  # noqa: PTH119

    def pattern(self, arguments: Arguments) -> str:
        """This command and no other: what else a program can do is not for a guess."""
        return literal(shlex.join(_words(arguments)))

    async def run(self, arguments: Arguments, context: Context) -> str:
        """The output and how it ended. Raises `ToolError` where it cannot be started."""
        words = _words(arguments)
        limit = min(max(read(arguments, _Command).seconds, 0.1), context.seconds)
        if context.folder is None:
            raise ToolError("There is no working directory.")
        began = anyio.current_time()
        try:
            process = await anyio.open_process(
                guarded(words), stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, cwd=context.folder, env=environment(),
                start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise ToolError(f"The command cannot be started: {error.strerror or error}.") from error
        output = bytearray()
        lost = 0
        try:
            with anyio.move_on_after(limit) as time:
                lost = await _read(process, output)
                await process.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await _end(process)
        text = output.decode(errors="replace") + (f"\n[{lost:,} bytes more were not kept]" if lost else "")
        how = f"ended after the limit of {limit:g} s" if time.cancelled_caught else f"exit code {process.returncode}"
        return f"[{how}, {anyio.current_time() - began:.1f} s]\n{text or '(no output)'}"


def literal(text: str) -> str:
    """A pattern that fits this text alone."""
    escaped = "".join(f"[{each}]" if each in "*?[" else each for each in text)
    assert fnmatch(text, escaped) or "\n" in text
    return escaped


def _words(arguments: Arguments) -> list[str]:
    command = read(arguments, _Command).command
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise ToolError(f"The command's quotes do not match: {error}.") from error
    if not words or "\0" in command:
        raise ToolError("There is no command.")
    return words


async def _read(process: Process, output: bytearray) -> int:
    """Read to the end. Returns how many bytes were more than is kept."""
    assert process.stdout
    lost = 0
    async for piece in process.stdout:
        room = LARGEST - len(output)
        output += piece[:room]
        lost += max(0, len(piece) - room)
    return lost


async def _end(process: Process) -> None:
    """End all of the process's group that is left, and close what is left of it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.aclose()
