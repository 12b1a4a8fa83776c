"""Runs one program and sees to it that nothing of it outlives who started it.

A script on its own, run by path: it imports nothing of the program. The program's group is this script's own, so that
one signal reaches all of it. Whoever started this may be killed and have no time to clean up: then its place as the
parent is taken by another process, which is looked for here.

    guard.py PARENT COMMAND [ARGUMENT…]
"""

import os
import signal
import subprocess
import sys

LOOK = 0.3
"""Seconds between two looks at who the parent is."""
NOT_FOUND = 127


def stay(number: int, frame: object) -> None:
    """The group was told to end; this stays until the command has."""


def main() -> int:
    """Run the command to its end, or to the parent's."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    try:
        child = subprocess.Popen(command)
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return NOT_FOUND
    signal.signal(signal.SIGTERM, stay)
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
