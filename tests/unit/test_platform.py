"""Where the program does not run it says so in one sentence, before anything of it is imported."""

import subprocess
import sys


def test_windows_is_told_what_to_do() -> None:
    program = "import sys; sys.platform = 'win32'; from chatmodes.__main__ import main; main()"
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr == "chatmodes: It runs on Linux and macOS; on Windows, install and run it inside WSL.\n"
