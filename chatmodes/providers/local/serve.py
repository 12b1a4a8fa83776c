"""The embedded model's server: a process of its own that runs llama.cpp and nothing else of the program.

A process, because llama.cpp ends the one it runs in when it runs out of memory or meets a broken file, and because it
holds Python's lock while it loads. It is started as a script (`python -P serve.py`) and imports nothing of the package,
which would cost 60 ms and bring nothing.

What passes between the two: the parent writes one line of JSON to stdin, `Order`, and keeps the pipe open; this
process answers with one line on stdout, {"address": URL} or {"error": TEXT}. The end of stdin is the end of the
parent, however it ended, and of this process. llama.cpp's log goes to stderr.
"""

import importlib
import json
import os
import signal
import sys
import threading
from typing import Any, TypedDict


class Order(TypedDict):
    """What the parent asks for. It travels by pipe, since arguments can be read by every user of the machine."""

    parent: int
    """The parent's process id."""
    path: str
    name: str
    """What the model is called in the list of models."""
    token: str
    """The key that every request must carry."""
    port: int
    """0 lets the kernel choose a free one."""
    slots: int
    context: int
    """Tokens for each slot."""
    threads: int
    sampling: dict[str, float]
    """llama.cpp's sampling fields that differ from its defaults; a request's own win over them."""


def main() -> None:
    """Serve until the parent is gone."""
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a native library prints must not be taken for the answer
    order: Order = json.loads(sys.stdin.buffer.readline() or b"{}")
    if not order:
        return
    _end_with(order["parent"])
    try:
        server = _start(order)
    except Exception as error:  # noqa: BLE001 - the edge of the process: whatever went wrong is told to the parent
        answer.write(json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n")
        answer.flush()
        sys.exit(1)  # in order, since llama.cpp's log is written by a thread of its own and has the cause
    answer.write(json.dumps({"address": server.listening_address}) + "\n")
    answer.flush()
    threading.Event().wait()


def _end_with(parent: int) -> None:
    """End this process as soon as the parent has ended.

    The watch on stdin works everywhere, but not while the model is loaded, since loading holds Python's lock. On Linux
    the kernel sends a signal besides, which no lock delays.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        import ctypes  # 10 ms that who only wants `Order` need not spend

        set_parent_death_signal = 1  # PR_SET_PDEATHSIG in linux/prctl.h
        ctypes.CDLL(None).prctl(set_parent_death_signal, signal.SIGKILL)
        if os.getppid() != parent:  # it ended before the signal was arranged
            os._exit(0)

    def watch() -> None:
        while os.read(0, 4096):
            pass
        os._exit(0)

    threading.Thread(target=watch, daemon=True).start()


def _start(order: Order) -> Any:
    # 100 MB of native code without type information; it stays out of who only wants `Order`.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = order["path"]
    params.model_alias = {order["name"]}
    params.hostnames = ["127.0.0.1"]
    params.port = order["port"]
    params.api_keys = [order["token"]]
    params.ui = False
    params.n_parallel = order["slots"]
    params.n_ctx = order["slots"] * order["context"]
    params.fit_params = False  # a trial load that chooses what is given here: 0.2 s of 0.6 s
    params.cache_ram_mib = 256  # old prompts kept for reuse; the default is 8 GB
    params.verbosity = 2  # warnings and errors
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = order["threads"]
        # Waiting threads sleep. Spinning gains 3% on an idle machine and loses 90% on one whose cores are busy.
        cpu.poll = 0
    for name, value in order["sampling"].items():
        setattr(params.sampling, name, value)
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
