"""Other processes for tests of the store: forked, so that a hundred of them cost a second and not a minute."""

import os
import signal
import sys
import traceback
from collections.abc import Callable


def start(work: Callable[[], object]) -> int:
    """Run `work` in a process of its own and return its id. It must open what it uses itself."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - nothing may get past this point into the parent's test run
        traceback.print_exc()
        sys.stderr.flush()
    finally:
        os._exit(code)


def all_succeeded(pids: list[int]) -> bool:
    """Wait for processes and tell whether the work of all of them got through."""
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    return not any(codes)


def kill(pid: int) -> None:
    """kill -9, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
