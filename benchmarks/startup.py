"""How long a person waits for the command line: `--version`, and `ask` to the first character of its answer.

    python benchmarks/startup.py [--runs N]

Each figure is a ratio to a yardstick measured in the same run, the two taking turns: an interpreter that does nothing,
and ten lines on the openai SDK that stream the same answer from the same loopback server, which answers at once. The
median of the runs counts. Exit code 1 when a budget is exceeded.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from tests.fake.server import Fake

VERSION_BUDGET = 4.0
ASK_BUDGET = 1.1

SCRIPT = """\
import sys
from openai import OpenAI
client = OpenAI(base_url=sys.argv[1], api_key="none")
stream = client.chat.completions.create(
    model="echo", messages=[{"role": "user", "content": "Hello there"}], stream=True
)
for chunk in stream:
    if chunk.choices and chunk.choices[0].delta.content:
        print(chunk.choices[0].delta.content, end="", flush=True)
"""


def whole(command: list[str], env: dict[str, str]) -> float:
    """Seconds from the start of a process to its end."""
    began = time.perf_counter()
    subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - began


def first_byte(command: list[str], env: dict[str, str]) -> float:
    """Seconds from the start of a process to the first byte on its stdout; what follows is read and must end well."""
    began = time.perf_counter()
    with subprocess.Popen(
        command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        took = time.perf_counter() - began
        rest, complaint = process.communicate(timeout=60)
    if process.returncode != 0 or not (first + rest).startswith(b"Hello there"):
        raise SystemExit(f"{command} failed: {(first + rest)!r} {complaint.decode()}")
    return took


def compare(
    name: str, budget: float, runs: int, measure: Callable[[list[str]], float], ours: list[str], yardstick: list[str]
) -> bool:
    """Print the ratio of the medians, runs taking turns; whether it is within the budget."""
    for command in (ours, yardstick):
        measure(command)  # the disk's cache, bytecode and the database are there for both
    pairs = [(measure(ours), measure(yardstick)) for _ in range(runs)]
    mine, other = (statistics.median(column) for column in zip(*pairs, strict=True))
    fine = mine / other <= budget
    print(
        f"{name}: {mine * 1000:.0f} ms against {other * 1000:.0f} ms, ratio {mine / other:.2f}, "
        f"budget {budget}, {'ok' if fine else 'EXCEEDED'}"
    )
    return fine


def main() -> int:
    parser = argparse.ArgumentParser(description="Start-up times as ratios.")
    parser.add_argument("--runs", type=int, default=11)
    runs: int = parser.parse_args().runs
    chatmodes = [sys.executable, "-m", "chatmodes"]
    with tempfile.TemporaryDirectory() as home, Fake() as fake:
        env = {name: value for name, value in os.environ.items() if not name.endswith(("_API_KEY", "_proxy", "_PROXY"))}
        env |= {"CHATMODES_HOME": home}
        script = Path(home) / "script.py"
        script.write_text(SCRIPT)
        fine = compare(
            "--version",
            VERSION_BUDGET,
            runs,
            lambda command: whole(command, env),
            [*chatmodes, "--version"],
            [sys.executable, "-c", "pass"],
        )
        fine &= compare(
            "ask, first token",
            ASK_BUDGET,
            runs,
            lambda command: first_byte(command, env),
            [*chatmodes, "ask", "--base-url", fake.url, "--model", "echo", "Hello there"],
            [sys.executable, str(script), fake.url],
        )
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
