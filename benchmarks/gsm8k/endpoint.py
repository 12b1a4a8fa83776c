"""The recorded drafts behind an OpenAI-compatible endpoint, so that `chatmodes eval` itself can be measured on them.

    python -m benchmarks.gsm8k.endpoint DRAFTS --items items.jsonl --port 8765 &
    chatmodes eval items.jsonl --base-url http://127.0.0.1:8765/v1 --model qwen2.5-coder-0.5b-instruct \\
        --modes instant,maj@5,contemplating --concurrency 8

A question's chains are handed out in turn, `--chains` of them, so that a single answer, a vote of five and
Contemplating have the same five. All streams are written at the same speed.
"""

import argparse
import json
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock
from typing import Any

from benchmarks.gsm8k.drafts import Chain, Recorded, load, pieces

PAUSE = 0.002
"""Seconds between two pieces of a stream: 8 tokens each."""


class Player(ThreadingHTTPServer):
    """A server of recorded chains."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, items: list[Recorded], chains: int, logprobs: bool) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.items = {item.input.strip(): item for item in items}
        self.chains, self.logprobs = chains, logprobs
        self._handed: Counter[str] = Counter()
        self._lock = Lock()

    def next_chain(self, question: str, temperature: float) -> Chain | None:
        """The next of a question's chains at the temperature nearest to the one asked for; None for a question that
        was not recorded."""
        item = self.items.get(question.strip())
        if item is None:
            return None
        if not temperature:
            return item.greedy
        nearest = min(item.drafts, key=lambda each: abs(float(each) - temperature))
        with self._lock:
            at = self._handed[question] % self.chains
            self._handed[question] += 1
        return item.drafts[nearest][at]


class _Handler(BaseHTTPRequestHandler):
    server: Player  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        chain = self.server.next_chain(body["messages"][-1]["content"], body.get("temperature", 0.3))
        if chain is None:
            self.send_error(400, "This question was not recorded")
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        try:
            self._stream(chain, logprobs=bool(body.get("logprobs")) and self.server.logprobs)
        except OSError:  # the client has stopped it
            self.close_connection = True

    def _stream(self, chain: Chain, *, logprobs: bool) -> None:
        for text, tokens in pieces(chain):
            told = {"content": [{"token": "", "logprob": chain.logprob}] * tokens} if logprobs else None
            self._send({"choices": [{"index": 0, "delta": {"content": text}, "logprobs": told}]})
            time.sleep(PAUSE)
        finish = "length" if chain.finish == "length" else "stop"
        self._send({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
        self._send({"choices": [], "usage": {"prompt_tokens": 100, "completion_tokens": chain.tokens}})
        self.wfile.write(b"data: [DONE]\n\n")

    def _send(self, event: dict[str, Any]) -> None:
        self.wfile.write(b"data: " + json.dumps(event).encode() + b"\n\n")
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is told."""


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("drafts", type=Path)
    parser.add_argument("--items", type=Path, required=True, help="where to write the items for eval")
    parser.add_argument("--port", type=int, default=8765)
    parser.add_argument("--chains", type=int, default=5)
    parser.add_argument("--limit", type=int, metavar="N", help="the first N items only")
    parser.add_argument("--no-logprobs", action="store_true", help="tell no token probabilities")
    args = parser.parse_args()
    items = load(args.drafts)[: args.limit]
    args.items.write_text("".join(json.dumps({"input": i.input, "target": i.target}) + "\n" for i in items))
    Player(args.port, items, args.chains, not args.no_logprobs).serve_forever()


if __name__ == "__main__":
    main()
