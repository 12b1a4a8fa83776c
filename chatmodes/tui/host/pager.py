"""A text in the user's pager: it goes out in a private file that goes with the pager's end."""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path


class PagerError(Exception):
    """The pager could not be used. The message is one sentence for the reader."""


def pager_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The command that $PAGER names, else the first common pager there is."""
    if value := environ.get("PAGER", "").strip():
        try:
            return shlex.split(value)
        except ValueError as error:
            raise PagerError(f"PAGER is not a command that can be run ({error}); set it to your pager.") from error
    for name in ("less", "more"):
        if found := shutil.which(name):
            return [found]
    raise PagerError("No pager was found; set PAGER to the command that starts yours.")


def page(text: str, suffix: str = ".txt", environ: Mapping[str, str] = os.environ) -> None:
    """Show a text. Blocks until the pager ends: the app is suspended meanwhile.

    `suffix` tells a pager that colours what it shows which language it is. The pager gets no keys in its environment.
    Raises `PagerError` when it cannot be started.
    """
    from chatmodes.providers.keys.environment import without_keys

    command = pager_command(environ)
    descriptor, name = tempfile.mkstemp(prefix="chatmodes-code-", suffix=suffix)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(f"{text}\n")
        subprocess.run([*command, name], check=False, env=without_keys(environ))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PagerError(f"{command[0]} could not be started ({reason}); set PAGER to your pager.") from error
    finally:
        Path(name).unlink(missing_ok=True)
