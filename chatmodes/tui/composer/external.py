"""Writing a prompt in $VISUAL or $EDITOR: the text goes out in a private file and comes back from it.

Nothing is lost when the editor fails: the caller keeps its text, and the file stays where it can be found if it was
changed.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path


class EditorError(Exception):
    """The editor could not be used. The message is one sentence for the reader."""


def editor_command(environ: Mapping[str, str] = os.environ) -> list[str]:
    """The command that $VISUAL or $EDITOR name, else the first common editor there is."""
    for name in ("VISUAL", "EDITOR"):
        if value := environ.get(name, "").strip():
            try:
                return shlex.split(value)
            except ValueError as error:
                raise EditorError(
                    f"{name} is not a command that can be run ({error}); set it to your editor."
                ) from error
    for name in ("nano", "vim", "vi", "notepad"):
        if found := shutil.which(name):
            return [found]
    raise EditorError("No editor was found; set EDITOR to the command that starts yours.")


def edit(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """The text as it was left in the editor. Blocks until the editor ends: the app is suspended meanwhile.

    The editor gets no keys in its environment.
    Raises `EditorError` when it cannot be started, reports failure or leaves something unreadable.
    """
    from chatmodes.providers.keys.environment import without_keys

    command = editor_command(environ)
    descriptor, name = tempfile.mkstemp(prefix="chatmodes-prompt-", suffix=".md")
    path = Path(name)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        # Text files end with a newline; without one the next line that an editor appends would join the last.
        file.write(f"{text}\n")
    keep = False
    try:
        try:
            code = subprocess.run([*command, name], check=False, env=without_keys(environ)).returncode
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise EditorError(f"{command[0]} could not be started ({reason}); set EDITOR to your editor.") from error
        edited = _read(path)
        if code != 0:
            keep = edited is None or edited.rstrip("\n") != text.rstrip("\n")
            where = f" What you wrote is in {name}." if keep else ""
            raise EditorError(f"{command[0]} ended with code {code}, so the prompt is as it was.{where}")
        if edited is None:
            keep = path.exists()
            raise EditorError(f"What {command[0]} left is not UTF-8 text, so the prompt is as it was. It is in {name}.")
        return edited.removesuffix("\n")
    finally:
        if not keep:
            path.unlink(missing_ok=True)


def _read(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
