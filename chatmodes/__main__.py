"""The entry point. `--version` answers before anything else is imported: a shell prompt may ask for it."""

import gc
import sys


def main() -> None:
    """Run the program with the process's arguments and leave with its exit code."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from chatmodes.version import __version__

        print(f"chatmodes {__version__}")
        return
    if sys.platform == "win32":
        # Locks that end with their program, signals and terminals are used as POSIX has them.
        sys.stderr.write("chatmodes: It runs on Linux and macOS; on Windows, install and run it inside WSL.\n")
        sys.exit(2)
    # Until a command runs or the chat has painted: of its 700 ms, collections that find nothing are a twentieth.
    gc.disable()
    try:
        from chatmodes.cli import main as run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:  # while it starts, which the command line cannot catch before it is there
        code = 130
    sys.exit(code)


if __name__ == "__main__":
    main()
