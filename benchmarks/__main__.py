"""`python -m benchmarks`: the benchmarks that hold budgets, one after the other, as a table.

Each is a program of its own that prints ratios; here their last lines stand together. Bytecode is compiled first, as an
install has it, or compiling would hide what the program itself costs. Run it on a quiet machine.
"""

import argparse
import compileall
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).parent
BUDGETS = (
    ("first_paint.py", ("--runs", "7"), "first paint <= 1.15 x bare, key echoed <= 1.2 x bare"),
    ("startup.py", ("--runs", "5"), "--version <= 4 x python, ask <= 1.1 x a script on the SDK"),
    ("contemplating_wall.py", ("--runs", "1"), "wall <= 1.03 x the critical path"),
    ("transcript_scroll.py", (), "a step at 10,000 messages <= 1.2 x at 10"),
    ("transcript_stream.py", (), ">= 20,000 tokens/s, last tenth <= 1.3 x the first"),
    ("transcript_memory.py", (), "<= 100 MB more for 1,000 messages"),
    ("eight_agents.py", ("--seconds", "5"), "<= 50% of a core, lag p99 <= 50 ms"),
    ("escape_key.py", (), "Escape: said <= 200 ms, connection closed <= 100 ms"),
    ("compare_columns.py", (), "lag p99 <= 50 ms"),
    ("delta_cost.py", (), "<= 20 µs a chunk"),
    (
        "serve_streams.py",
        ("--rate", "4", "--tokens", "40", "--workers", "2"),
        "500 streams on 2 cores: first token and gaps p95 <= 1.1 x bare, <= 200 KB a stream",
    ),
    ("serve_soak.py", ("--seconds", "60"), "1,000 vanished clients leave nothing open, memory and descriptors flat"),
    ("soak_windows.py", ("--prompts", "200", "--windows", "2", "--kill"), "nothing lost, <= 100 MB for 1,000 messages"),
    ("soak_eval.py", ("--runs", "1000"), "each run once, descriptors flat"),
    ("attach_photo.py", (), "loop away <= 50 ms, ready within 1 s"),
    ("store_million.py", (), "search, open, append: p95 <= 50 ms"),
)


def main() -> int:
    """Run those that were named, or all; 1 where one could not be run."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="first_paint, startup, …; all where none is named")
    parser.add_argument("--lines", type=int, default=6, help="how many of each one's last lines are shown")
    args = parser.parse_args()
    for folder in (sysconfig.get_path("purelib"), str(HERE.parent / "chatmodes")):
        compileall.compile_dir(folder, quiet=2, workers=0)
    failed = 0
    for name, options, budget in BUDGETS:
        if args.names and name.removesuffix(".py") not in args.names:
            continue
        done = subprocess.run([sys.executable, str(HERE / name), *options], capture_output=True, text=True, check=False)
        print(f"\n{name}  (budget: {budget})")
        shown = (done.stdout if done.returncode == 0 else done.stderr or done.stdout).splitlines()
        print(*(f"  {line}" for line in shown[-args.lines :]), sep="\n")
        failed += done.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
