"""Runs one program and sees to it that nothing of it outlives who started it.

A script on its own, run by path: it imports nothing of the program. The program's group is this script's own, so that
one signal reaches all of it. Whoever started this may be killed and have no time to clean up: then its place as the
parent is taken by another process, which is looked for here.

What a server of tools writes goes through here, since who reads it reads lines without a limit: a line that never ends
would fill the memory of the program. `LONGEST` is the most bytes of a line; 0 passes the output on untouched.

    guard.py PARENT LONGEST COMMAND [ARGUMENT…]
"""

import os
import select
import signal
import subprocess
import sys

LOOK = 0.3
"""Seconds between two looks at who the parent is."""
NOT_FOUND = 127


def stay(number: int, frame: object) -> None:
    """The group was told to end; this stays until the command has."""


def relay(child: "subprocess.Popen[bytes]", parent: int, longest: int) -> None:
    """Pass the output on until it ends, the parent is gone, nobody reads it, or a line is longer than it may be."""
    assert child.stdout
    source = child.stdout.fileno()
    line = 0
    while child.poll() is None or select.select([source], [], [], 0)[0]:
        if os.getppid() != parent:
            os.killpg(0, signal.SIGKILL)
        if not select.select([source], [], [], LOOK)[0]:
            continue
        data = os.read(source, 65_536)
        if not data:
            return
        end = data.rfind(b"\n")
        first = data.find(b"\n")
        if line + (len(data) if end < 0 else first) > longest:
            sys.stderr.write(f"A line of more than {longest:,} bytes was written: the server is ended.\n")
            sys.stderr.flush()
            os.killpg(0, signal.SIGKILL)
        line = line + len(data) if end < 0 else len(data) - end - 1
        try:
            while data:
                data = data[os.write(1, data) :]
        except OSError:
            os.killpg(0, signal.SIGKILL)


def main() -> int:
    """Run the command to its end, or to the parent's."""
    parent, longest, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    try:
        child = subprocess.Popen(command, stdout=subprocess.PIPE if longest else None)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return NOT_FOUND
    signal.signal(signal.SIGTERM, stay)
    if longest:
        relay(child, parent, longest)
    while True:
        try:
            code = child.wait(LOOK)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                os.killpg(0, signal.SIGKILL)
            continue
        os.killpg(0, signal.SIGTERM)  # what the command left behind
        return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
