"""`python -m tests.fake --port 8765`: play with the program against every behaviour, by hand."""

import argparse
import threading

from tests.fake.dialects import DIALECTS
from tests.fake.faults import FAULTS
from tests.fake.scenarios import SCENARIOS
from tests.fake.server import Fake


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fake", description=__doc__)
    parser.add_argument("--port", type=int, default=8765)
    with Fake(parser.parse_args().port) as fake:
        print(f"Serving at {fake.url}. Try: chatmodes ask --base-url {fake.url} --model echo 'Hello'\n")
        print("Models:", *SCENARIOS, "sim:accuracy=0.7", "slow:ttft=0.5,tps=50", "say:TEXT", "think:field=tags")
        print("Paths: /chat/completions, /responses, /messages; there also cached:ttft=0.5, which keeps beginnings")
        print("\nFaults (add ,times=1 to fail only once):", *(f"fault:{name}" for name in FAULTS))
        print("\nProviders, with any model name:", *(fake.like(name) for name in DIALECTS))
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("\nStopped.")


if __name__ == "__main__":
    main()
