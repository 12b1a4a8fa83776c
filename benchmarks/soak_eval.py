"""Ten thousand runs of `eval`: what grows, what stays open, and whether each run is in the journal once.

    python benchmarks/soak_eval.py [--runs 10000] [--modes instant] [--concurrency 4]

The real command in a process of its own, over an upstream that answers at once. Told a tenth of the way at a time:
memory, descriptors, threads. A record stays in memory for the report, so memory may grow, by at most 10 KB a run.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.serving import processes

A_RUN = 10.0
"""Kilobytes that a run may leave in memory."""


def main() -> int:
    """Run it; 1 where something grows or is missing."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--modes", default="instant")
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    rows: list[tuple[int, float, int, int]] = []
    with tempfile.TemporaryDirectory() as folder, processes.upstream(0.0, 0, 20) as behind:
        items, journal, report = (Path(folder) / name for name in ("items.jsonl", "journal.jsonl", "report"))
        lines = (json.dumps({"input": f"Question {number}?", "target": "tok"}) for number in range(options.runs))
        items.write_text("\n".join(lines))
        command = [sys.executable, "-m", "chatmodes", "eval", str(items), "--modes", options.modes, "--no-matched"]
        command += ["--concurrency", str(options.concurrency), "--out", str(journal), "--json", "--model", "timed"]
        command += ["--base-url", f"http://127.0.0.1:{behind}/v1"]
        with report.open("wb") as output:
            process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
        family, total = processes.Family(process.pid), options.runs * len(options.modes.split(","))
        while process.poll() is None:
            time.sleep(0.2)
            done = _lines(journal)
            if done >= total * (len(rows) + 1) // 10 and process.poll() is None and done < total:
                rows.append((done, family.resident / 1e6, family.descriptors, family.threads))
                _, memory, files, threads = rows[-1]
                print(f"{done:>8,} runs {memory:7.1f} MB {files:>4} open {threads:>3} threads", flush=True)
        records = [json.loads(line) for line in journal.read_text().splitlines()]
        told = report.read_text(errors="replace")
    once = len({(record["item"], record["arm"]) for record in records}) == len(records) == total
    wrong = sum(bool(record.get("error")) for record in records)
    print(f"exit {process.returncode}, {len(records):,} records of {total:,}, {wrong} errors, each once: {once}")
    if process.returncode:
        print(told[-1000:])
    settled, last = rows[len(rows) // 2 - 1], rows[-1]
    grown = (last[1] - settled[1]) * 1e3 / max(1, last[0] - settled[0])
    print(f"memory a run {grown:.1f} KB (budget {A_RUN:g}), {last[2] - settled[2]:+} descriptors")
    sound = once and not process.returncode and not wrong and grown <= A_RUN and last[2] <= settled[2] + 4
    return 0 if sound else 1


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


if __name__ == "__main__":
    sys.exit(main())
