"""Programs that are started for a model: watched over, and given nothing of the user's keys."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

_GUARD = Path(__file__).with_name("guard.py")
_ENVIRONMENT = frozenset(
    "PATH HOME USER LOGNAME SHELL LANG LANGUAGE TERM TMPDIR TEMP TMP TZ PWD "
    "XDG_CACHE_HOME XDG_CONFIG_HOME XDG_DATA_HOME XDG_RUNTIME_DIR XDG_STATE_HOME "
    # Which certificates are trusted: without, nothing is reached from a network that has an authority of its own.
    "SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE NODE_EXTRA_CA_CERTS GIT_SSL_CAINFO PIP_CERT".split()
)
"""What a program sees of the environment, besides LC_*: keys and tokens are in there under any name."""


def guarded(command: Sequence[str], longest: int = 0) -> list[str]:
    """The command under the watch that ends it with this program, also when that is killed, and where it writes a line
    of more than `longest` bytes; 0 is no limit. It has to be started as the leader of a session
    (`start_new_session`)."""
    return [sys.executable, "-I", "-S", str(_GUARD), str(os.getpid()), str(longest), *command]


def environment() -> dict[str, str]:
    """The part of the environment that holds no secrets."""
    return {name: value for name, value in os.environ.items() if name in _ENVIRONMENT or name.startswith("LC_")}
